"""A disk that fills and empties, a database that goes away: what waits goes on by itself, nothing waits for ever."""

from __future__ import annotations

import errno
import logging
import sqlite3
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from tests.recovery.quick_providers import Behaviour
from tests.waiting import wait_until

from auratune.core.errors import DiskFull, ServiceBusy
from auratune.core.options import Options
from auratune.core.task import Stage, Status
from auratune.tasks import attempts, run, service
from auratune.tasks.database import Database
from auratune.tasks.stage_policies import NO_ROOM, STAGE_POLICIES, WAITING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.tasks.conftest import ServiceDriver


def no_room() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


def begin_again(driver: ServiceDriver, task_id: str, stage: Stage) -> None:
    """Look after the tasks, as the janitor does every few seconds, until the stage has begun once more."""
    # Nobody else looks, and nobody once the attempt is queued: what is queued twice may begin twice.
    janitor = driver.service._janitor
    janitor.close()
    calls, workflow_id = driver.behaviour.count(stage), driver.workflow_id(task_id)

    def queued() -> bool:
        janitor.reconcile(timedelta(0))
        return driver.workflow_id(task_id) != workflow_id

    wait_until(queued, "the attempt is queued again")
    driver.wait_for_stage(stage, times=calls + 1)


@pytest.mark.parametrize("stage", [Stage.ANALYZE, Stage.RENDER])
def test_a_film_that_finds_the_disk_full_goes_on_by_itself_when_there_is_room(
    driver: ServiceDriver, stage: Stage
) -> None:
    driver.behaviour.failures[stage] = [no_room(), no_room()]
    task_id = driver.submit()
    for _ in range(2):
        task = driver.wait(task_id, until=lambda task: task.message == NO_ROOM)
        assert (task.status.is_final, task.error_code) == (False, "")
        begin_again(driver, task_id, stage)
    assert driver.wait(task_id).status is Status.DONE
    assert driver.behaviour.count(Stage.ANALYZE) == (3 if stage is Stage.ANALYZE else 1)


def test_waiting_for_room_never_makes_a_film_be_given_up(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.WRITE] = [no_room() for _ in range(25)]
    task_id = driver.submit()
    for _ in range(25):
        driver.wait(task_id, until=lambda task: task.message == NO_ROOM)
        begin_again(driver, task_id, Stage.WRITE)
    assert driver.wait(task_id).status is Status.DONE


@pytest.mark.parametrize("first_cut", [None, Behaviour()])
def test_a_film_whose_database_does_not_answer_for_a_while_goes_on_by_itself_with_the_song_that_was_paid_for(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch, first_cut: Behaviour | None
) -> None:
    monkeypatch.setattr(run, "wait_before", lambda attempt, asked_seconds: 0.0)
    gone = ServiceBusy("The database does not answer; try again.", code="database_busy")
    driver.behaviour.failures[Stage.RENDER] = [gone] * STAGE_POLICIES[Stage.RENDER].attempts
    driver.behaviour.first_cut = first_cut
    task_id = driver.submit(options=Options(music="suno"))
    driver.wait(task_id, until=lambda task: task.message == WAITING and driver.behaviour.count(Stage.RENDER))
    begin_again(driver, task_id, Stage.RENDER)
    done = driver.wait(task_id)
    assert (done.status, done.music_by, done.notices) == (Status.DONE, "suno", ())
    assert [call.vendor for call in done.receipt] == ["suno"]


