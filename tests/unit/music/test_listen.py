"""Any song becomes a grid that covers the film, or a clear refusal."""

from __future__ import annotations

import itertools
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.test_songs import perform
from tests.contexts import a_context

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.errors import InvalidSong
from auratune.core.options import FilmFormat, Options
from auratune.core.song import Song
from auratune.core.treatment import MusicBrief
from auratune.music.analysis.beat_tracking import analyze_song, track_beats
from auratune.music.audio import write_mp3

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 44100


class Folder:
    """A store that reads files from one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def fetch(self, key: str) -> Iterator[Path]:
        yield self.path / key

    @contextmanager
    def draft(self, key: str) -> Iterator[Path]:
        yield self.path / key

    def exists(self, key: str) -> bool:
        return (self.path / key).exists()

    def delete(self, key: str) -> None:
        (self.path / key).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    write_mp3(str(folder / "rock.mp3"), perform("rock", 104, 401, lead_in=0.8, length_seconds=20.0).samples)
    write_mp3(str(folder / "short.mp3"), perform("disco", 120, 402, length_seconds=8.0).samples)
    rising = perform("rock", 120, 403, length_seconds=40.0).samples
    rising[: 24 * RATE] *= 0.25
    write_mp3(str(folder / "rising.mp3"), rising)
    return folder


def a_song(key: str, *, grid: BeatGrid | None = None, bpm: tuple[float, float] = (0.0, 0.0)) -> Song:
    brief = MusicBrief(
        title="",
        length_seconds=15.0,
        genre_tags=(),
        style="lo-fi",
        tempo_low_bpm=bpm[0],
        tempo_high_bpm=bpm[1],
        key="",
        energy_curve=(0.5,),
        valence=0.0,
        arousal=0.5,
        warmth=0.0,
        brightness=0.5,
        lyrics=(),
        instrumental=True,
        seed=1,
    )
    return Song(key=key, music_by="suno", length_seconds=20.0, brief=brief, grid=grid)


def options(length: float) -> Options:
    return Options(format=FilmFormat(length_seconds=length))


def holds(grid: BeatGrid, length: float) -> None:
    """What every grid promises."""
    assert grid.length_seconds == length
    assert all(before < after for before, after in itertools.pairwise(grid.beats))
    assert grid.beats[0] < 1.3
    assert length - grid.beats[-1] < 1.3
    assert set(grid.downbeats) <= set(grid.beats)
    assert len(grid.energy) == len(grid.beats)
    assert all(0.0 <= value <= 1.0 for value in grid.energy)
    assert grid.sections[0].start_seconds == 0.0
    assert grid.sections[-1].end_seconds == length
    assert all(a.end_seconds == b.start_seconds for a, b in itertools.pairwise(grid.sections))
    assert 0.0 <= grid.confidence <= 1.0


def test_a_vendors_song_is_heard_in_a_child_process(songs: Path) -> None:
    grid = track_beats(a_context(Folder(songs)), a_song("rock.mp3", bpm=(98, 110)), options(15.0))
    holds(grid, 15.0)
    assert grid.tempo_bpm == pytest.approx(104, rel=0.01)
    assert grid.source == "tracked"
    assert grid.confidence > 0.6
    assert grid.starts_at_seconds == pytest.approx(0.8, abs=0.03), "the film begins on the first downbeat"
    assert grid.downbeats[0] == 0.0


def test_a_composers_own_grid_is_taken_without_listening() -> None:
    beats = tuple(i * 0.5 for i in range(40))
    own = BeatGrid(
        tempo_bpm=120.0,
        beats=beats,
        downbeats=beats[::4],
        sections=(SongSection("intro", 0.0, 4.0, 0.2), SongSection("chorus", 4.0, 20.0, 0.8)),
        energy=(0.5,) * 40,
        length_seconds=20.0,
        source="composer",
    )
    grid = track_beats(a_context(Folder(Path())), a_song("nothing-there.mp3", grid=own), options(20.0))
    assert replace(grid, starts_at_seconds=0.0) == own
    shorter = track_beats(a_context(Folder(Path())), a_song("nothing-there.mp3", grid=own), options(12.0))
    holds(shorter, 12.0)
    assert shorter.source == "composer"


def test_best_waits_for_the_rise_of_a_song(songs: Path) -> None:
    grid = analyze_song(str(songs / "rising.mp3"), 15.0, "best", 110.0, 130.0)
    holds(grid, 15.0)
    assert 14.0 < grid.starts_at_seconds < 22.0
    assert grid.sections[-1].name == "chorus"
    assert grid.sections[-1].energy > grid.sections[0].energy + 0.2


def test_a_song_shorter_than_the_film_still_gives_a_grid_for_all_of_it(songs: Path) -> None:
    grid = analyze_song(str(songs / "short.mp3"), 20.0, "fast", 110.0, 130.0)
    holds(grid, 20.0)
    gaps = np.diff(grid.beats)
    assert np.allclose(gaps, 0.5, atol=0.02), "the repeat does not limp"


@pytest.mark.parametrize("kind", ["noise", "tone", "bursts"])
def test_sound_without_a_beat_gives_a_steady_grid_of_low_confidence(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(7)
    t = np.arange(12 * RATE) / RATE
    sound = {
        "noise": rng.standard_normal(len(t)) * 0.05,
        "tone": 0.2 * np.sin(2 * np.pi * 220 * t),
        "bursts": rng.standard_normal(len(t)) * (np.interp(t, np.sort(rng.uniform(0, 12, 60)), rng.random(60)) ** 6),
    }[kind]
    write_mp3(str(tmp_path / "song.mp3"), np.stack([sound, sound], axis=1).astype(np.float32))
    grid = analyze_song(str(tmp_path / "song.mp3"), 10.0, "fast", 0.0, 0.0)
    holds(grid, 10.0)
    assert grid.confidence <= 0.3


def test_songs_that_cannot_be_used_are_refused_from_the_child(songs: Path, tmp_path: Path) -> None:
    store = Folder(tmp_path)
    (tmp_path / "page.mp3").write_bytes(b"<html>Not found</html>" * 100)
    write_mp3(str(tmp_path / "silent.mp3"), np.zeros((8 * RATE, 2), np.float32))
    shutil.copy(songs / "short.mp3", tmp_path / "cut.mp3")
    write_mp3(str(tmp_path / "three.mp3"), perform("rock", 120, 404, length_seconds=3.0).samples)
    for key, code in (("page.mp3", "song_not_audio"), ("silent.mp3", "song_silent"), ("three.mp3", "song_too_short")):
        with pytest.raises(InvalidSong) as refusal:
            track_beats(a_context(store), a_song(key), options(10.0))
        assert refusal.value.code == code
