"""What is old or belongs to nobody goes; what the workflow engine alone knows comes into the rows."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from dbos import DBOS
from tests.waiting import wait_until

from auratune.core.errors import TaskConflict, TaskExpired
from auratune.core.options import FilmFormat, Options
from auratune.core.task import Stage, Status
from auratune.tasks import janitor

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import House

OWNER = "alice"
DAY = 24 * 3600 * 1_000_000


def _age(house: House, table: str, column: str, microseconds: int) -> None:
    with house.desk._database.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET {column} = {column} - {microseconds}"))


def _engine_says(house: House, outcome: str) -> None:
    with house.desk._database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE workflow_status SET status = :outcome"), {"outcome": outcome})


@pytest.fixture
def lost(house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """A task that waits in the row but that the engine will not run."""
    monkeypatch.setattr(janitor, "_QUIET_FOR", timedelta(0))
    house.open(slots=1)
    house.play.seconds = 20
    house.submit(seed=1)
    return house.submit(seed=2)


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        ("MAX_RECOVERY_ATTEMPTS_EXCEEDED", Status.ERROR, "given_up"),
        ("ERROR", Status.ERROR, "work_lost"),
        ("CANCELLED", Status.CANCELLED, ""),
    ],
)
def test_what_only_the_engine_knows_reaches_the_owner(
    house: House, lost: str, outcome: str, status: Status, code: str
) -> None:
    _engine_says(house, outcome)
    house.desk._keeper.agree()
    task = house.desk.find(lost, OWNER)
    assert (task.status, task.error_code) == (status, code)


def test_a_workflow_that_vanished_is_an_error_that_can_be_tried_again(house: House, lost: str) -> None:
    DBOS.delete_workflow(lost)
    house.desk._keeper.agree()
    assert house.desk.find(lost, OWNER).error_code == "work_lost"
    house.play.seconds = 0
    house.desk.retry(lost, OWNER)
    assert house.wait(lost).status is Status.DONE


def test_tasks_that_wait_or_run_as_they_should_are_left_alone(house: House, lost: str) -> None:
    house.desk._keeper.agree()
    assert not house.desk.find(lost, OWNER).status.is_final


def test_a_film_is_removed_after_its_time_and_its_owner_is_told_so(house: House) -> None:
    house.open(retain_days=7)
    task = house.finished()
    house.desk._keeper.sweep()
    assert house.desk.film_key(task.task_id, OWNER, "film")
    _age(house, "tasks", "modified_at", 8 * DAY)
    house.desk._keeper.sweep()
    with pytest.raises(TaskExpired):
        house.desk.film_key(task.task_id, OWNER, "film")
    with pytest.raises(TaskExpired):
        house.desk.retry(task.task_id, OWNER, music="suno")
    assert house.desk.page(OWNER).total_count == 0
    assert house.files() == set()
    assert house.desk.find(task.task_id, OWNER).title == "Low Sun"
    _age(house, "tasks", "modified_at", 60 * DAY)
    house.desk._keeper.sweep()
    assert house.desk.events_after(0, task_id=task.task_id) == ()


def test_without_a_retention_rule_films_stay(house: House) -> None:
    task = house.finished()
    _age(house, "tasks", "modified_at", 4000 * DAY)
    house.desk._keeper.sweep()
    assert house.desk.film_key(task.task_id, OWNER, "film")


def test_a_remake_keeps_the_song_when_the_first_film_is_removed(house: House) -> None:
    house.open(retain_days=7)
    first = house.finished()
    _age(house, "tasks", "modified_at", 8 * DAY)
    remade = house.wait(house.desk.remake(first.task_id, OWNER, Options(format=FilmFormat(length_seconds=6))).task_id)
    house.desk._keeper.sweep()
    assert f"music/{first.task_id}.mp3" in house.files()
    assert f"output/{first.task_id}.mp4" not in house.files()
    again = house.desk.remake(remade.task_id, OWNER, Options(format=FilmFormat(length_seconds=6)))
    assert house.wait(again.task_id).status is Status.DONE


def test_files_that_belong_to_no_task_go_and_all_others_stay(house: House) -> None:
    task = house.finished()
    before = house.files()
    old = time.time() - 7200
    paid_answer = house.folder / "music" / f"{task.task_id}.claude.json"
    orphan, fresh = house.folder / "output/nobody.mp4", house.folder / "output/just-now.mp4"
    for path in (paid_answer, orphan, fresh):
        path.write_bytes(b"x")
    for path in house.folder.rglob("*"):
        if path.is_file() and path != fresh:
            os.utime(path, (old, old))
    house.desk._keeper.sweep()
    assert house.files() == before | {f"music/{paid_answer.name}", "output/just-now.mp4"}
    house.desk.delete(task.task_id, OWNER)
    assert house.files() == {"output/just-now.mp4"}


def test_small_steps_are_forgotten_after_an_hour_and_milestones_stay(house: House) -> None:
    house.play.seconds = 0.6
    task = house.finished()
    count = len(house.desk.events_after(0, task_id=task.task_id))
    house.desk._keeper.sweep()
    assert len(house.desk.events_after(0, task_id=task.task_id)) == count
    _age(house, "task_events", "at", DAY)
    house.desk._keeper.sweep()
    left = house.desk.events_after(0, task_id=task.task_id)
    assert [event.stage for event in left] == list(Stage)
    assert count > len(left)


def test_numbers_of_forgotten_events_are_not_given_again(house: House) -> None:
    first = house.finished(seed=1)
    last = house.desk.events_after(0)[-1].sequence
    house.desk.delete(first.task_id, OWNER)
    house.finished(seed=2)
    assert house.desk.events_after(0)[0].sequence > last


def test_the_engine_forgets_finished_workflows_and_the_film_stays(house: House) -> None:
    task = house.finished()
    with house.desk._database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE workflow_status SET completed_at = completed_at - 200000000"))
    house.desk._keeper.sweep()
    assert house.desk._engine.outcomes([task.task_id]) == {}
    house.desk._keeper.agree()
    assert house.desk.find(task.task_id, OWNER).status is Status.DONE


def test_an_idempotency_key_is_free_again_after_a_day(house: House) -> None:
    first = house.submit(seed=1, idempotency_key="k")
    _age(house, "idempotency_keys", "at", DAY)
    house.desk._keeper.sweep()
    assert house.submit(seed=2, idempotency_key="k") != first


def test_trouble_in_the_keeper_does_not_end_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor, "_ROUND_SECONDS", 0.01)
    desk = house.open()
    seen: list[str] = []

    def trouble() -> None:
        seen.append("round")
        raise TaskConflict("something odd")

    monkeypatch.setattr(desk._keeper, "agree", trouble)
    wait_until(lambda: len(seen) >= 3, "the janitor has gone on after the trouble")
