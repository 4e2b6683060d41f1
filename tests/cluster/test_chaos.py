"""Workers are killed and paused, and the database restarts: every film is made, and none is paid for twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.cluster.chaos import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_cluster_survives_kills_a_pause_and_a_restart_of_its_database(tmp_path: Path) -> None:
    outcome = run(tmp_path, tasks=10, kills=2, pauses=1, pause_seconds=8.0)
    assert outcome.tasks == 10
    assert outcome.is_good, outcome.table()
    assert outcome.first_cuts > 0
