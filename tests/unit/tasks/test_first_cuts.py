"""A first cut can be watched while a vendor's song is waited for; the film replaces it, or it is kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from tests.recovery.quick_providers import Behaviour
from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.core.errors import ProviderRefused, RenderError, TaskConflict, TaskNotFound
from auratune.core.options import FilmFormat, Options
from auratune.core.task import Stage, Status

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver

OWNER = "alice"
BY_SUNO = Options(music="suno")
NOIR = Options(style="noir", format=FilmFormat(length_seconds=6.0))


def _film(driver: ServiceDriver, task_id: str) -> bytes:
    with driver.backend.store().fetch(driver.service.film_key(task_id, OWNER, "film")) as path:
        return path.read_bytes()


def _with_first_cut(driver: ServiceDriver, *, until: Stage = Stage.COMPOSE) -> tuple[str, threading.Event]:
    """A task that waits for its song, or for a later stage, with its first cut in sight; and what lets it go on."""
    go_on = threading.Event()
    driver.behaviour.first_cut = Behaviour()
    driver.behaviour.held[until] = go_on
    task_id = driver.submit(options=BY_SUNO)
    driver.wait(task_id, until=lambda task: task.first_cut)
    # The first cut is drawn beside the song and may be there sooner than the order for it.
    wait_until(lambda: driver.behaviour.count(until), f"{until} has begun")
    return task_id, go_on


def _drawing_its_first_cut(driver: ServiceDriver) -> tuple[str, threading.Event]:
    """A task that waits for its song while its first cut is drawn, which never ends; and what lets the song come."""
    driver.behaviour.first_cut = Behaviour(held={Stage.RENDER: threading.Event()})
    driver.behaviour.held[Stage.COMPOSE] = go_on = threading.Event()
    task_id = driver.submit(options=BY_SUNO)
    behaviours = ((driver.behaviour, Stage.COMPOSE), (driver.behaviour.first_cut, Stage.RENDER))
    for behaviour, stage in behaviours:
        wait_until(lambda behaviour=behaviour, stage=stage: behaviour.count(stage), f"{stage} has begun")
    return task_id, go_on


def _ended(driver: ServiceDriver) -> str:
    wait_until(lambda: driver.outcomes, "the outcome is told")
    return driver.outcomes[-1]


def test_a_first_cut_can_be_watched_until_the_film_with_the_ordered_song_replaces_it(driver: ServiceDriver) -> None:
    task_id, go_on = _with_first_cut(driver)
    waiting = driver.service.find(task_id, OWNER)
    assert (waiting.status, waiting.music_by, waiting.duration_seconds) == (Status.GENERATING, "embedded", 6.0)
    assert b"song by embedded" in _film(driver, task_id)
    go_on.set()
    done = driver.wait(task_id)
    assert (done.status, done.music_by, done.first_cut, done.notices) == (Status.DONE, "suno", False, ())
    assert b"song by suno" in _film(driver, task_id)
    assert [(call.vendor, call.state) for call in done.receipt] == [("suno", "done")]
    assert _ended(driver) == "done"
    assert not [key for key in driver.contents(task_id) if "first-cut" in key]


def test_stopping_after_the_first_cut_keeps_it_as_the_film(driver: ServiceDriver) -> None:
    task_id, go_on = _with_first_cut(driver)
    kept = driver.service.cancel(task_id, OWNER)
    assert (kept.status, kept.progress, kept.music_by, kept.first_cut) == (Status.DONE, 100, "embedded", False)
    go_on.set()
    driver.wait_for_run(task_id)
    assert _ended(driver) == "done"
    assert b"song by embedded" in _film(driver, task_id)
    assert driver.wait(task_id).music_by == "embedded"
    details = driver.service.details(task_id, OWNER)
    assert details.storyboard is not None
    assert details.beats is not None
    remade = driver.service.remake(task_id, OWNER, NOIR)
    driver.behaviour.first_cut = None
    assert driver.wait(remade.task_id).music_by == "embedded"


def test_the_song_that_was_paid_for_can_still_be_had_after_the_first_cut_was_kept(driver: ServiceDriver) -> None:
    task_id, go_on = _with_first_cut(driver)
    driver.service.cancel(task_id, OWNER)
    go_on.set()
    driver.wait_for_run(task_id)
    driver.service.retry(task_id, OWNER, music="suno")
    driver.wait(task_id, until=lambda task: task.music_by == "suno" and task.status.is_final)
    receipt = driver.service.find(task_id, OWNER).receipt
    assert [(call.vendor, call.state) for call in receipt] == [("suno", "done")]


@pytest.mark.parametrize("stage", [Stage.COMPOSE, Stage.RENDER])
def test_a_failure_after_the_first_cut_keeps_it_with_a_notice(driver: ServiceDriver, stage: Stage) -> None:
    error = ProviderRefused("The song failed.") if stage is Stage.COMPOSE else RenderError("It could not be drawn.")
    driver.behaviour.failures[stage] = [error]
    task_id, go_on = _with_first_cut(driver, until=stage)
    go_on.set()
    kept = driver.wait(task_id)
    assert (kept.status, kept.music_by, kept.error_code) == (Status.DONE, "embedded", "")
    assert "so the first cut stays" in kept.notices[-1]
    assert error.message in kept.notices[-1]
    assert b"song by embedded" in _film(driver, task_id)
    assert _ended(driver) == "done"


def test_a_first_cut_is_not_made_again_after_a_restart(driver: ServiceDriver) -> None:
    task_id, go_on = _with_first_cut(driver)
    made = driver.behaviour.first_cut
    assert made is not None
    driver.open()
    assert driver.service.find(task_id, OWNER).first_cut
    assert b"song by embedded" in _film(driver, task_id)
    go_on.set()
    assert driver.wait(task_id).music_by == "suno"
    assert made.count(Stage.RENDER) == 1


def test_a_first_cut_that_is_later_than_the_song_is_dropped(driver: ServiceDriver) -> None:
    never = Behaviour(held={Stage.RENDER: threading.Event()})
    driver.behaviour.first_cut = never
    driver.behaviour.held[Stage.COMPOSE] = begun = threading.Event()
    task_id = driver.submit(options=BY_SUNO)
    wait_until(lambda: never.count(Stage.RENDER), "the first cut is being drawn")
    begun.set()
    done = driver.wait(task_id)
    assert (done.status, done.music_by, done.first_cut) == (Status.DONE, "suno", False)


def test_a_first_cut_that_fails_changes_nothing(driver: ServiceDriver) -> None:
    driver.behaviour.first_cut = Behaviour(failures={Stage.RENDER: [RenderError("It could not be drawn.")]})
    done = driver.wait(driver.submit(options=BY_SUNO))
    assert (done.status, done.music_by, done.notices) == (Status.DONE, "suno", ())


def test_a_task_that_is_stopped_before_its_first_cut_has_no_film(driver: ServiceDriver) -> None:
    quick = Behaviour(held={Stage.RENDER: threading.Event()})
    driver.behaviour.first_cut = quick
    driver.behaviour.held[Stage.COMPOSE] = threading.Event()
    task_id = driver.submit(options=BY_SUNO)
    wait_until(lambda: quick.count(Stage.RENDER), "the first cut is being drawn")
    assert driver.service.cancel(task_id, OWNER).status is Status.CANCELLED
    quick.held[Stage.RENDER].set()
    driver.wait_for_run(task_id)
    stopped = driver.service.find(task_id, OWNER)
    assert (stopped.status, stopped.first_cut, stopped.duration_seconds) == (Status.CANCELLED, False, None)


def test_other_music_for_a_finished_film_needs_no_first_cut(driver: ServiceDriver) -> None:
    done = driver.finished()
    driver.behaviour.first_cut = Behaviour()
    driver.service.retry(done.task_id, OWNER, music="suno")
    assert driver.wait(done.task_id, until=lambda task: task.status.is_final).music_by == "suno"
    assert driver.behaviour.first_cut.calls == []


def test_a_first_cut_cannot_be_made_in_another_style_nor_tried_again_before_it_is_the_film(
    driver: ServiceDriver,
) -> None:
    task_id, go_on = _with_first_cut(driver)
    with pytest.raises(TaskConflict) as caught:
        driver.service.remake(task_id, OWNER, NOIR)
    assert caught.value.code == "task_not_finished"
    for music in ("", "suno"):
        with pytest.raises(TaskConflict) as caught:
            driver.service.retry(task_id, OWNER, music=music)
        assert caught.value.code == "task_still_running"
    assert driver.service.find(task_id, OWNER).first_cut
    go_on.set()
    driver.wait(task_id, until=lambda task: task.status.is_final)


@pytest.mark.parametrize("is_in_sight", [False, True])
def test_a_task_that_is_deleted_during_its_first_cut_leaves_nothing(driver: ServiceDriver, is_in_sight: bool) -> None:
    task_id, _ = _with_first_cut(driver) if is_in_sight else _drawing_its_first_cut(driver)
    driver.service.delete(task_id, OWNER)
    with pytest.raises(TaskNotFound):
        driver.service.find(task_id, OWNER)
    driver.wait_for_run(task_id)
    assert driver.contents(task_id) == {}


def test_a_first_cut_in_sight_does_not_expire_while_the_song_is_waited_for(driver: ServiceDriver) -> None:
    driver.open(retain_days=7)
    task_id, go_on = _with_first_cut(driver)
    month = 30 * 24 * 3600 * 1_000_000
    with driver.service._database.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE attempts SET modified_at = modified_at - {month}"))
    driver.service._janitor.sweep()
    assert b"song by embedded" in _film(driver, task_id)
    go_on.set()
    assert driver.wait(task_id).music_by == "suno"


@pytest.mark.parametrize("is_in_sight", [False, True])
def test_a_run_that_takes_over_during_a_first_cut_needs_no_second_song(
    driver: ServiceDriver, is_in_sight: bool
) -> None:
    task_id, go_on = _with_first_cut(driver) if is_in_sight else _drawing_its_first_cut(driver)
    driver.behaviour.first_cut = quick = Behaviour()
    with ThreadPoolExecutor() as pool, ExitStack() as at_end:
        at_end.callback(go_on.set)
        ended = pool.submit(driver.service._runner.work, task_id, 1)
        driver.wait(task_id, until=lambda task: task.first_cut)
        wait_until(lambda: driver.behaviour.count(Stage.COMPOSE) == 2, "the other run waits for the song")
        go_on.set()
        assert ended.result(DEADLINE_SECONDS) == "done"
    done = driver.service.find(task_id, OWNER)
    assert (done.music_by, done.first_cut, done.notices) == ("suno", False, ())
    assert [(call.vendor, call.state) for call in done.receipt] == [("suno", "done")]
    assert quick.count(Stage.RENDER) == (not is_in_sight)
    # By name: the run that was overtaken may still be removing what it made.
    assert not [name for name in driver.files() if "first-cut" in name]


def test_a_first_cut_that_was_kept_is_the_film_after_a_restart_too(driver: ServiceDriver) -> None:
    task_id, go_on = _with_first_cut(driver)
    driver.service.cancel(task_id, OWNER)
    driver.open()
    go_on.set()
    driver.behaviour.first_cut = None
    driver.finished(seed=2)
    kept = driver.service.find(task_id, OWNER)
    assert (kept.status, kept.music_by) == (Status.DONE, "embedded")
    assert b"song by embedded" in _film(driver, task_id)
    assert driver.behaviour.count(Stage.RENDER) == 1, "only the other film was drawn"
