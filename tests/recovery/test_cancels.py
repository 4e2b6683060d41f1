"""Cancelled around the paid call and tried again: nothing is bought twice, and no answer is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.recovery.cancels import Cancels

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_task_that_is_cancelled_around_the_paid_call_and_tried_again_pays_once(tmp_path: Path) -> None:
    result = Cancels(tmp_path, tasks=4, seed=7).go()
    assert (result.bought_twice, result.answers_lost) == (0, 0)
    assert result.done >= 3
