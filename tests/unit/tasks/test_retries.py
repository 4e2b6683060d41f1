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
    from tests.unit.tasks.conftest import House

OWNER = "alice"
NOIR = Options(style="noir", format=FilmFormat(length_seconds=6.0, aspect="1:1"))


def _read(house: House, task_id: str, kind: str = "film") -> bytes:
    with house.backend.store().fetch(house.service.film_key(task_id, OWNER, kind)) as path:
        return path.read_bytes()


def test_a_failed_task_goes_on_from_its_last_good_stage(house: House) -> None:
    house.play.failures[Stage.RENDER] = [RenderError("It could not be drawn.")]
    failed = house.wait(house.submit())
    assert failed.status is Status.ERROR
    again = house.service.retry(failed.task_id, OWNER)
    assert (again.status, again.progress, again.error_code) == (Status.UPLOADED, 0, "")
    done = house.wait(failed.task_id)
    assert done.status is Status.DONE
    assert (done.title, done.music_by) == ("Low Sun", "quick")
    assert [house.play.count(stage) for stage in (Stage.ANALYZE, Stage.COMPOSE, Stage.RENDER)] == [1, 1, 2]
    assert house.service.details(done.task_id, OWNER).scene is not None


def test_a_cancelled_task_can_be_taken_up_again(house: House) -> None:
    house.play.seconds = 0.3
    task_id = house.submit()
    house.wait(task_id, until=lambda task: task.stage is Stage.COMPOSE)
    house.service.cancel(task_id, OWNER)
    house.play.seconds = 0
    house.service.retry(task_id, OWNER)
    assert house.wait(task_id).status is Status.DONE
    assert house.play.count(Stage.ANALYZE) == 1


def test_a_song_that_can_never_be_collected_is_ordered_anew(house: House) -> None:
    house.play.failures[Stage.COMPOSE] = [ProviderRefused("The clip failed.")]
    failed = house.wait(house.submit())
    house.service.retry(failed.task_id, OWNER)
    assert house.wait(failed.task_id).status is Status.DONE
    assert house.play.count(Stage.ORDER) == 2


def test_only_an_ended_task_can_be_tried_again(house: House) -> None:
    house.play.seconds = 20
    running = house.submit(seed=1)
    with pytest.raises(TaskConflict) as caught:
        house.service.retry(running, OWNER)
    assert caught.value.code == "task_still_running"
    house.service.cancel(running, OWNER)
    house.play.seconds = 0
    done = house.finished(seed=2)
    with pytest.raises(TaskConflict) as caught:
        house.service.retry(done.task_id, OWNER)
    assert caught.value.code == "task_already_done"


def test_other_music_is_asked_for_and_only_what_follows_is_made_again(house: House) -> None:
    done = house.finished()
    house.service.retry(done.task_id, OWNER, music="suno")
    better = house.wait(done.task_id)
    assert (better.status, better.music_by, better.options.music) == (Status.DONE, "suno", "suno")
    assert [(call.vendor, call.attempt, call.state) for call in better.receipt] == [("suno", 2, "done")]
    assert b"song by suno" in _read(house, done.task_id)
    counts = [house.play.count(stage) for stage in Stage]
    assert [house.play.count(stage) for stage in (Stage.ANALYZE, Stage.WRITE)] == [1, 1], counts
    assert [house.play.count(stage) for stage in (Stage.ORDER, Stage.RENDER)] == [2, 2], counts


def test_a_film_stays_when_other_music_cannot_be_had(house: House) -> None:
    done = house.finished()
    house.play.failures[Stage.ORDER] = [ProviderRefused("Suno has no credit left.", provider="suno")]
    house.service.retry(done.task_id, OWNER, music="suno")
    kept = house.wait(done.task_id)
    assert (kept.status, kept.progress, kept.music_by, kept.checksum) == (Status.DONE, 100, "quick", done.checksum)
    assert "Suno has no credit left." in kept.notices[-1]
    assert b"song by quick" in _read(house, done.task_id)
    assert house.service.details(done.task_id, OWNER).storyboard is not None


def test_a_film_stays_and_can_be_watched_while_other_music_is_made_or_stopped(house: House) -> None:
    done = house.finished()
    house.play.seconds = 0.4
    house.service.retry(done.task_id, OWNER, music="suno")
    house.wait(done.task_id, until=lambda task: task.stage is Stage.RENDER)
    assert b"song by quick" in _read(house, done.task_id)
    assert house.service.cancel(done.task_id, OWNER).status is Status.DONE
    assert b"song by quick" in _read(house, done.task_id)


def test_a_failed_attempt_changes_nothing_of_the_film_but_adds_a_notice(house: House) -> None:
    done = house.finished()
    film = _read(house, done.task_id)
    house.play.failures[Stage.RENDER] = [RenderError("It could not be drawn.")]
    house.service.retry(done.task_id, OWNER, music="suno")
    kept = house.wait(done.task_id)
    assert (kept.status, kept.music_by, kept.options.music) == (Status.DONE, "quick", done.options.music)
    assert _read(house, done.task_id) == film
    remade = house.wait(house.service.remake(done.task_id, OWNER, NOIR).task_id)
    assert remade.music_by == "quick"


