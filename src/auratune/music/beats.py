"""Where the beats of a song lie.

The path of beats is found by dynamic programming over the onset curve (Ellis, "Beat tracking by dynamic programming",
2007); which tempo, which of two pulses half a beat apart, and the fine placing are our own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from auratune.music.onsets import FRAMES_PER_SECOND
from auratune.music.tempo import Tempo, TempoHint, likely_tempi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.music.onsets import Onsets

    Curve = NDArray[np.floating]

_TIGHTNESS = 400.0
_REACH = 3
_STEADY_SECONDS = 0.018
_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True)
class Pulse:
    """Beats in seconds, the tempo they keep, and how sure we are (0 to 1)."""

    beats: Curve
    tempo_bpm: float
    confidence: float


def find_pulse(onsets: Onsets, hint: TempoHint | None = None) -> Pulse | None:
    """The beats from the first to the last moment of the sound; None where there is no pulse at all."""
    tempi = likely_tempi(onsets.strength, hint)
    if not tempi:
        return None
    tempo = tempi[0]
    path = _path(onsets.strength, tempo.period_frames)
    if len(path) < 4:
        return None
    path = _on_the_beat(path, onsets)
    beats = _placed(path, onsets.strength)
    tempo_bpm = 60.0 / float(np.median(np.diff(beats)))
    return Pulse(_through(beats, len(onsets) / FRAMES_PER_SECOND), tempo_bpm, _confidence(path, onsets, tempo))


def _path(strength: Curve, period: float) -> NDArray[np.intp]:
    """Frames of the chain of beats that collects most onset strength while keeping time."""
    local = gaussian_filter1d(strength, max(1.0, period / 32))
    count = len(local)
    steps = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -_TIGHTNESS * np.log(-steps / period) ** 2
    score = local.astype(np.float64).copy()
    came_from = np.full(count, -1, dtype=np.intp)
    first = -int(steps[0])
    for now in range(-int(steps[-1]), count):
        before = now + steps if now >= first else (now + steps)[now + steps >= 0]
        options = score[before] + cost[len(steps) - len(before) :]
        best = int(np.argmax(options))
        if options[best] > 0:
            score[now] += options[best]
            came_from[now] = before[best]
    tail = max(0, count - round(period))
    now = tail + int(np.argmax(score[tail:])) if count else -1
    path = []
    while now >= 0:
        path.append(now)
        now = int(came_from[now])
    return np.array(path[::-1], dtype=np.intp)


def _on_the_beat(path: NDArray[np.intp], onsets: Onsets) -> NDArray[np.intp]:
    """The path, or the one half a beat later where kick and bass say so: off-beat chords can be louder than beats."""
    between = (path[:-1] + path[1:]) // 2
    here, there = _at(onsets.low, path), _at(onsets.low, between)
    return between if there.mean() > 1.5 * here.mean() + 0.1 else path


def _at(curve: Curve, frames: NDArray[np.intp]) -> Curve:
    """The highest value within reach of each frame."""
    offsets = np.arange(-_REACH, _REACH + 1)
    around = np.clip(frames[:, None] + offsets, 0, len(curve) - 1)
    highest: Curve = curve[around].max(axis=1)
    return highest


def _placed(path: NDArray[np.intp], strength: Curve) -> Curve:
    """Beat times finer than a frame: each is drawn towards the onset it sits on and into line with its neighbours."""
    offsets = np.arange(-_REACH, _REACH + 1)
    around = np.clip(path[:, None] + offsets, 0, len(strength) - 1)
    weights = strength[around] + 1e-6
    fine = path + (weights * offsets).sum(axis=1) / weights.sum(axis=1)
    trust = _at(strength, path) + 0.05
    index = np.arange(len(fine), dtype=float)
    slope, start = np.polyfit(index, fine, 1, w=np.sqrt(trust))
    steady = start + slope * index
    if np.sqrt(np.average((fine - steady) ** 2, weights=trust)) < _STEADY_SECONDS * FRAMES_PER_SECOND:
        return np.asarray(steady / FRAMES_PER_SECOND)
    placed = np.empty(len(fine))
    for i in range(len(fine)):
        part = slice(max(0, i - _NEIGHBOURS), i + _NEIGHBOURS + 1)
        line = np.polyfit(index[part], fine[part], 1, w=np.sqrt(trust[part]))
        placed[i] = np.polyval(line, index[i])
    return np.asarray(np.maximum.accumulate(placed) / FRAMES_PER_SECOND)


def _through(beats: Curve, length_seconds: float) -> Curve:
    """The beats led on at their own pace to both ends of the sound."""
    first_gap = float(np.median(np.diff(beats[:8])))
    last_gap = float(np.median(np.diff(beats[-8:])))
    before = beats[0] - first_gap * np.arange(math.floor((beats[0] + 0.02) / first_gap), 0, -1)
    after = beats[-1] + last_gap * np.arange(1, math.floor((length_seconds - beats[-1]) / last_gap) + 1)
    return np.asarray(np.maximum(0.0, np.concatenate((before, beats, after))))


def _confidence(path: NDArray[np.intp], onsets: Onsets, tempo: Tempo) -> float:
    """0 to 1: does the sound repeat at this tempo, and do onsets sit on the beats rather than anywhere."""
    on_beats = float(_at(onsets.strength, path).mean())
    anywhere = float(_at(onsets.strength, np.arange(0, len(onsets), 7)).mean()) + 1e-6
    contrast = np.clip((on_beats / anywhere - 1.0) / 1.0, 0.0, 1.0)
    clarity = np.clip(tempo.clarity / 0.35, 0.0, 1.0)
    return float(np.sqrt(contrast * clarity))
