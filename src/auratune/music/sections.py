"""Which stretches a song is made of, and how much goes on in each."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from auratune.core.beatgrid import SongSection
from auratune.music.onsets import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.core.treatment import Section
    from auratune.music.onsets import Onsets

    Curve = NDArray[np.floating]

_QUIET_DB = 24.0
"""This far below the loudest bar, nothing much is going on."""
_LOUDNESS_SHARE = 0.7
_SHORTEST_BARS = 2
_NEAR_BARS = 4
_LEAST_CHANGE = 0.12
_CHORUS_ABOVE = 0.62
_INTRO_BELOW, _OUTRO_BELOW = 0.45, 0.5


def energy_at(moments: Curve, onsets: Onsets) -> Curve:
    """How much goes on from each moment to the next (and from the last one to the end), 0 to 1.

    Loudness for the most part, the rest is how many onsets there are; both against the song's own liveliest stretch.
    """
    count = len(onsets)
    edges = np.clip((np.append(moments, count / FRAMES_PER_SECOND) * FRAMES_PER_SECOND).astype(int), 0, count)
    power = _means(10 ** (onsets.loudness / 10), edges)
    level = 10 * np.log10(power + 1e-9)
    loud = np.clip(1 + (level - np.percentile(level, 95)) / _QUIET_DB, 0.0, 1.0)
    busy = _means(onsets.strength, edges)
    busy = np.clip(busy / max(float(np.percentile(busy, 95)), 1e-6), 0.0, 1.0)
    energy: Curve = _LOUDNESS_SHARE * loud + (1 - _LOUDNESS_SHARE) * busy * loud
    return energy


def find_sections(downbeats: Curve, onsets: Onsets, length_seconds: float) -> tuple[SongSection, ...]:
    """Sections that cover 0 to `length_seconds` with no gap and change on downbeats.

    A border lies where the four bars after it differ most in energy from the four before.
    """
    bars = downbeats[downbeats < length_seconds - 0.5]
    if len(bars) < 2 * _SHORTEST_BARS:
        mean = float(energy_at(np.zeros(1), onsets)[0])
        return (SongSection("verse", 0.0, length_seconds, round(mean, 3)),)
    energy = energy_at(bars, onsets)
    borders = _borders(energy)
    starts = [0.0, *(float(bars[i]) for i in borders)]
    ends = [*starts[1:], length_seconds]
    firsts = [0, *borders, len(bars)]
    means = [float(energy[a:b].mean()) for a, b in pairwise(firsts)]
    names = _names(means)
    return tuple(
        SongSection(name, round(start, 4), round(end, 4), round(mean, 3))
        for name, start, end, mean in zip(names, starts, ends, means, strict=True)
    )


def _borders(energy: Curve) -> list[int]:
    count = len(energy)
    change = np.zeros(count)
    for bar in range(_SHORTEST_BARS, count - 1):
        before, after = energy[max(0, bar - _NEAR_BARS) : bar], energy[bar : bar + _NEAR_BARS]
        change[bar] = abs(float(after.mean()) - float(before.mean()))
    borders: list[int] = []
    for bar in np.argsort(-change):
        if change[bar] < _LEAST_CHANGE:
            break
        if all(abs(int(bar) - other) >= _SHORTEST_BARS for other in borders):
            borders.append(int(bar))
    return sorted(borders)


def _names(means: list[float]) -> list[Section]:
    """A name for each section by its energy and place."""
    low, high = min(means), max(means)
    spread = high - low
    names: list[Section] = []
    for place, mean in enumerate(means):
        height = (mean - low) / spread if spread > _LEAST_CHANGE else 0.5
        last = place == len(means) - 1
        if place == 0 and height < _INTRO_BELOW and len(means) > 1:
            names.append("intro")
        elif last and height < _OUTRO_BELOW and len(means) > 2:
            names.append("outro")
        else:
            names.append("chorus" if height > _CHORUS_ABOVE else "verse")
    return names


def _means(curve: Curve, edges: NDArray[np.intp]) -> Curve:
    sums = np.concatenate(([0.0], np.cumsum(curve)))
    lengths = np.maximum(1, edges[1:] - edges[:-1])
    means: Curve = (sums[edges[1:]] - sums[edges[:-1]]) / lengths
    return means
