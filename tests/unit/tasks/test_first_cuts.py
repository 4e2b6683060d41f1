"""A first cut can be watched while a vendor's song is waited for; the film replaces it, or it is kept."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tests.recovery.quick_providers import Play
from tests.waiting import wait_until

from auratune.core.errors import ProviderRefused, RenderError, TaskConflict
from auratune.core.options import FilmFormat, Options
from auratune.core.task import Stage, Status

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import House

OWNER = "alice"
BY_SUNO = Options(music="suno")
NOIR = Options(style="noir", format=FilmFormat(length_seconds=6.0))


def _film(house: House, task_id: str) -> bytes:
    with house.backend.store().fetch(house.service.film_key(task_id, OWNER, "film")) as path:
        return path.read_bytes()


def _with_first_cut(house: House, *, until: Stage = Stage.COMPOSE) -> tuple[str, threading.Event]:
    """A task that waits for its song, or for a later stage, with its first cut in sight; and what lets it go on."""
    go_on = threading.Event()
    house.play.first_cut = Play()
    house.play.held[until] = go_on
    task_id = house.submit(options=BY_SUNO)
    house.wait(task_id, until=lambda task: task.first_cut)
    return task_id, go_on


def _ended(house: House) -> str:
    wait_until(lambda: house.outcomes, "the outcome is told")
    return house.outcomes[-1]


def test_a_first_cut_can_be_watched_until_the_film_with_the_ordered_song_replaces_it(house: House) -> None:
    task_id, go_on = _with_first_cut(house)
    waiting = house.service.find(task_id, OWNER)
    assert (waiting.status, waiting.music_by, waiting.duration_seconds) == (Status.GENERATING, "embedded", 6.0)
    assert b"song by embedded" in _film(house, task_id)
    go_on.set()
    done = house.wait(task_id)
    assert (done.status, done.music_by, done.first_cut, done.notices) == (Status.DONE, "suno", False, ())
    assert b"song by suno" in _film(house, task_id)
    assert [(call.vendor, call.state) for call in done.receipt] == [("suno", "done")]
    assert _ended(house) == "done"
    assert not [key for key in house.contents(task_id) if "first-cut" in key]


def test_stopping_after_the_first_cut_keeps_it_as_the_film(house: House) -> None:
    task_id, go_on = _with_first_cut(house)
    kept = house.service.cancel(task_id, OWNER)
    assert (kept.status, kept.progress, kept.music_by, kept.first_cut) == (Status.DONE, 100, "embedded", False)
    go_on.set()
    house.service._runner.interrupt(task_id, wait_seconds=30.0)
    assert _ended(house) == "done"
    assert b"song by embedded" in _film(house, task_id)
    assert house.wait(task_id).music_by == "embedded"
    details = house.service.details(task_id, OWNER)
    assert details.storyboard is not None
    assert details.beats is not None
    remade = house.service.remake(task_id, OWNER, NOIR)
    house.play.first_cut = None
    assert house.wait(remade.task_id).music_by == "embedded"


def test_the_song_that_was_paid_for_can_still_be_had_after_the_first_cut_was_kept(house: House) -> None:
    task_id, go_on = _with_first_cut(house)
    house.service.cancel(task_id, OWNER)
    go_on.set()
    house.service.retry(task_id, OWNER, music="suno")
    house.wait(task_id, until=lambda task: task.music_by == "suno" and task.status.is_final)
    receipt = house.service.find(task_id, OWNER).receipt
    assert [(call.vendor, call.state) for call in receipt] == [("suno", "done")]


@pytest.mark.parametrize("stage", [Stage.COMPOSE, Stage.RENDER])
def test_a_failure_after_the_first_cut_keeps_it_with_a_notice(house: House, stage: Stage) -> None:
    error = ProviderRefused("The song failed.") if stage is Stage.COMPOSE else RenderError("It could not be drawn.")
    house.play.failures[stage] = [error]
    task_id, go_on = _with_first_cut(house, until=stage)
    go_on.set()
    kept = house.wait(task_id)
    assert (kept.status, kept.music_by, kept.error_code) == (Status.DONE, "embedded", "")
    assert "so the first cut stays" in kept.notices[-1]
    assert error.message in kept.notices[-1]
    assert b"song by embedded" in _film(house, task_id)
    assert _ended(house) == "done"


def test_a_first_cut_is_not_made_again_after_a_restart(house: House) -> None:
    task_id, go_on = _with_first_cut(house)
    made = house.play.first_cut
    assert made is not None
    house.open()
    assert house.service.find(task_id, OWNER).first_cut
    assert b"song by embedded" in _film(house, task_id)
    go_on.set()
    assert house.wait(task_id).music_by == "suno"
    assert made.count(Stage.RENDER) == 1


def test_a_first_cut_that_is_later_than_the_song_is_dropped(house: House) -> None:
    never = Play(held={Stage.RENDER: threading.Event()})
    house.play.first_cut = never
    house.play.held[Stage.COMPOSE] = begun = threading.Event()
    task_id = house.submit(options=BY_SUNO)
    wait_until(lambda: never.count(Stage.RENDER), "the first cut is being drawn")
    begun.set()
    done = house.wait(task_id)
    assert (done.status, done.music_by, done.first_cut) == (Status.DONE, "suno", False)


def test_a_first_cut_that_fails_changes_nothing(house: House) -> None:
    house.play.first_cut = Play(failures={Stage.RENDER: [RenderError("It could not be drawn.")]})
    done = house.wait(house.submit(options=BY_SUNO))
    assert (done.status, done.music_by, done.notices) == (Status.DONE, "suno", ())


def test_a_task_that_is_stopped_before_its_first_cut_has_no_film(house: House) -> None:
    quick = Play(held={Stage.RENDER: threading.Event()})
    house.play.first_cut = quick
    house.play.held[Stage.COMPOSE] = threading.Event()
    task_id = house.submit(options=BY_SUNO)
    wait_until(lambda: quick.count(Stage.RENDER), "the first cut is being drawn")
    assert house.service.cancel(task_id, OWNER).status is Status.CANCELLED
    quick.held[Stage.RENDER].set()
    house.service._runner.interrupt(task_id, wait_seconds=30.0)
    stopped = house.service.find(task_id, OWNER)
    assert (stopped.status, stopped.first_cut, stopped.duration_seconds) == (Status.CANCELLED, False, None)


def test_other_music_for_a_finished_film_needs_no_first_cut(house: House) -> None:
    done = house.finished()
    house.play.first_cut = Play()
    house.service.retry(done.task_id, OWNER, music="suno")
    assert house.wait(done.task_id, until=lambda task: task.status.is_final).music_by == "suno"
    assert house.play.first_cut.calls == []


def test_a_first_cut_cannot_be_made_in_another_style_before_it_is_the_film(house: House) -> None:
    task_id, go_on = _with_first_cut(house)
    with pytest.raises(TaskConflict) as caught:
        house.service.remake(task_id, OWNER, NOIR)
    assert caught.value.code == "task_not_finished"
    go_on.set()
    house.wait(task_id)
