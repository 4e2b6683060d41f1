"""Sections of a song follow what goes on in it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from auratune.music.analysis.onsets import ANALYSIS_RATE, detect_onsets
from auratune.music.analysis.sections import energy_at, find_sections


def song(levels: tuple[float, ...], *, bar_seconds: float = 2.0, bars_each: int = 4) -> np.ndarray:
    """Four hits a bar over a held chord; each level lasts a few bars."""
    parts = []
    rng = np.random.default_rng(3)
    for level in levels:
        t = np.arange(int(bar_seconds * bars_each * ANALYSIS_RATE)) / ANALYSIS_RATE
        hits = rng.standard_normal(len(t)) * np.exp(-12 * (t % (bar_seconds / 4)))
        chord = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.2, 329.6)) / 6
        parts.append(level * (0.5 * hits + chord))
    return np.concatenate(parts).astype(np.float32)


def downbeats(count: int, bar_seconds: float = 2.0) -> np.ndarray:
    return np.arange(count) * bar_seconds


def test_borders_lie_where_the_energy_changes() -> None:
    sections = find_sections(downbeats(16), detect_onsets(song((0.1, 0.35, 1.0, 0.1))), 32.0)
    at = {
        time: next(s for s in sections if s.start_seconds <= time < s.end_seconds) for time in (2.0, 12.0, 20.0, 31.0)
    }
    assert [section.name for section in at.values()] == ["intro", "verse", "chorus", "outro"]
    assert any(abs(section.start_seconds - 16.0) <= 2.0 for section in sections)
    assert at[20.0].energy > at[12.0].energy > at[2.0].energy


def test_an_even_song_is_one_section() -> None:
    sections = find_sections(downbeats(16), detect_onsets(song((0.5, 0.5, 0.5, 0.5))), 32.0)
    assert [(section.name, section.start_seconds, section.end_seconds) for section in sections] == [
        ("verse", 0.0, 32.0)
    ]


def test_a_hushed_ending_does_not_make_the_rest_a_chorus() -> None:
    sections = find_sections(downbeats(20), detect_onsets(song((0.4, 0.4, 1.0, 1.0, 0.02))), 40.0)
    assert [section.name for section in sections] == ["verse", "chorus", "outro"]


@pytest.mark.parametrize("levels", [(1.0,), (0.0, 1.0), (1.0, 0.2, 1.0, 0.2), (0.0,)])
def test_sections_cover_everything_with_no_gap(levels: tuple[float, ...]) -> None:
    length = 8.0 * len(levels)
    sections = find_sections(downbeats(4 * len(levels)), detect_onsets(song(levels)), length)
    assert sections[0].start_seconds == 0.0
    assert sections[-1].end_seconds == length
    assert all(a.end_seconds == b.start_seconds for a, b in itertools.pairwise(sections))
    assert all(0.0 <= section.energy <= 1.0 for section in sections)


def test_a_song_of_two_bars_or_none_is_one_section() -> None:
    onsets = detect_onsets(song((0.5,)))
    for bars in (np.zeros(0), downbeats(2)):
        assert len(find_sections(bars, onsets, 8.0)) == 1


def test_energy_follows_loudness_and_stays_within_bounds() -> None:
    energy = energy_at(downbeats(8), detect_onsets(song((0.05, 1.0))))
    assert energy.min() >= 0.0
    assert energy.max() <= 1.0
    assert energy[4:].min() > energy[:4].max() + 0.2
