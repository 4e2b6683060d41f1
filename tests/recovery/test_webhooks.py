"""Whoever asked to be told how a film ended is told, whatever happens on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.recovery.webhooks import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_flaky_receivers_are_all_told_across_two_kills_with_one_id_and_valid_signatures(tmp_path: Path) -> None:
    result = run(tmp_path / "data", receivers=6, seed=3)
    assert result.is_good, result.table()
    assert result.posts > result.receivers
