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
    from tests.unit.tasks.conftest import House

OWNER = "alice"
DAY = 24 * 3600 * 1_000_000


def _age(house: House, table: str, column: str, microseconds: int) -> None:
    with house.service._database.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET {column} = {column} - {microseconds}"))


def _in_the_engine(house: House, statement: str, **values: str) -> None:
    """Change the workflow engine's own table, which has a schema of its own on Postgres."""
    database = house.service._database
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    with database.engine.begin() as connection:
        connection.execute(sa.text(statement.format(table=table)), values)


def _engine_says(house: House, outcome: str) -> None:
    _in_the_engine(house, "UPDATE {table} SET status = :outcome", outcome=outcome)


@pytest.fixture
def lost(house: House) -> str:
    """A task that waits in the row but that the engine will not run."""
    house.open(slots=1)
    house.play.seconds = 20
    house.submit(seed=1)
    return house.submit(seed=2)


def test_a_task_that_stopped_the_service_too_often_is_given_up(house: House, lost: str) -> None:
    _engine_says(house, "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
    house.service._janitor.reconcile(timedelta(0))
    task = house.service.find(lost, OWNER)
    assert (task.status, task.error_code) == (Status.ERROR, "given_up")


def test_what_the_engine_has_lost_is_queued_again(house: House, lost: str) -> None:
    _in_the_engine(house, "DELETE FROM {table} WHERE workflow_uuid LIKE :it", it=f"{lost}%")
    house.service._janitor.reconcile(timedelta(0))
    house.play.seconds = 0
    house.service.cancel(house.service.page(OWNER).tasks[-1].task_id, OWNER)
    assert house.wait(lost).status is Status.DONE


def test_what_was_claimed_here_but_never_begun_is_queued_again(house: House, lost: str) -> None:
    claimed = "UPDATE {table} SET status = 'PENDING', executor_id = :me WHERE workflow_uuid LIKE :it"
    _in_the_engine(house, claimed, me=house.service._engine._worker_id, it=f"{lost}%")
    for _ in range(2):
        house.service._janitor.reconcile(timedelta(0))
    house.play.seconds = 0
    house.service.cancel(house.service.page(OWNER).tasks[-1].task_id, OWNER)
    assert house.wait(lost).status is Status.DONE


def test_tasks_that_wait_or_run_as_they_should_are_left_alone(house: House, lost: str) -> None:
    house.service._janitor.reconcile(timedelta(0))
    assert not house.service.find(lost, OWNER).status.is_final


def test_a_preview_stays_for_slow_viewers_and_goes_later(house: House) -> None:
    def publish(stage: str) -> None:
        if stage == Stage.RENDER:
            task_id = house.service.page(OWNER).tasks[0].task_id
            key = f"{preview_prefix(task_id)}/r1/00000.mp4"
            with house.backend.store().create(key, content_type="video/mp4") as path:
                path.write_bytes(b"a piece")

    house.play.tell = publish
    old = house.finished(seed=1)
    _age(house, "attempts", "modified_at", DAY // 144)
    fresh = house.finished(seed=2)
    house.service._janitor.sweep()
    assert ["00000.mp4" in house.names(task.task_id) for task in (old, fresh)] == [False, True]
    assert house.service.film_key(old.task_id, OWNER, "film")


def test_a_film_is_removed_after_its_time_and_its_owner_is_told_so(house: House) -> None:
    house.open(retain_days=7)
    task = house.finished()
    house.service._janitor.sweep()
    assert house.service.film_key(task.task_id, OWNER, "film")
    _age(house, "attempts", "modified_at", 8 * DAY)
    house.service._janitor.sweep()
    with pytest.raises(TaskExpired):
        house.service.film_key(task.task_id, OWNER, "film")
    with pytest.raises(TaskExpired):
        house.service.retry(task.task_id, OWNER, music="suno")
    assert house.service.page(OWNER).total_count == 0
    assert house.files() == set()
    assert house.service.find(task.task_id, OWNER).title == "Low Sun"
    _age(house, "attempts", "modified_at", 60 * DAY)
    house.service._janitor.sweep()
    assert house.service.events_after(0, task_id=task.task_id) == ()


def test_without_a_retention_rule_films_stay(house: House) -> None:
    task = house.finished()
    _age(house, "attempts", "modified_at", 4000 * DAY)
    house.service._janitor.sweep()
    assert house.service.film_key(task.task_id, OWNER, "film")


def test_a_remake_has_a_song_of_its_own_when_the_first_film_is_removed(house: House) -> None:
    house.open(retain_days=7)
    first = house.finished()
    _age(house, "attempts", "modified_at", 8 * DAY)
    remade = house.wait(
        house.service.remake(first.task_id, OWNER, Options(format=FilmFormat(length_seconds=6))).task_id
    )
    house.service._janitor.sweep()
    assert house.names(first.task_id) == set()
    again = house.service.remake(remade.task_id, OWNER, Options(format=FilmFormat(length_seconds=6)))
    assert house.wait(again.task_id).status is Status.DONE


def test_files_that_belong_to_no_task_go_after_an_hour_and_all_others_stay(house: House) -> None:
    task = house.finished()
    before = house.files()
    with house.backend.store().create("tasks/nobody/1/run/film.mp4", content_type="video/mp4") as path:
        path.write_bytes(b"x")
    house.service._janitor.sweep()
    assert house.files() == before | {"tasks/nobody/1/run/film.mp4"}
    house.service._janitor._remove_orphans(task_table.now() + timedelta(hours=1))
    assert house.files() == before
    house.service.delete(task.task_id, OWNER)
    assert house.files() == set()


def test_small_steps_are_forgotten_after_an_hour_and_milestones_stay(house: House) -> None:
    house.play.seconds = 0.6
    task = house.finished()
    count = len(house.service.events_after(0, task_id=task.task_id))
    house.service._janitor.sweep()
    assert len(house.service.events_after(0, task_id=task.task_id)) == count
    _age(house, "task_events", "at", DAY)
    house.service._janitor.sweep()
    left = house.service.events_after(0, task_id=task.task_id)
    assert [event.stage for event in left] == list(Stage)
    assert count > len(left)


def test_numbers_of_forgotten_events_are_not_given_again(house: House) -> None:
    first = house.finished(seed=1)
    last = house.service.events_after(0)[-1].sequence
    house.service.delete(first.task_id, OWNER)
    house.finished(seed=2)
    assert house.service.events_after(0)[0].sequence > last


def test_the_engine_forgets_finished_workflows_and_the_film_stays(house: House) -> None:
    task = house.finished()
    _in_the_engine(house, "UPDATE {table} SET completed_at = completed_at - 200000000")
    house.service._janitor.sweep()
    assert house.service._engine.ended_before(time.time(), 10) == []
    house.service._janitor.reconcile(timedelta(0))
    assert house.service.find(task.task_id, OWNER).status is Status.DONE


def test_an_idempotency_key_is_free_again_after_a_day(house: House) -> None:
    first = house.submit(seed=1, idempotency_key="k")
    _age(house, "idempotency_keys", "at", DAY)
    house.service._janitor.sweep()
    assert house.submit(seed=2, idempotency_key="k") != first


def test_trouble_in_the_janitor_does_not_end_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor, "_BETWEEN_LOOKS_SECONDS", 0.01)
    service = house.open()
    seen: list[str] = []

    def trouble() -> None:
        seen.append("round")
        raise TaskConflict("something odd")

    monkeypatch.setattr(service._janitor, "reconcile", trouble)
    wait_until(lambda: len(seen) >= 3, "the janitor has gone on after the trouble")
