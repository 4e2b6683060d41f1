"""What every songwriter promises, run over the table of vendors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.contexts import a_context
from tests.contract.providers import SONGWRITERS, at_work
from tests.drawings import scenery

from auratune.core import serialization
from auratune.core.options import LOOKS, MUSIC_STYLES, FilmFormat, Options
from auratune.core.photo import Photo
from auratune.core.scene import Scene
from auratune.core.treatment import Treatment
from auratune.storage.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("songwriters")  # one scene for all tests
OWN_LYRICS = "Down by the river\nwhere nobody goes\n\nOh, sing it again\nthe way that it flows"


@pytest.fixture(scope="module", params=sorted(SONGWRITERS))
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Photo, Scene]:
    """A writer's name, a photo, and its scene as the observer of the same name saw it (a writer may need its own)."""
    folder: Path = tmp_path_factory.mktemp("store")
    store = LocalStore(folder)
    image = scenery(2, (240, 320))
    with store.create("photos/one.jpg", content_type="image/jpeg") as path:
        image.save(path, "JPEG", quality=95)
    photo = Photo(key="photos/one.jpg", width_px=240, height_px=320, content_hash="ab" * 32, seed=7)
    with at_work("vision_model", request.param) as observer:
        return request.param, photo, observer.analyze(a_context(store, task_id="one"), photo, Options())


@pytest.fixture
def write(seen: tuple[str, Photo, Scene]) -> Callable[..., Treatment]:
    name, photo, scene = seen

    def run(**options: Any) -> Treatment:
        with at_work("songwriter", name) as writer:
            treatment = writer.write(a_context(), photo, scene, Options(**options))
        assert isinstance(treatment, Treatment)
        return treatment

    return run


def test_a_treatment_has_all_its_parts(write: Callable[..., Treatment]) -> None:
    treatment = write()
    assert 0 < len(treatment.title) <= 120
    assert treatment.look in LOOKS
    assert treatment.mood_arc
    assert treatment.words_by in SONGWRITERS
    assert treatment.music.title == treatment.title
    assert treatment.music.lyrics == treatment.lyrics


def test_a_brief_is_something_a_composer_can_work_from(write: Callable[..., Treatment]) -> None:
    brief = write(format=FilmFormat(length_seconds=24.0), music="embedded", excerpt="best").music
    assert brief.length_seconds == 24
    assert brief.composer == "embedded"
    assert brief.whole_song
    assert brief.style in MUSIC_STYLES
    assert brief.genre_tags
    assert 40 <= brief.tempo_low_bpm <= brief.tempo_high_bpm <= 200
    assert re.fullmatch(r"|[A-G][#b]? (major|minor)", brief.key)
    assert len(brief.energy_curve) >= 2
    assert all(0 <= value <= 1 for value in brief.energy_curve)


def test_lyrics_can_be_sung_and_hold_no_address(write: Callable[..., Treatment]) -> None:
    lyrics = write().lyrics
    assert 4 <= len(lyrics) <= 16
    assert {"verse", "chorus"} <= {line.section for line in lyrics}
    for line in lyrics:
        assert line.text == line.text.strip()
        assert 0 < len(line.text) <= 90
        assert not re.search(r"https?:|www\.|@|[<>{}]", line.text)


def test_the_persons_words_are_kept_word_for_word(write: Callable[..., Treatment]) -> None:
    treatment = write(title="The River, Again", lyrics=OWN_LYRICS)
    assert treatment.title == treatment.music.title == "The River, Again"
    assert [line.text for line in treatment.lyrics] == [line for line in OWN_LYRICS.splitlines() if line]
    assert treatment.words_by == "you"


def test_an_instrumental_has_no_lyrics(write: Callable[..., Treatment]) -> None:
    treatment = write(instrumental=True)
    assert treatment.lyrics == treatment.music.lyrics == ()
    assert treatment.music.instrumental


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_that_was_asked_for_is_used(write: Callable[..., Treatment], look: str) -> None:
    assert write(style=look).look == look


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_a_music_style_that_was_asked_for_is_used(write: Callable[..., Treatment], style: str) -> None:
    assert write(style=style).music.style == style


def test_a_treatment_survives_a_checkpoint_and_is_the_same_again(write: Callable[..., Treatment]) -> None:
    treatment = write()
    assert serialization.loads(serialization.dumps(treatment)) == treatment
    assert write() == treatment
