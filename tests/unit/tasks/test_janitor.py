"""What is old or belongs to nobody goes; what the workflow engine alone knows comes into the rows."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from tests.waiting import wait_until

from auratune.core.errors import TaskConflict, TaskExpired
from auratune.core.film import preview_prefix
from auratune.core.options import FilmFormat, Options
from auratune.core.task import Stage, Status
from auratune.tasks import janitor, task_table

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver

OWNER = "alice"
DAY = 24 * 3600 * 1_000_000


def _age(driver: ServiceDriver, table: str, column: str, microseconds: int) -> None:
    with driver.service._database.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET {column} = {column} - {microseconds}"))


def _in_the_engine(driver: ServiceDriver, statement: str, **values: str) -> None:
    """Change the workflow engine's own table, which has a schema of its own on Postgres."""
    database = driver.service._database
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    with database.engine.begin() as connection:
        connection.execute(sa.text(statement.format(table=table)), values)


def _engine_says(driver: ServiceDriver, outcome: str) -> None:
    _in_the_engine(driver, "UPDATE {table} SET status = :outcome", outcome=outcome)


@pytest.fixture
def lost(driver: ServiceDriver) -> str:
    """A task that waits in the row but that the engine will not run."""
    driver.open(slots=1)
    driver.behaviour.seconds = 20
    driver.submit(seed=1)
    return driver.submit(seed=2)


