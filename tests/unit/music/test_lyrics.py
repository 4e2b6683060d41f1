"""Every line of the lyrics stands long enough, on the grid, and never on top of another."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.song import SungLine, TimedWord
from auratune.core.treatment import LyricLine
from auratune.music.lyric_timing import LONGEST_LINE_SECONDS, SHORTEST_LINE_SECONDS, lay_lines


def grid(
    bpm: float = 120.0, length: float = 30.0, *, starts_at: float = 0.0, sections: tuple[SongSection, ...] = ()
) -> BeatGrid:
    beat = 60.0 / bpm
    beats = tuple(round(i * beat, 4) for i in range(int(length / beat) + 1))
    return BeatGrid(
        tempo_bpm=bpm,
        beats=beats,
        downbeats=beats[::4],
        sections=sections or (SongSection("verse", 0.0, length, 0.5),),
        energy=(0.5,) * len(beats),
        length_seconds=length,
        starts_at_seconds=starts_at,
    )


def words(count: int, section: str = "verse") -> tuple[LyricLine, ...]:
    return tuple(LyricLine(f"line {i} of the {section}", section) for i in range(count))  # type: ignore[arg-type]


@pytest.mark.parametrize("bpm", [60, 84, 120, 178])
@pytest.mark.parametrize("count", [1, 2, 4, 8, 12, 16])
def test_all_lines_fit_in_order_and_can_be_read(bpm: float, count: int) -> None:
    lines = words(count)
    laid = lay_lines(lines, grid(bpm))
    assert [line.text for line in laid] == [line.text for line in lines]
    for line, following in itertools.pairwise(laid):
        assert line.end_seconds <= following.start_seconds
    for line in laid:
        assert SHORTEST_LINE_SECONDS - 0.1 <= line.end_seconds - line.start_seconds <= LONGEST_LINE_SECONDS + 1e-6
        assert 0 <= line.start_seconds < line.end_seconds <= 30.0


def test_lines_begin_on_bars_when_there_are_bars_enough() -> None:
    song = grid(120)
    assert all(line.start_seconds in song.downbeats for line in lay_lines(words(7), song))


def test_few_lines_span_two_or_four_bars() -> None:
    song = grid(120)
    starts = [line.start_seconds for line in lay_lines(words(3), song)]
    assert starts == [0.0, 8.0, 16.0]
    starts = [line.start_seconds for line in lay_lines(words(6), song)]
    assert starts == [0.0, 4.0, 8.0, 12.0, 16.0, 20.0]


def test_the_chorus_is_sung_where_the_chorus_is() -> None:
    sections = (
        SongSection("intro", 0.0, 4.0, 0.2),
        SongSection("verse", 4.0, 14.0, 0.5),
        SongSection("chorus", 14.0, 30.0, 0.9),
    )
    laid = lay_lines(words(3) + words(4, "chorus"), grid(120, sections=sections))
    assert laid[0].start_seconds == 4.0
    assert next(line for line in laid if line.section == "chorus").start_seconds == 14.0
    assert len(laid) == 7


def test_far_too_many_lines_are_cut_at_what_can_be_read() -> None:
    laid = lay_lines(words(200), grid(100))
    assert 20 <= len(laid) <= 25
    assert [line.text for line in laid] == [line.text for line in words(len(laid))]


def test_sung_lines_keep_the_time_of_their_words_in_film_time() -> None:
    sung = (
        SungLine(text="before", start_seconds=3.0, end_seconds=5.0),
        SungLine(
            text="late light",
            section="chorus",
            start_seconds=12.0,
            end_seconds=14.0,
            words=(TimedWord("late", 12.0, 12.5), TimedWord("light", 12.6, 14.0)),
        ),
        SungLine(text="overlapping", start_seconds=13.5, end_seconds=16.0),
        SungLine(text="after the film", start_seconds=80.0, end_seconds=82.0),
    )
    laid = lay_lines(sung, grid(starts_at=10.0))
    assert [(line.text, line.start_seconds, line.end_seconds) for line in laid] == [
        ("late light", 2.0, 3.5),
        ("overlapping", 3.5, 6.0),
    ]
    assert laid[0].words == (TimedWord("late", 2.0, 2.5), TimedWord("light", 2.6, 4.0))


def test_no_lines_and_empty_lines_make_no_captions() -> None:
    assert lay_lines((), grid()) == ()
    assert lay_lines((LyricLine("  "),), grid()) == ()


def test_a_short_film_at_a_slow_tempo_still_shows_its_lines() -> None:
    laid = lay_lines(words(4), grid(60, 5.0))
    assert len(laid) >= 3
    assert laid[-1].end_seconds <= 5.0


def test_laying_lines_loads_no_heavy_library() -> None:
    code = "import sys, auratune.music.lyric_timing; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
