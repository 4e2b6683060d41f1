"""What every composer in the table promises, run on each that can be built without a key or brings its own stage."""

from __future__ import annotations

import contextlib
import itertools
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from tests.contexts import a_context
from tests.contract.providers import COMPOSERS
from tests.simulators.acestep import AceStepSimulator
from tests.simulators.elevenlabs import ElevenLabsSimulator
from tests.simulators.lyria import LyriaSimulator
from tests.simulators.suno import Pace, SunoSimulator
from tests.unit.music.briefs import a_brief

from auratune.core import serialization
from auratune.music.audio import read_sound
from auratune.providers.acestep.composer import AceStepComposer
from auratune.providers.elevenlabs.composer import ElevenLabsComposer
from auratune.providers.embedded.composer import EmbeddedComposer
from auratune.providers.lyria.composer import LyriaComposer
from auratune.providers.suno.composer import SunoComposer
from auratune.storage.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from auratune.core.song import Song
    from auratune.core.treatment import MusicBrief
    from auratune.providers.vendor import ComposerProvider


@contextmanager
def _embedded(store: LocalStore) -> Iterator[ComposerProvider]:
    del store
    yield EmbeddedComposer()


@contextmanager
def _suno(store: LocalStore) -> Iterator[ComposerProvider]:
    del store
    pace = Pace(0.1, streaming_after_seconds=0.5, complete_after_seconds=30, song_seconds=15, times_real_time=50)
    with SunoSimulator(key="a-key", pace=pace) as vendor:
        yield SunoComposer(key="a-key", base_url=vendor.base_url, poll_seconds=0.1)


@contextmanager
def _elevenlabs(store: LocalStore) -> Iterator[ComposerProvider]:
    with ElevenLabsSimulator(key="a-key", answer_seconds=0.01) as vendor:
        yield ElevenLabsComposer(key="a-key", base_url=vendor.base_url)


@contextmanager
def _lyria(store: LocalStore) -> Iterator[ComposerProvider]:
    del store
    with LyriaSimulator(key="a-key", answer_seconds=0.01, song_seconds=9.0) as vendor:
        yield LyriaComposer(key="a-key", base_url=vendor.base_url)


@contextmanager
def _acestep(store: LocalStore) -> Iterator[ComposerProvider]:
    del store
    with AceStepSimulator(song_seconds=0.2) as vendor:
        yield AceStepComposer(base_url=vendor.base_url, poll_seconds=0.05)


STAGES: dict[str, Callable[[LocalStore], AbstractContextManager[ComposerProvider]]] = {
    "embedded": _embedded,
    "suno": _suno,
    "elevenlabs": _elevenlabs,
    "lyria": _lyria,
    "acestep": _acestep,
}
"""How each composer is set up for a test. A vendor's needs its simulator, and is added here with it."""
KEEPS_WHEN_ORDERED = {"elevenlabs", "lyria"}
"""Their sound comes with the answer to the order, so collecting writes nothing."""


BRIEF = a_brief(length_seconds=6.0)


@pytest.fixture(params=COMPOSERS)
def composer(request: pytest.FixtureRequest, store: LocalStore) -> Iterator[ComposerProvider]:
    with STAGES[request.param](store) as ready:
        yield ready


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path)


pytestmark = pytest.mark.xdist_group("composers")  # a song of each is shared by the tests


@pytest.fixture(scope="module")
def make_song(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Song, LocalStore]]:
    """A composer's song for `BRIEF`, and the store that has its file."""

    @cache
    def make(name: str) -> tuple[Song, LocalStore]:
        store = LocalStore(tmp_path_factory.mktemp("songs"))
        with STAGES[name](store) as composer:
            return collected(composer, store, BRIEF), store

    return make


def collected(composer: ComposerProvider, store: LocalStore, brief: MusicBrief) -> Song:
    context = a_context(store)
    return composer.collect(context, composer.order(context, brief))


def test_it_bears_the_name_of_its_vendor(composer: ComposerProvider) -> None:
    assert composer.name == composer.vendor.name


def test_an_order_is_a_value_that_survives_a_checkpoint(composer: ComposerProvider, store: LocalStore) -> None:
    order = composer.order(a_context(store), a_brief(length_seconds=6.0))
    assert order.music_by == composer.name
    assert order.brief == a_brief(length_seconds=6.0)
    assert serialization.loads(serialization.dumps(order)) == order


@pytest.mark.parametrize("name", COMPOSERS)
def test_a_collected_song_is_kept_plays_and_says_who_made_it(
    name: str, make_song: Callable[[str], tuple[Song, LocalStore]]
) -> None:
    song, store = make_song(name)
    assert song.music_by == name
    assert song.brief == BRIEF
    assert song.rights
    assert "task-1" in song.key
    with store.fetch(song.key) as path:
        sound = read_sound(str(path))
    assert len(sound) / 44100 == pytest.approx(song.length_seconds, abs=0.05)
    assert song.length_seconds >= BRIEF.length_seconds - 0.05
    assert serialization.loads(serialization.dumps(song)) == song


@pytest.mark.parametrize("name", COMPOSERS)
def test_lines_and_grid_are_in_order(name: str, make_song: Callable[[str], tuple[Song, LocalStore]]) -> None:
    song, _ = make_song(name)
    assert (song.timing == "none") == all(line.start_seconds is None for line in song.lines)
    starts = [line.start_seconds for line in song.lines if line.start_seconds is not None]
    assert starts == sorted(starts)
    if song.grid is not None:
        assert all(a < b for a, b in itertools.pairwise(song.grid.beats))
        assert set(song.grid.downbeats) <= set(song.grid.beats)


def test_collecting_again_is_safe_and_gives_the_same_song(composer: ComposerProvider, store: LocalStore) -> None:
    context = a_context(store)
    order = composer.order(context, a_brief(length_seconds=5.0))
    first = composer.collect(context, order)
    again = composer.collect(replace(context, prefix="tasks/task-1/1/another-run"), order)
    assert replace(again, key=first.key) == first


def test_a_store_that_fails_is_not_hidden(composer: ComposerProvider, tmp_path: Path) -> None:
    if composer.name in KEEPS_WHEN_ORDERED:
        pytest.skip("collecting writes nothing")

    class Full(LocalStore):
        @contextmanager
        def create(self, key: str, **options: object) -> Iterator[Path]:
            del key, options
            raise OSError("no room")
            yield

    with pytest.raises(OSError, match="no room"), contextlib.suppress(KeyError):
        collected(composer, Full(tmp_path), a_brief(length_seconds=5.0))
