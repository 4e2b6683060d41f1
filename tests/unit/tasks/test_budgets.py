"""No vendor is asked more often, or for more at the same time, than it allows, by however many callers at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from tests.backends import BACKENDS, new_database

from auratune.core.ports import Lease
from auratune.tasks.budgets import SharedBudget
from auratune.tasks.database import Database
from auratune.tasks.schema.upgrade import upgrade


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(tmp_path: Path, clock: Clock) -> Iterator[SharedBudget]:
    with closing(Database(tmp_path)) as database:
        upgrade(database)
        yield SharedBudget(database, clock=clock)


@pytest.mark.parametrize("per_minute", [1, 2, 7, 55, 90])
def test_no_minute_sees_more_calls_than_allowed_and_a_busy_one_sees_nearly_all(
    budget: SharedBudget, clock: Clock, per_minute: int
) -> None:
    granted: list[float] = []
    while clock.now < 1_000_000 + 200:
        wait = budget.take("suno", per_minute)
        if wait == 0.0:
            granted.append(clock.now)
        else:
            clock.now += wait
    windows = [sum(1 for at in granted if start <= at < start + 60) for start in granted]
    assert max(windows) <= per_minute
    assert windows[0] >= per_minute - 1


def test_a_burst_after_a_pause_is_granted_at_once_up_to_a_tenth(budget: SharedBudget, clock: Clock) -> None:
    clock.now += 1000
    at_once = 0
    while budget.take("suno", 90) == 0.0:
        at_once += 1
    assert at_once == 10


def test_the_wait_it_names_is_long_enough(budget: SharedBudget, clock: Clock) -> None:
    while (wait := budget.take("suno", 55)) == 0.0:
        pass
    clock.now += wait
    assert budget.take("suno", 55) == 0.0


def test_names_have_allowances_of_their_own(budget: SharedBudget) -> None:
    assert budget.take("suno:generate", 1) == 0.0
    assert budget.take("suno:generate", 1) > 0.0
    assert budget.take("suno:clips", 1) == 0.0


@pytest.mark.parametrize("name", BACKENDS)
def test_callers_share_one_allowance_from_the_first_call_on(tmp_path: Path, clock: Clock, name: str) -> None:
    url = new_database() if name == "cluster" else None
    at_once = threading.Barrier(8)

    def take(vendor: str) -> float:
        at_once.wait()
        return budget.take(vendor, 60)

    def lease(vendor: str) -> Lease | None:
        at_once.wait()
        return budget.lease(f"{vendor}.songs", 2, 60.0)

    with closing(Database(tmp_path, url)) as database, ThreadPoolExecutor(8) as pool:
        upgrade(database)
        budget = SharedBudget(database, clock=clock)
        for vendor in ("claude", "suno", "lyria", "elevenlabs"):
            assert list(pool.map(take, [vendor] * 8)).count(0.0) == 7
            assert list(pool.map(lease, [vendor] * 8)).count(None) == 6


def test_a_clock_that_was_set_back_does_not_stop_the_calls_for_long(budget: SharedBudget, clock: Clock) -> None:
    budget.take("suno", 1)
    clock.now -= 86_400
    assert budget.take("suno", 1) == 0.0


def test_the_allowance_outlives_the_process(tmp_path: Path, budget: SharedBudget, clock: Clock) -> None:
    assert budget.take("suno", 1) == 0.0
    with closing(Database(tmp_path)) as database:
        assert SharedBudget(database, clock=clock).take("suno", 1) > 0.0


def test_leases_are_free_again_when_they_are_released(budget: SharedBudget) -> None:
    first, second = budget.lease("songs", 2, 60.0), budget.lease("songs", 2, 60.0)
    assert first
    assert second
    assert budget.lease("songs", 2, 60.0) is None
    assert budget.lease("other songs", 2, 60.0)
    budget.release(first)
    again = budget.lease("songs", 2, 60.0)
    assert again
    assert again.name == first.name
    assert budget.lease("songs", 2, 60.0) is None


def test_a_lease_whose_holder_died_is_free_after_its_time_and_not_the_former_holder_s_to_release(
    budget: SharedBudget, clock: Clock
) -> None:
    former = budget.lease("songs", 1, 60.0)
    assert former
    clock.now += 59.0
    assert budget.lease("songs", 1, 60.0) is None
    clock.now += 1.0
    assert budget.lease("songs", 1, 60.0)
    budget.release(former)
    assert budget.lease("songs", 1, 60.0) is None


def test_a_lease_is_free_after_the_clock_was_set_back(budget: SharedBudget, clock: Clock) -> None:
    budget.lease("songs", 1, 60.0)
    clock.now -= 86_400
    assert budget.lease("songs", 1, 60.0)
