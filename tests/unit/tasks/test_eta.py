"""The time left is learnt from the last films, and falls while a vendor works."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from auratune.core.task import Stage, Status
from auratune.tasks import results
from auratune.tasks.database import Database
from auratune.tasks.eta import left_of_stage

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver


def test_without_a_fraction_experience_counts() -> None:
    assert left_of_stage(20.0, 5.0, 0.0) == 15.0
    assert left_of_stage(20.0, 50.0, 0.0) == 0.0


def test_the_further_a_stage_is_the_more_its_own_pace_counts() -> None:
    assert left_of_stage(20.0, 10.0, 0.5) == pytest.approx(10.0)
    four_times_slower = {fraction: left_of_stage(20.0, 80.0 * fraction, fraction) for fraction in (0.25, 0.5, 0.9)}
    assert four_times_slower == pytest.approx({0.25: 3.75, 0.5: 10.0, 0.9: 6.48})


@pytest.mark.parametrize("fraction", [0.0, 0.05, 0.3, 0.6, 0.95])
def test_what_is_left_falls_while_a_fraction_stays(fraction: float) -> None:
    told = [left_of_stage(30.0, elapsed, fraction) for elapsed in range(1, 30)]
    assert all(later < earlier for earlier, later in pairwise(told))


def test_films_made_by_any_process_are_learnt_from(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    driver.open()
    database = Database(driver.folder, driver.backend.database_url)

    def remember(connection: object) -> None:
        for number in range(3):
            for stage in results.ORDERED:
                results.keep(connection, f"other-{number}", 1, stage, stage.value, 100.0 + number)  # type: ignore[arg-type]

    database.write(remember)
    database.close()
    task_id = driver.submit()
    running = driver.wait(task_id, until=lambda task: task.status is Status.GENERATING)
    assert running.stage is Stage.ANALYZE
    assert running.eta_seconds == pytest.approx(101.0 * len(results.ORDERED), rel=0.25)
    driver.service.cancel(task_id, running.owner)
