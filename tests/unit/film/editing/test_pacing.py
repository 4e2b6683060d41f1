"""Where the cuts fall."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from tests.stories import a_grid

from auratune.core.beat_grid import BeatGrid, SyncPoint
from auratune.film.editing.pacing import closing_seconds, cut_points, energy_at, fewest_shots, opening_seconds


@pytest.mark.parametrize("tempo", [50, 72, 96, 120, 150, 180])
def test_most_cuts_fall_on_downbeats_and_all_on_beats(tempo: int) -> None:
    on_downbeat = total = 0
    for seed in range(5):
        cuts = cut_points(a_grid(tempo), 30.0, 30, random.Random(seed))
        assert all(cut.on_beat for cut in cuts)
        on_downbeat += sum(cut.on_downbeat for cut in cuts)
        total += len(cuts)
    assert on_downbeat >= 0.45 * total


@pytest.mark.parametrize("seconds", [5.0, 8.0, 15.0, 30.0, 60.0])
def test_there_are_enough_shots_and_room_at_both_ends(seconds: float) -> None:
    cuts = cut_points(a_grid(100, seconds), seconds, 30, random.Random(1))
    assert len(cuts) + 1 >= fewest_shots(seconds)
    assert cuts[0].seconds >= 0.6 * opening_seconds(seconds)
    assert seconds - cuts[-1].seconds >= 0.7 * closing_seconds(seconds)


def test_half_a_minute_has_at_least_five_shots() -> None:
    assert fewest_shots(30.0) == 5


def test_silence_in_the_middle_is_bridged_by_phrases() -> None:
    grid = a_grid()
    beats = tuple(beat for beat in grid.beats if not 8 < beat < 24)
    cuts = cut_points(replace(grid, beats=beats, downbeats=beats[::4]), 30.0, 30, random.Random(1))
    assert any(8.5 < cut.seconds < 23.5 and not cut.on_beat for cut in cuts)
    assert not any(cut.on_downbeat for cut in cuts if not cut.on_beat)


def test_energy_is_read_from_section_and_beat() -> None:
    grid = a_grid()
    assert energy_at(grid, 20.0) == pytest.approx(0.85)
    assert energy_at(grid, 0.0) == pytest.approx(0.3)


def struck(grid: BeatGrid, seconds: float, strength: float = 0.9) -> BeatGrid:
    """The grid with one accent."""
    return replace(grid, sync_points=(SyncPoint("hit", seconds, seconds, strength),))


@pytest.mark.parametrize("tempo", [63, 84, 100, 128])
@pytest.mark.parametrize("seed", range(4))
def test_the_last_shot_begins_with_the_final_chord(tempo: int, seed: int) -> None:
    grid = a_grid(tempo)
    final = next(beat for beat in reversed(grid.downbeats) if beat <= 30.0 - 2.5)
    assert cut_points(struck(grid, final), 30.0, 30, random.Random(seed))[-1].seconds == final


def test_a_final_chord_too_near_the_end_leaves_the_last_shot_its_time() -> None:
    grid = a_grid(100)
    cuts = cut_points(struck(grid, grid.beats[-2]), 30.0, 30, random.Random(1))
    assert 30.0 - cuts[-1].seconds >= 0.7 * closing_seconds(30.0)


def test_hits_draw_cuts_even_off_the_bar() -> None:
    grid = a_grid(100)
    hit = grid.beats[19]

    def films_cut_there(beats: BeatGrid) -> int:
        return sum(
            any(cut.seconds == hit for cut in cut_points(beats, 30.0, 30, random.Random(seed))) for seed in range(20)
        )

    assert films_cut_there(struck(grid, hit, 1.0)) >= 14
    assert films_cut_there(grid) <= 6


def test_shots_are_longer_in_a_rest_and_shorter_in_a_rise() -> None:
    grid = a_grid(160)

    def cuts_during(kind: str) -> int:
        point = SyncPoint(kind, 6.0, 24.0, 1.0)  # type: ignore[arg-type]
        beats = replace(grid, sync_points=(point,))
        return sum(len(cut_points(beats, 30.0, 30, random.Random(seed))) for seed in range(10))

    plain = sum(len(cut_points(grid, 30.0, 30, random.Random(seed))) for seed in range(10))
    assert cuts_during("rest") < plain < cuts_during("rise")
