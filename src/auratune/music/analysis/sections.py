"""Which stretches a song is made of, and how much goes on in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.core.beat_grid import SongSection
from auratune.music.analysis.onsets import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.core.treatment import Section
    from auratune.music.analysis.onsets import Onsets

    Curve = NDArray[np.floating]

_QUIET_DB = 24.0
"""This far below the loudest bar, nothing much is going on."""
_LOUDNESS_SHARE = 0.7
_SHORTEST_BARS = 2
_NEAR_BARS = 4
_LEAST_CHANGE = 0.12
_LEAST_SPREAD = 0.06
_STEP = 0.12
_CHORUS_ABOVE = 0.6
_LOW_SHARE = 0.25
_LONGEST_END_SHARE = 0.34


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
    firsts = _runs(energy, [0, *_borders(energy)])
    means = _section_means(energy, firsts)
    names = _ends_named(_choruses(means, firsts, len(bars)), means, firsts, len(bars))
    starts = [0.0, *(round(float(bars[first]), 4) for first in firsts[1:])]
    return tuple(
        SongSection(name, start, end, round(mean, 3))
        for name, start, end, mean in zip(names, starts, [*starts[1:], length_seconds], means, strict=True)
    )


def _runs(energy: Curve, firsts: list[int]) -> list[int]:
    """First bars of the stretches that are left when neighbours of one kind and about one energy are one."""
    means = _section_means(energy, firsts)
    names = _choruses(means, firsts, len(energy))
    return [
        first
        for place, first in enumerate(firsts)
        if place == 0 or names[place] != names[place - 1] or abs(means[place] - means[place - 1]) > _STEP
    ]


def _section_means(energy: Curve, firsts: list[int]) -> list[float]:
    return [float(energy[first:end].mean()) for first, end in zip(firsts, [*firsts[1:], len(energy)], strict=True)]


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


def _choruses(means: list[float], firsts: list[int], count: int) -> list[Section]:
    """`chorus` or `verse` for each stretch.

    What is high is measured against what is usual in this song, so that one hushed ending does not make everything
    else a chorus.
    """
    order = np.argsort(means)
    share = np.cumsum(_lengths(firsts, count)[order]) / count
    usual_low = means[int(order[int(np.searchsorted(share, _LOW_SHARE))])]
    spread = max(means) - usual_low
    return [
        "chorus" if spread > _LEAST_SPREAD and mean - usual_low > _CHORUS_ABOVE * spread else "verse" for mean in means
    ]


def _ends_named(names: list[Section], means: list[float], firsts: list[int], count: int) -> list[Section]:
    """The names with an intro and an outro where the ends are short and quieter than their neighbours."""
    lengths = _lengths(firsts, count)
    if len(means) > 1:
        if means[0] < means[1] - _LEAST_SPREAD and lengths[0] <= _LONGEST_END_SHARE * count:
            names[0] = "intro"
        if means[-1] < means[-2] - _LEAST_SPREAD and lengths[-1] <= _LONGEST_END_SHARE * count:
            names[-1] = "outro"
    return names


def _lengths(firsts: list[int], count: int) -> NDArray[np.intp]:
    return np.diff(np.array([*firsts, count]))


def _means(curve: Curve, edges: NDArray[np.intp]) -> Curve:
    sums = np.concatenate(([0.0], np.cumsum(curve)))
    lengths = np.maximum(1, edges[1:] - edges[:-1])
    means: Curve = (sums[edges[1:]] - sums[edges[:-1]]) / lengths
    return means
