"""A process that is killed around its paid calls pays once and still has its song.

The long version: `python -m tests.simulators.kills --runs 100`.
"""

from __future__ import annotations

import pytest
from tests.simulators.kills import rounds


@pytest.mark.slow
def test_killed_around_paid_calls_a_task_is_finished_and_paid_for_once() -> None:
    tally = rounds(3, seed=5)
    assert tally.done == tally.runs == 3
    assert tally.paid_twice == 0
    assert sum(tally.kills.values()) >= 2