def test_nothing_is_tried_again_while_there_is_no_room(driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.behaviour.failures[Stage.RENDER] = [no_room()]
    task_id = driver.submit()
    driver.wait(task_id, until=lambda task: task.message == NO_ROOM)
    monkeypatch.setattr(driver.service._janitor, "_has_room", lambda: False)
    queued: list[str] = []
    monkeypatch.setattr(driver.service._engine, "enqueue", lambda *_: queued.append("again"))
    driver.service._janitor.reconcile(timedelta(0))
    assert queued == []
    assert driver.service.cancel(task_id, "alice").status is Status.CANCELLED


def test_a_film_that_is_stopped_while_it_finds_the_disk_full_can_be_tried_again(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.RENDER] = [no_room()]
    go_on = driver.deaf(Stage.RENDER)
    task_id = driver.submit()
    driver.wait_for_stage(Stage.RENDER)
    driver.service.cancel(task_id, "alice")
    go_on.set()
    driver.wait_for_run(task_id)
    driver.service.retry(task_id, "alice")
    assert driver.wait(task_id).status is Status.DONE


def test_a_film_that_is_removed_while_it_finds_the_disk_full_leaves_nothing(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_INTERRUPT_SECONDS", 0.0)
    driver.behaviour.failures[Stage.RENDER] = [no_room()]
    go_on = driver.deaf(Stage.RENDER)
    task_id = driver.submit()
    driver.wait_for_stage(Stage.RENDER)
    driver.service.delete(task_id, "alice")
    with driver.backend.store().create(f"tasks/{task_id}/1/run/late.mp3", content_type="audio/mpeg") as path:
        path.write_bytes(b"what a run wrote before it heard")
    go_on.set()
    driver.wait_for_run(task_id)
    assert driver.files() == set()


def test_a_delete_makes_room_for_itself(driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = driver.finished().task_id
    real = attempts.remove

    def full_while_there_are_files(connection: sa.Connection, task_id: str) -> None:
        if driver.names(task_id):
            raise DiskFull("There is no room for the database.")
        real(connection, task_id)

    monkeypatch.setattr(attempts, "remove", full_while_there_are_files)
    driver.service.delete(task_id, "alice")
    assert driver.service.page("alice").total_count == 0


def test_a_delete_of_a_film_that_is_not_done_makes_room_too(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.behaviour.failures[Stage.RENDER] = [no_room()]
    task_id = driver.submit()
    driver.wait(task_id, until=lambda task: task.message == NO_ROOM)
    real = attempts.cancel

    def full_while_there_are_files(connection: sa.Connection, task_id: str, *, keep_sources: bool) -> Status | None:
        if driver.names(task_id):
            raise DiskFull("There is no room for the database.")
        return real(connection, task_id, keep_sources=keep_sources)

    monkeypatch.setattr(attempts, "cancel", full_while_there_are_files)
    driver.service.delete(task_id, "alice")
    assert driver.service.page("alice").total_count == 0


def test_the_reserve_is_given_up_when_the_database_finds_the_disk_full(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.keep_reserve()
    kept = (tmp_path / "disk-reserve").stat().st_size
    limit = {"pages": 8}

    @sa.event.listens_for(database.engine, "begin")
    def limit_pages(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit['pages']}")

    database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE films (words TEXT)"))

    def fill(connection: sa.Connection) -> None:
        # Room that is given up is what the second try finds.
        limit["pages"] = 8 if (tmp_path / "disk-reserve").stat().st_size == kept else 1000
        connection.exec_driver_sql("INSERT INTO films VALUES (?)", ("x" * 100_000,))

    database.write(fill)
    assert 0 < (tmp_path / "disk-reserve").stat().st_size < kept  # the rest is for whoever comes next
    limit["pages"] = 8
    with pytest.raises(DiskFull) as caught:
        database.write(lambda it: it.exec_driver_sql("INSERT INTO films VALUES (?)", ("x" * 1_000_000,)))
    assert (caught.value.code, caught.value.retryable) == ("disk_full", True)
    database.close()


def test_the_engine_tells_a_full_disk_in_one_line(caplog: pytest.LogCaptureFixture, driver: ServiceDriver) -> None:
    full = sa.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))
    logging.getLogger("dbos").error("Exception encountered in background workflow:", exc_info=full)
    logging.getLogger("dbos").error("Exception encountered in background workflow:", exc_info=ValueError("else"))
    # Threads of a service that was closed before may still log.
    (told, other) = (record for record in caplog.records if record.thread == threading.get_ident())
    assert (told.levelname, told.getMessage(), told.exc_info) == (
        "WARNING",
        "The disk is full: the engine could not note a step",
        None,
    )
    assert other.exc_info is not None
