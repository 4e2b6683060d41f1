"""Thirty different pictures, looked at and written about on this machine, become thirty different songs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from tests.contexts import a_context
from tests.drawings import as_bytes, scenery

from auratune.core.options import Options
from auratune.core.photo import Photo, seed_of
from auratune.providers.embedded.songwriter import EmbeddedSongwriter
from auratune.vision.analyze import analyze

if TYPE_CHECKING:
    from auratune.core.scene import Scene
    from auratune.core.treatment import Treatment


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("thirty photos")]  # looked at once for all tests


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Photo, Scene]]:
    path = tmp_path_factory.mktemp("photos") / "photo.jpg"
    found = []
    for number in range(30):
        data = as_bytes(scenery(number, (150, 200)), quality=95)
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        photo = Photo(key="k", width_px=150, height_px=200, content_hash=digest, seed=seed_of(digest))
        found.append((photo, analyze(str(path), 150, 200)))
    return found


@pytest.fixture(scope="module")
def treatments(seen: list[tuple[Photo, Scene]]) -> list[Treatment]:
    return [EmbeddedSongwriter().write(a_context(), photo, scene, Options()) for photo, scene in seen]


def test_no_two_photos_get_the_same_words(treatments: list[Treatment]) -> None:
    assert len({tuple(line.text for line in one.lyrics) for one in treatments}) == 30
    assert len({one.title for one in treatments}) >= 24


def test_their_films_and_their_music_differ_too(treatments: list[Treatment]) -> None:
    assert len({one.look for one in treatments}) >= 4
    assert len({one.music.style for one in treatments}) >= 5
    assert len({one.music.tempo_low_bpm for one in treatments}) >= 15
    assert len({one.music.key for one in treatments}) >= 10
    assert len({one.mood_arc for one in treatments}) >= 4


def test_it_is_the_picture_that_makes_the_difference_and_not_only_chance(seen: list[tuple[Photo, Scene]]) -> None:
    same_seed = seen[0][0]
    songs = {EmbeddedSongwriter().write(a_context(), same_seed, scene, Options()).lyrics for _, scene in seen}
    assert len(songs) >= 15
