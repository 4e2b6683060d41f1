"""Second tries reuse what is good, pay only on a person's word, and never lose a film that is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.waiting import wait_until

from auratune.core.errors import InvalidOption, ProviderRefused, RenderError, TaskConflict
from auratune.core.options import FilmFormat, Options
from auratune.core.task import Stage, Status

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver

OWNER = "alice"
NOIR = Options(style="noir", format=FilmFormat(length_seconds=6.0, aspect="1:1"))


def _read(driver: ServiceDriver, task_id: str, kind: str = "film") -> bytes:
    with driver.backend.store().fetch(driver.service.film_key(task_id, OWNER, kind)) as path:
        return path.read_bytes()


def test_a_failed_task_goes_on_from_its_last_good_stage(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.RENDER] = [RenderError("It could not be drawn.")]
    failed = driver.wait(driver.submit())
    assert failed.status is Status.ERROR
    last = driver.service.events_after(0, task_id=failed.task_id)[-1]
    go_on = driver.held(Stage.RENDER)
    again = driver.service.retry(failed.task_id, OWNER)
    assert (again.status.is_final, again.error_code) == (False, "")
    first = driver.service.events_after(last.sequence, task_id=failed.task_id)[0]
    assert (first.status, first.progress) == (Status.UPLOADED, 0)
    go_on.set()
    done = driver.wait(failed.task_id)
    assert done.status is Status.DONE
    assert (done.title, done.music_by) == ("Low Sun", "quick")
    assert [driver.behaviour.count(stage) for stage in (Stage.ANALYZE, Stage.COMPOSE, Stage.RENDER)] == [1, 1, 2]
    assert driver.service.details(done.task_id, OWNER).scene is not None


def test_a_cancelled_task_can_be_taken_up_again(driver: ServiceDriver) -> None:
    driver.held(Stage.COMPOSE)
    task_id = driver.submit()
    driver.wait_for_stage(Stage.COMPOSE)
    driver.service.cancel(task_id, OWNER)
    driver.wait_for_run(task_id)
    driver.behaviour.held.clear()
    driver.service.retry(task_id, OWNER)
    assert driver.wait(task_id).status is Status.DONE
    assert driver.behaviour.count(Stage.ANALYZE) == 1


def test_a_song_that_can_never_be_collected_is_ordered_anew(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.COMPOSE] = [ProviderRefused("The clip failed.")]
    failed = driver.wait(driver.submit())
    driver.service.retry(failed.task_id, OWNER)
    assert driver.wait(failed.task_id).status is Status.DONE
    assert driver.behaviour.count(Stage.ORDER) == 2


def test_only_an_ended_task_can_be_tried_again(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    running = driver.submit(seed=1)
    with pytest.raises(TaskConflict) as caught:
        driver.service.retry(running, OWNER)
    assert caught.value.code == "task_still_running"
    driver.service.cancel(running, OWNER)
    driver.behaviour.seconds = 0
    done = driver.finished(seed=2)
    with pytest.raises(TaskConflict) as caught:
        driver.service.retry(done.task_id, OWNER)
    assert caught.value.code == "task_already_done"


def test_other_music_is_asked_for_and_only_what_follows_is_made_again(driver: ServiceDriver) -> None:
    done = driver.finished()
    driver.service.retry(done.task_id, OWNER, music="suno")
    better = driver.wait(done.task_id)
    assert (better.status, better.music_by, better.options.music) == (Status.DONE, "suno", "suno")
    assert [(call.vendor, call.attempt, call.state) for call in better.receipt] == [("suno", 2, "done")]
    assert b"song by suno" in _read(driver, done.task_id)
    counts = [driver.behaviour.count(stage) for stage in Stage]
    assert [driver.behaviour.count(stage) for stage in (Stage.ANALYZE, Stage.WRITE)] == [1, 1], counts
    assert [driver.behaviour.count(stage) for stage in (Stage.ORDER, Stage.RENDER)] == [2, 2], counts


def test_a_film_stays_when_other_music_cannot_be_had(driver: ServiceDriver) -> None:
    done = driver.finished()
    driver.behaviour.failures[Stage.ORDER] = [ProviderRefused("Suno has no credit left.", provider="suno")]
    driver.service.retry(done.task_id, OWNER, music="suno")
    kept = driver.wait(done.task_id)
    assert (kept.status, kept.progress, kept.music_by, kept.checksum) == (Status.DONE, 100, "quick", done.checksum)
    assert "Suno has no credit left." in kept.notices[-1]
    assert b"song by quick" in _read(driver, done.task_id)
    assert driver.service.details(done.task_id, OWNER).storyboard is not None


def test_a_film_stays_and_can_be_watched_while_other_music_is_made_or_stopped(driver: ServiceDriver) -> None:
    done = driver.finished()
    driver.held(Stage.RENDER)
    driver.service.retry(done.task_id, OWNER, music="suno")
    driver.wait_for_stage(Stage.RENDER, times=2)
    assert b"song by quick" in _read(driver, done.task_id)
    assert driver.service.cancel(done.task_id, OWNER).status is Status.DONE
    assert b"song by quick" in _read(driver, done.task_id)


def test_a_failed_attempt_changes_nothing_of_the_film_but_adds_a_notice(driver: ServiceDriver) -> None:
    done = driver.finished()
    film = _read(driver, done.task_id)
    driver.behaviour.failures[Stage.RENDER] = [RenderError("It could not be drawn.")]
    driver.service.retry(done.task_id, OWNER, music="suno")
    kept = driver.wait(done.task_id)
    assert (kept.status, kept.music_by, kept.options.music) == (Status.DONE, "quick", done.options.music)
    assert _read(driver, done.task_id) == film
    remade = driver.wait(driver.service.remake(done.task_id, OWNER, NOIR).task_id)
    assert remade.music_by == "quick"


def test_a_remake_stays_as_it_is_when_its_origin_gets_other_music(driver: ServiceDriver) -> None:
    done = driver.finished()
    remade = driver.wait(driver.service.remake(done.task_id, OWNER, NOIR).task_id)
    before = driver.contents(remade.task_id)
    assert len(before) == 5
    driver.service.retry(done.task_id, OWNER, music="suno")
    assert driver.wait(done.task_id).music_by == "suno"
    assert driver.contents(remade.task_id) == before
    driver.service.delete(done.task_id, OWNER)
    assert driver.contents(remade.task_id) == before


def test_a_remake_asks_no_provider_and_looks_different(driver: ServiceDriver) -> None:
    done = driver.finished()
    remade = driver.wait(driver.service.remake(done.task_id, OWNER, NOIR).task_id)
    assert (remade.status, remade.style, remade.title, remade.caption) == (
        Status.DONE,
        "noir",
        done.title,
        done.caption,
    )
    assert remade.task_id != done.task_id
    assert remade.receipt == ()
    assert b"noir film" in _read(driver, remade.task_id)
    assert b"golden film" in _read(driver, done.task_id)
    for stage in (Stage.ANALYZE, Stage.WRITE, Stage.ORDER, Stage.COMPOSE):
        assert driver.behaviour.count(stage) == 1
    assert driver.behaviour.count(Stage.RENDER) == 2


def test_a_remakes_style_is_read_like_an_uploads(driver: ServiceDriver) -> None:
    done = driver.finished()
    for style, look in (("Noir", "noir"), ("dreamy, PASTEL", "pastel"), ("teal_night", "teal-night")):
        remade = driver.wait(driver.service.remake(done.task_id, OWNER, replace(NOIR, style=style)).task_id)
        assert f"{look} film".encode() in _read(driver, remade.task_id)


def test_a_remake_says_that_a_music_style_or_free_words_cannot_change_its_song(driver: ServiceDriver) -> None:
    done = driver.finished()
    first = driver.wait(driver.service.remake(done.task_id, OWNER, replace(NOIR, style="Synthwave")).task_id)
    assert first.notices == (
        "A remake keeps its song, so the music style 'synthwave' changes nothing; "
        "send the photo again for a song in that style.",
    )
    assert b"golden film" in _read(driver, first.task_id)
    second = driver.wait(driver.service.remake(first.task_id, OWNER, replace(NOIR, style="nior")).task_id)
    assert second.notices == (
        "'nior' is not a look or music style here, and a remake keeps its song, so nothing changed by it; "
        "did you mean 'noir'?",
    )
    third = driver.wait(driver.service.remake(second.task_id, OWNER, NOIR).task_id)
    assert third.notices == ()


def test_a_remake_of_a_remake_works_after_the_first_film_is_gone(driver: ServiceDriver) -> None:
    done = driver.finished()
    remade = driver.wait(driver.service.remake(done.task_id, OWNER, NOIR).task_id)
    driver.service.delete(done.task_id, OWNER)
    third = driver.wait(driver.service.remake(remade.task_id, OWNER, Options(format=NOIR.format)).task_id)
    assert third.status is Status.DONE
    driver.service.delete(remade.task_id, OWNER)
    driver.service.delete(third.task_id, OWNER)
    assert driver.files() == set()


def test_a_remake_does_not_pass_for_the_photo_being_sent_again(driver: ServiceDriver) -> None:
    done = driver.finished()
    driver.service.remake(done.task_id, OWNER, NOIR)
    assert driver.submit() == done.task_id


def test_a_remake_longer_than_the_song_is_refused(driver: ServiceDriver) -> None:
    done = driver.finished()
    with pytest.raises(InvalidOption) as caught:
        driver.service.remake(done.task_id, OWNER, Options(format=FilmFormat(length_seconds=30)))
    assert caught.value.code == "song_too_short"


def test_nothing_can_be_made_again_of_sources_that_were_not_kept(driver: ServiceDriver) -> None:
    driver.open(keep_sources=False)

    def leave_an_answer(stage: str) -> None:
        if stage == Stage.ANALYZE:
            task_id = driver.service.page(OWNER).tasks[0].task_id
            with driver.backend.store().create(f"tasks/{task_id}/1/run/claude.json", content_type="text/plain") as path:
                path.write_text("{}")

    driver.behaviour.tell = leave_an_answer
    done = driver.finished()
    wait_until(lambda: driver.names(done.task_id) == {"soundtrack.mp3", "film.mp4", "poster.jpg"}, "the rest is gone")
    for again in (
        lambda: driver.service.remake(done.task_id, OWNER, NOIR),
        lambda: driver.service.retry(done.task_id, OWNER, music="suno"),
    ):
        with pytest.raises(TaskConflict) as caught:
            again()
        assert caught.value.code == "sources_not_kept"


def test_an_unfinished_task_cannot_be_remade(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    with pytest.raises(TaskConflict):
        driver.service.remake(driver.submit(), OWNER, NOIR)