def test_a_remake_stays_as_it_is_when_its_origin_gets_other_music(house: House) -> None:
    done = house.finished()
    remade = house.wait(house.service.remake(done.task_id, OWNER, NOIR).task_id)
    before = house.contents(remade.task_id)
    assert len(before) == 5
    house.service.retry(done.task_id, OWNER, music="suno")
    assert house.wait(done.task_id).music_by == "suno"
    assert house.contents(remade.task_id) == before
    house.service.delete(done.task_id, OWNER)
    assert house.contents(remade.task_id) == before


def test_a_remake_asks_no_provider_and_looks_different(house: House) -> None:
    done = house.finished()
    remade = house.wait(house.service.remake(done.task_id, OWNER, NOIR).task_id)
    assert (remade.status, remade.style, remade.title, remade.caption) == (
        Status.DONE,
        "noir",
        done.title,
        done.caption,
    )
    assert remade.task_id != done.task_id
    assert remade.receipt == ()
    assert b"noir film" in _read(house, remade.task_id)
    assert b"golden film" in _read(house, done.task_id)
    for stage in (Stage.ANALYZE, Stage.WRITE, Stage.ORDER, Stage.COMPOSE):
        assert house.play.count(stage) == 1
    assert house.play.count(Stage.RENDER) == 2


def test_a_remakes_style_is_read_like_an_uploads(house: House) -> None:
    done = house.finished()
    for style, look in (("Noir", "noir"), ("dreamy, PASTEL", "pastel"), ("teal_night", "teal-night")):
        remade = house.wait(house.service.remake(done.task_id, OWNER, replace(NOIR, style=style)).task_id)
        assert f"{look} film".encode() in _read(house, remade.task_id)


def test_a_remake_says_that_a_music_style_or_free_words_cannot_change_its_song(house: House) -> None:
    done = house.finished()
    first = house.wait(house.service.remake(done.task_id, OWNER, replace(NOIR, style="Synthwave")).task_id)
    assert first.notices == (
        "A remake keeps its song, so the music style 'synthwave' changes nothing; "
        "send the photo again for a song in that style.",
    )
    assert b"golden film" in _read(house, first.task_id)
    second = house.wait(house.service.remake(first.task_id, OWNER, replace(NOIR, style="nior")).task_id)
    assert second.notices == (
        "'nior' is not a look or music style here, and a remake keeps its song, so nothing changed by it; "
        "did you mean 'noir'?",
    )
    third = house.wait(house.service.remake(second.task_id, OWNER, NOIR).task_id)
    assert third.notices == ()


def test_a_remake_of_a_remake_works_after_the_first_film_is_gone(house: House) -> None:
    done = house.finished()
    remade = house.wait(house.service.remake(done.task_id, OWNER, NOIR).task_id)
    house.service.delete(done.task_id, OWNER)
    third = house.wait(house.service.remake(remade.task_id, OWNER, Options(format=NOIR.format)).task_id)
    assert third.status is Status.DONE
    house.service.delete(remade.task_id, OWNER)
    house.service.delete(third.task_id, OWNER)
    assert house.files() == set()


def test_a_remake_does_not_pass_for_the_photo_being_sent_again(house: House) -> None:
    done = house.finished()
    house.service.remake(done.task_id, OWNER, NOIR)
    assert house.submit() == done.task_id


def test_a_remake_longer_than_the_song_is_refused(house: House) -> None:
    done = house.finished()
    with pytest.raises(InvalidOption) as caught:
        house.service.remake(done.task_id, OWNER, Options(format=FilmFormat(length_seconds=30)))
    assert caught.value.code == "song_too_short"


def test_nothing_can_be_made_again_of_sources_that_were_not_kept(house: House) -> None:
    house.open(keep_sources=False)

    def leave_an_answer(stage: str) -> None:
        if stage == Stage.ANALYZE:
            task_id = house.service.page(OWNER).tasks[0].task_id
            with house.backend.store().create(f"tasks/{task_id}/1/run/claude.json", content_type="text/plain") as path:
                path.write_text("{}")

    house.play.tell = leave_an_answer
    done = house.finished()
    wait_until(lambda: house.names(done.task_id) == {"soundtrack.mp3", "film.mp4", "poster.jpg"}, "the rest is gone")
    for again in (
        lambda: house.service.remake(done.task_id, OWNER, NOIR),
        lambda: house.service.retry(done.task_id, OWNER, music="suno"),
    ):
        with pytest.raises(TaskConflict) as caught:
            again()
        assert caught.value.code == "sources_not_kept"


def test_an_unfinished_task_cannot_be_remade(house: House) -> None:
    house.play.seconds = 20
    with pytest.raises(TaskConflict):
        house.service.remake(house.submit(), OWNER, NOIR)
