"""How fast a song goes: candidates for the time between beats, best first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from auratune.music.onsets import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Curve = NDArray[np.floating]

SLOWEST_BPM, FASTEST_BPM = 50.0, 200.0
_STEPS_PER_OCTAVE = 120
_USUAL_BPM = 108.0
_USUAL_SPREAD_OCTAVES = 0.55
_HINT_MARGIN = 1.04
_OUTSIDE_HINT = 0.35
_COMB = (1, 2, 4)
_COMB_WEIGHTS = (1.0, 0.7, 0.7)


@dataclass(frozen=True, slots=True)
class TempoHint:
    """The range of tempi that was asked of the composer."""

    low_bpm: float
    high_bpm: float


@dataclass(frozen=True, slots=True)
class Tempo:
    """A candidate: beats a minute, how well the sound repeats at it (0 to 1), and how welcome it is."""

    bpm: float
    clarity: float
    score: float

    @property
    def period_frames(self) -> float:
        """Onset frames from beat to beat."""
        return 60.0 * FRAMES_PER_SECOND / self.bpm


def likely_tempi(strength: Curve, hint: TempoHint | None = None, *, count: int = 4) -> tuple[Tempo, ...]:
    """The most likely tempi of an onset curve, best first; empty where nothing repeats.

    The curve is compared with itself one, two and four beats later. What people take for the beat lies around 108 a
    minute, which settles most octaves; a hint settles the rest.
    """
    match = self_likeness(strength, math.ceil(max(_COMB) * 60 / SLOWEST_BPM * FRAMES_PER_SECOND) + 4)
    if match is None:
        return ()
    steps = int(math.log2(FASTEST_BPM / SLOWEST_BPM) * _STEPS_PER_OCTAVE) + 1
    tempi = SLOWEST_BPM * 2 ** (np.arange(steps) / _STEPS_PER_OCTAVE)
    clarity = _comb(match, 60.0 * FRAMES_PER_SECOND / tempi)
    score = np.maximum(clarity, 0.0) * welcome(tempi, hint)
    inner = score[1:-1]
    peaks = 1 + np.flatnonzero((inner >= score[:-2]) & (inner > score[2:]) & (inner > 0))
    best = peaks[np.argsort(-score[peaks])][:count]
    return tuple(Tempo(float(tempi[i]), float(clarity[i]), float(score[i])) for i in best)


def self_likeness(curve: Curve, lags: int) -> Curve | None:
    """Correlation of a curve with itself at each lag, 1 at lag 0; None for a flat one."""
    even = curve - curve.mean()
    size = next_fast_len(2 * len(even))
    spectrum = rfft(even, size)
    match: Curve = irfft(spectrum * spectrum.conj(), size)[: min(lags, len(even) // 2 + 1)]
    match = match / (len(even) - np.arange(len(match)))
    if match[0] <= 1e-9 or len(match) < 8:
        return None
    likeness: Curve = match / match[0]
    return likeness


def welcome(tempi: Curve, hint: TempoHint | None) -> Curve:
    """How much a tempo is expected, 0 to 1."""
    usual: Curve = np.exp(-0.5 * (np.log2(tempi / _USUAL_BPM) / _USUAL_SPREAD_OCTAVES) ** 2)
    if hint is None:
        return usual
    inside = (tempi >= hint.low_bpm / _HINT_MARGIN) & (tempi <= hint.high_bpm * _HINT_MARGIN)
    return np.where(inside, 1.0, _OUTSIDE_HINT * usual)


def _comb(match: Curve, periods: Curve) -> Curve:
    lags = np.arange(len(match))
    total = np.zeros(len(periods))
    weights = np.zeros(len(periods))
    for multiple, weight in zip(_COMB, _COMB_WEIGHTS, strict=True):
        inside = periods * multiple < len(match) - 1
        total += np.where(inside, weight * np.interp(periods * multiple, lags, match), 0.0)
        weights += weight * inside
    comb: Curve = total / np.maximum(weights, 1e-9)
    return comb
