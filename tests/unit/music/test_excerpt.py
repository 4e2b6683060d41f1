"""The film takes the part of the song that serves it best, and its grid counts from there."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.music.analysis.excerpt import choose_start, cut_grid
from auratune.music.analysis.sync_points import find_sync_points


def a_grid(length: float = 120.0, *, first: float = 0.0, sections: tuple[SongSection, ...] = ()) -> BeatGrid:
    """A song at 120 BPM whose first downbeat is at `first`."""
    beats = tuple(round(first + i * 0.5, 3) for i in range(int((length - first) / 0.5)))
    sections = sections or (SongSection("verse", 0.0, length, 0.5),)

    def energy(beat: float) -> float:
        return next(s.energy for s in sections if s.start_seconds <= beat < s.end_seconds)

    return BeatGrid(
        tempo_bpm=120.0,
        beats=beats,
        downbeats=beats[::4],
        sections=sections,
        energy=tuple(energy(beat) for beat in beats),
        length_seconds=length,
    )


WITH_CHORUS = (
    SongSection("intro", 0.0, 16.0, 0.2),
    SongSection("verse", 16.0, 48.0, 0.5),
    SongSection("chorus", 48.0, 80.0, 0.9),
    SongSection("verse", 80.0, 104.0, 0.5),
    SongSection("outro", 104.0, 120.0, 0.2),
)


def test_fast_takes_the_opening_from_its_first_downbeat() -> None:
    assert choose_start(a_grid(32.0, first=0.7), 30.0, "fast") == 0.7
    assert choose_start(a_grid(32.0), 30.0, "fast") == 0.0


def test_fast_never_begins_later_than_what_is_in_hand_allows() -> None:
    assert choose_start(a_grid(30.4, first=0.7), 30.0, "fast") == 0.0


def test_best_begins_on_a_downbeat_so_that_the_film_rises_into_the_chorus() -> None:
    song = a_grid(sections=WITH_CHORUS)
    start = choose_start(song, 30.0, "best")
    assert start in song.downbeats
    assert 6.0 <= 48.0 - start <= 18.0, "the chorus comes after a while, and lasts"
    film = cut_grid(song, start, 30.0)
    assert [section.name for section in film.sections] == ["verse", "chorus"]


def test_best_fits_a_whole_film() -> None:
    late = (SongSection("verse", 0.0, 100.0, 0.3), SongSection("chorus", 100.0, 120.0, 0.9))
    assert choose_start(a_grid(sections=late), 30.0, "best") <= 90.0


def test_best_of_an_even_song_is_its_beginning() -> None:
    assert choose_start(a_grid(first=0.5), 30.0, "best") == 0.5


def test_a_song_as_long_as_the_film_is_taken_whole() -> None:
    assert choose_start(a_grid(30.0, first=0.5), 30.0, "best") == 0.0


@pytest.mark.parametrize("start", [0.0, 0.7, 13.2, 95.0, 110.0])
def test_a_cut_grid_covers_the_film_exactly(start: float) -> None:
    song = a_grid(first=0.7, sections=WITH_CHORUS)
    film = cut_grid(song, start, 30.0)
    assert film.length_seconds == 30.0
    assert film.starts_at_seconds == pytest.approx(start)
    assert 0.0 <= film.beats[0] <= 0.71
    assert 29.4 < film.beats[-1] <= 30.0
    assert all(0.49 < after - beat < 0.51 for beat, after in itertools.pairwise(film.beats))
    assert set(film.downbeats) <= set(film.beats)
    assert all(1.99 < after - beat < 2.01 for beat, after in itertools.pairwise(film.downbeats))
    assert len(film.energy) == len(film.beats)
    assert film.sections[0].start_seconds == 0.0
    assert film.sections[-1].end_seconds == 30.0
    assert all(a.end_seconds == b.start_seconds for a, b in itertools.pairwise(film.sections))


def test_bars_of_a_cut_grid_are_those_of_the_song() -> None:
    song = a_grid(first=0.7)
    film = cut_grid(song, 13.2, 30.0)
    assert [round(beat + 13.2, 3) for beat in film.downbeats] == [d for d in song.downbeats if 13.2 <= d <= 43.2]


def test_sync_points_are_cut_and_moved_with_the_grid() -> None:
    song = replace(a_grid(sections=WITH_CHORUS), sync_points=find_sync_points(WITH_CHORUS, 4.0, 119.0))
    film = cut_grid(song, 46.0, 30.0)
    assert [(p.kind, p.start_seconds, p.end_seconds) for p in film.sync_points] == [
        ("rise", 0.0, 2.0),
        ("hit", 2.0, 2.0),
    ]


def test_a_chorus_enters_with_a_hit_after_a_rise_and_quiet_sections_are_rests() -> None:
    points = find_sync_points(WITH_CHORUS, 4.0, 119.0)
    assert [p.start_seconds for p in points if p.kind == "hit"] == [16.0, 48.0, 119.0]
    assert [(p.start_seconds, p.end_seconds) for p in points if p.kind == "rise"] == [(12.0, 16.0), (44.0, 48.0)]
    assert [(p.start_seconds, p.end_seconds) for p in points if p.kind == "rest"] == [(0.0, 16.0), (104.0, 120.0)]
