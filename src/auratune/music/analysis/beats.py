"""Where the beats of a song lie.

The path of beats at a tempo is found by dynamic programming over the onset curve (Ellis, "Beat tracking by dynamic
programming", 2007). Which tempo, which of the pulses beside the beat, and the fine placing are our own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from auratune.music.analysis.onsets import FRAMES_PER_SECOND
from auratune.music.analysis.pulse_features import certainty, log_odds, pulse_features
from auratune.music.analysis.tempo import TempoHint, autocorrelation, candidates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from auratune.music.analysis.onsets import Onsets

    Curve = NDArray[np.floating]
    Frames = NDArray[np.intp]

_TIGHTNESS = 400.0
_REACH = 3
_FEWEST_BEATS = 6
_STEADY_SECONDS = 0.018
_NEIGHBOURS = 8
_SHIFTS = (0.0, 1 / 2, 1 / 3, 2 / 3)
"""Parts of a beat by which a pulse may be beside the beat: off-beats, and swung ones."""
_LIKENESS_SECONDS = 8.0
_BARS = ((4, 0.0), (3, -1.4))
"""Beats in a bar, and what is taken off the odds: bars of three are rarer. Fitted with the other weights."""
_SURE_AT_NO_MARGIN, _SURE_BY_MARGIN = -1.0, 1.4
_USUAL_ODDS, _SURE_BY_ODDS = 19.0, 0.7
"""How the lead over the next best pulse, and what speaks for the best in all, turn into confidence (logistic).

The second keeps confidence low where all pulses fit badly. Fitted on 70 songs like those of
`benchmarks/hard_songs.py`; the tracker is wrong on 20 of them.
"""
_SAME_OCTAVES, _SAME_BEATS = 0.06, 0.12
"""Two pulses are the same where tempo and places differ by less: octaves, and parts of a beat."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Beats in seconds, the tempo they keep, how many make a bar, and how likely they are right (0 to 1)."""

    beats: Curve
    tempo_bpm: float
    beats_per_bar: int
    confidence: float


def track_pulse(onsets: Onsets, hint: TempoHint | None = None) -> Pulse | None:
    """The beats from the first to the last moment of the sound; None where there is no pulse at all."""
    likeness = autocorrelation(onsets.strength, round(_LIKENESS_SECONDS * FRAMES_PER_SECOND))
    if likeness is None:
        return None
    found: list[tuple[float, int, Curve, float]] = []
    for bpm in candidates(onsets.strength, hint):
        wish = hint.worth(bpm) if hint else 0.0
        for beats in _pulses(onsets, bpm):
            for beats_per_bar, odds in _BARS:
                features = pulse_features(beats, onsets, likeness, beats_per_bar)
                found.append((log_odds(features) + odds + wish, beats_per_bar, beats, certainty(features)))
    if not found:
        return None
    score, beats_per_bar, beats, has_pulse = max(found, key=lambda pulse: pulse[0])
    margin = score - max((other for other, _, their, _ in found if not _same(their, beats)), default=score - 4.0)
    certain = _SURE_AT_NO_MARGIN + _SURE_BY_MARGIN * margin + _SURE_BY_ODDS * (score - _USUAL_ODDS)
    sure = 1.0 / (1.0 + math.exp(-certain))
    return Pulse(beats, 60.0 / float(np.median(np.diff(beats))), beats_per_bar, has_pulse * sure)


def _same(beats: Curve, others: Curve) -> bool:
    """Whether two pulses have about the same tempo and lie on one another."""
    period, other_period = float(np.median(np.diff(beats))), float(np.median(np.diff(others)))
    if abs(math.log2(period / other_period)) > _SAME_OCTAVES:
        return False
    places = np.searchsorted(others, beats).clip(1, len(others) - 1)
    apart = np.minimum(np.abs(beats - others[places - 1]), np.abs(beats - others[places]))
    return float(np.median(apart)) < _SAME_BEATS * period


def _pulses(onsets: Onsets, bpm: float) -> Iterator[Curve]:
    """The pulse at a tempo that onsets support most, and those beside it."""
    path = _path(onsets.strength, 60.0 * FRAMES_PER_SECOND / bpm)
    if len(path) < _FEWEST_BEATS:
        return
    length = len(onsets) / FRAMES_PER_SECOND
    for shift in _SHIFTS:
        moved = (path[:-1] + np.diff(path) * shift).round().astype(np.intp) if shift else path
        yield _through(_placed(moved, onsets.strength), length)


def _path(strength: Curve, period: float) -> Frames:
    """Frames of the chain of beats that collects most onset strength while keeping time."""
    local = gaussian_filter1d(strength, max(1.0, period / 32)).astype(np.float64)
    count = len(local)
    steps = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -_TIGHTNESS * np.log(-steps / period) ** 2
    score = local.copy()
    came_from = np.full(count, -1, dtype=np.intp)
    first, last = -int(steps[0]), -int(steps[-1])
    for now in range(last, count):
        begin = max(0, now - first)
        options = score[begin : now - last + 1] + cost[begin - (now - first) :]
        best = int(options.argmax())
        if options[best] > 0:
            score[now] += options[best]
            came_from[now] = begin + best
    tail = max(0, count - round(period))
    now = tail + int(np.argmax(score[tail:])) if count else -1
    path = []
    while now >= 0:
        path.append(now)
        now = int(came_from[now])
    return np.array(path[::-1], dtype=np.intp)


def _placed(path: Frames, strength: Curve) -> Curve:
    """Beat times finer than a frame: each is drawn towards the onset it sits on and into line with its neighbours.

    Where one line through all beats fits as well as can be heard, the song was made to a click, and the line is taken.
    """
    offsets = np.arange(-_REACH, _REACH + 1)
    around = strength[np.clip(path[:, None] + offsets, 0, len(strength) - 1)] + 1e-6
    fine = path + (around * offsets).sum(axis=1) / around.sum(axis=1)
    trust = around.max(axis=1) + 0.05
    index = np.arange(len(fine), dtype=np.float64)
    line = _local_lines(index, fine, trust, len(fine))
    if np.sqrt(np.average((fine - line) ** 2, weights=trust)) > _STEADY_SECONDS * FRAMES_PER_SECOND:
        line = np.maximum.accumulate(_local_lines(index, fine, trust, _NEIGHBOURS))
    return np.asarray(line / FRAMES_PER_SECOND)


def _local_lines(index: Curve, values: Curve, weights: Curve, reach: int) -> Curve:
    """For each point the height there of the line that fits best through its neighbours up to `reach` away."""
    sums = [
        np.concatenate(([0.0], np.cumsum(weights * part)))
        for part in (np.ones(len(index)), index, values, index * index, index * values)
    ]
    first = np.maximum(0, np.arange(len(index)) - reach)
    end = np.minimum(len(index), np.arange(len(index)) + reach + 1)
    w, x, y, xx, xy = (part[end] - part[first] for part in sums)
    slope = (w * xy - x * y) / np.maximum(w * xx - x * x, 1e-9)
    return np.asarray((y + slope * (w * index - x)) / w)


def _through(beats: Curve, length_seconds: float) -> Curve:
    """The beats led on at their own pace to both ends of the sound."""
    first_gap = float(np.median(np.diff(beats[:8])))
    last_gap = float(np.median(np.diff(beats[-8:])))
    before = beats[0] - first_gap * np.arange(math.floor((beats[0] + 0.02) / first_gap), 0, -1)
    after = beats[-1] + last_gap * np.arange(1, math.floor((length_seconds - beats[-1]) / last_gap) + 1)
    return np.asarray(np.maximum(0.0, np.concatenate((before, beats, after))))