def test_a_task_that_stopped_the_service_too_often_is_given_up(driver: ServiceDriver, lost: str) -> None:
    _engine_says(driver, "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
    driver.service._janitor.reconcile(timedelta(0))
    task = driver.service.find(lost, OWNER)
    assert (task.status, task.error_code) == (Status.ERROR, "given_up")


def test_what_the_engine_has_lost_is_queued_again(driver: ServiceDriver, lost: str) -> None:
    _in_the_engine(driver, "DELETE FROM {table} WHERE workflow_uuid LIKE :it", it=f"{lost}%")
    driver.service._janitor.reconcile(timedelta(0))
    driver.service.cancel(driver.service.page(OWNER).tasks[-1].task_id, OWNER)
    driver.behaviour.seconds = 0
    assert driver.wait(lost).status is Status.DONE


def test_what_was_claimed_here_but_never_begun_is_queued_again(driver: ServiceDriver, lost: str) -> None:
    claimed = "UPDATE {table} SET status = 'PENDING', executor_id = :me WHERE workflow_uuid LIKE :it"
    _in_the_engine(driver, claimed, me=driver.service._engine._worker_id, it=f"{lost}%")
    for _ in range(2):
        driver.service._janitor.reconcile(timedelta(0))
    driver.service.cancel(driver.service.page(OWNER).tasks[-1].task_id, OWNER)
    driver.behaviour.seconds = 0
    assert driver.wait(lost).status is Status.DONE


def test_tasks_that_wait_or_run_as_they_should_are_left_alone(driver: ServiceDriver, lost: str) -> None:
    driver.service._janitor.reconcile(timedelta(0))
    assert not driver.service.find(lost, OWNER).status.is_final


def test_a_preview_stays_for_slow_viewers_and_goes_later(driver: ServiceDriver) -> None:
    def publish(stage: str) -> None:
        if stage == Stage.RENDER:
            task_id = driver.service.page(OWNER).tasks[0].task_id
            key = f"{preview_prefix(task_id)}/r1/00000.mp4"
            with driver.backend.store().create(key, content_type="video/mp4") as path:
                path.write_bytes(b"a piece")

    driver.behaviour.tell = publish
    old = driver.finished(seed=1)
    _age(driver, "attempts", "modified_at", DAY // 144)
    fresh = driver.finished(seed=2)
    driver.service._janitor.sweep()
    assert ["00000.mp4" in driver.names(task.task_id) for task in (old, fresh)] == [False, True]
    assert driver.service.film_key(old.task_id, OWNER, "film")


def test_a_film_is_removed_after_its_time_and_its_owner_is_told_so(driver: ServiceDriver) -> None:
    driver.open(retain_days=7)
    task = driver.finished()
    driver.service._janitor.sweep()
    assert driver.service.film_key(task.task_id, OWNER, "film")
    _age(driver, "attempts", "modified_at", 8 * DAY)
    driver.service._janitor.sweep()
    with pytest.raises(TaskExpired):
        driver.service.film_key(task.task_id, OWNER, "film")
    with pytest.raises(TaskExpired):
        driver.service.retry(task.task_id, OWNER, music="suno")
    assert driver.service.page(OWNER).total_count == 0
    assert driver.files() == set()
    assert driver.service.find(task.task_id, OWNER).title == "Low Sun"
    _age(driver, "attempts", "modified_at", 60 * DAY)
    driver.service._janitor.sweep()
    assert driver.service.events_after(0, task_id=task.task_id) == ()


def test_without_a_retention_rule_films_stay(driver: ServiceDriver) -> None:
    task = driver.finished()
    _age(driver, "attempts", "modified_at", 4000 * DAY)
    driver.service._janitor.sweep()
    assert driver.service.film_key(task.task_id, OWNER, "film")


def test_a_remake_has_a_song_of_its_own_when_the_first_film_is_removed(driver: ServiceDriver) -> None:
    driver.open(retain_days=7)
    first = driver.finished()
    _age(driver, "attempts", "modified_at", 8 * DAY)
    remade = driver.wait(
        driver.service.remake(first.task_id, OWNER, Options(format=FilmFormat(length_seconds=6))).task_id
    )
    driver.service._janitor.sweep()
    assert driver.names(first.task_id) == set()
    again = driver.service.remake(remade.task_id, OWNER, Options(format=FilmFormat(length_seconds=6)))
    assert driver.wait(again.task_id).status is Status.DONE


def test_files_that_belong_to_no_task_go_after_an_hour_and_all_others_stay(driver: ServiceDriver) -> None:
    task = driver.finished()
    before = driver.files()
    with driver.backend.store().create("tasks/nobody/1/run/film.mp4", content_type="video/mp4") as path:
        path.write_bytes(b"x")
    driver.service._janitor.sweep()
    assert driver.files() == before | {"tasks/nobody/1/run/film.mp4"}
    driver.service._janitor._remove_orphans(task_table.now() + timedelta(hours=1))
    assert driver.files() == before
    driver.service.delete(task.task_id, OWNER)
    assert driver.files() == set()


def test_small_steps_are_forgotten_after_an_hour_and_milestones_stay(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 0.6
    task = driver.finished()
    count = len(driver.service.events_after(0, task_id=task.task_id))
    driver.service._janitor.sweep()
    assert len(driver.service.events_after(0, task_id=task.task_id)) == count
    _age(driver, "task_events", "at", DAY)
    driver.service._janitor.sweep()
    left = driver.service.events_after(0, task_id=task.task_id)
    assert [event.stage for event in left] == list(Stage)
    assert count > len(left)


def test_numbers_of_forgotten_events_are_not_given_again(driver: ServiceDriver) -> None:
    first = driver.finished(seed=1)
    last = driver.service.events_after(0)[-1].sequence
    driver.service.delete(first.task_id, OWNER)
    driver.finished(seed=2)
    assert driver.service.events_after(0)[0].sequence > last


def test_the_engine_forgets_finished_workflows_and_the_film_stays(driver: ServiceDriver) -> None:
    task = driver.finished()
    # A film is told to be done a moment before the engine has written down that its work has ended.
    wait_until(lambda: driver.service._engine.ended_before(time.time(), 10), "the engine has noted the end")
    _in_the_engine(driver, "UPDATE {table} SET completed_at = completed_at - 200000000")
    driver.service._janitor.sweep()
    assert driver.service._engine.ended_before(time.time(), 10) == []
    driver.service._janitor.reconcile(timedelta(0))
    assert driver.service.find(task.task_id, OWNER).status is Status.DONE


def test_an_idempotency_key_is_free_again_after_a_day(driver: ServiceDriver) -> None:
    first = driver.submit(seed=1, idempotency_key="k")
    _age(driver, "idempotency_keys", "at", DAY)
    driver.service._janitor.sweep()
    assert driver.submit(seed=2, idempotency_key="k") != first


def test_trouble_in_the_janitor_does_not_end_it(driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor, "_BETWEEN_LOOKS_SECONDS", 0.01)
    service = driver.open()
    seen: list[str] = []

    def trouble() -> None:
        seen.append("round")
        raise TaskConflict("something odd")

    monkeypatch.setattr(service._janitor, "reconcile", trouble)
    wait_until(lambda: len(seen) >= 3, "the janitor has gone on after the trouble")
