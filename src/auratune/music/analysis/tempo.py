"""How fast a song may go: candidates for the time between beats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from auratune.music.analysis.onsets import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Curve = NDArray[np.floating]

SLOWEST_BPM, FASTEST_BPM = 50.0, 200.0
_STEPS_PER_OCTAVE = 120
_KIN = (1.0, 2.0, 0.5, 1.5, 2 / 3, 4 / 3, 0.75, 3.0, 1 / 3)
"""Onsets that support a tempo support these as well."""
_SAME_OCTAVES = 0.045
_COMB = ((1, 1.0), (2, 0.7), (4, 0.7))
"""Beats later, and what it is worth that the sound is alike then."""


@dataclass(frozen=True, slots=True)
class TempoHint:
    """The range of tempi that was asked of the composer, which most keep to."""

    low_bpm: float
    high_bpm: float

    def worth(self, bpm: float) -> float:
        """What the hint speaks for a tempo, as a logarithm of odds."""
        inside = self.low_bpm / _HINT_MARGIN <= bpm <= self.high_bpm * _HINT_MARGIN
        return _HINT_WORTH if inside else 0.0


_HINT_MARGIN = 1.04
_HINT_WORTH = 6.0
"""Enough to settle octaves; a pulse that everything else speaks for wins all the same."""


def candidates(strength: Curve, hint: TempoHint | None = None, *, count: int = 3) -> tuple[float, ...]:
    """Tempi in beats a minute at which an onset curve may go; empty where nothing repeats.

    The curve is compared with itself one, two and four beats later. The best peaks of that likeness are taken, with
    the tempi that are easily mistaken for one another, and the best one inside the hint.
    """
    likeness = autocorrelation(strength, math.ceil(4 * 60 / SLOWEST_BPM * FRAMES_PER_SECOND) + 4)
    if likeness is None:
        return ()
    steps = int(math.log2(FASTEST_BPM / SLOWEST_BPM) * _STEPS_PER_OCTAVE) + 1
    tempi = SLOWEST_BPM * 2 ** (np.arange(steps) / _STEPS_PER_OCTAVE)
    clarity = _comb(likeness, 60.0 * FRAMES_PER_SECOND / tempi)
    inner = clarity[1:-1]
    peaks = 1 + np.flatnonzero((inner >= clarity[:-2]) & (inner > clarity[2:]) & (inner > 0))
    seeds = list(tempi[peaks[np.argsort(-clarity[peaks])][:count]])
    wanted = [float(seed) * kin for seed in seeds for kin in _KIN]
    if hint and seeds:
        wanted.insert(0, _best_inside(hint, tempi, clarity))
    found: list[float] = []
    for bpm in wanted:
        tempo = _nearest_peak(bpm, tempi, clarity)
        if tempo and all(abs(math.log2(tempo / other)) > _SAME_OCTAVES for other in found):
            found.append(tempo)
    return tuple(found)


def autocorrelation(curve: Curve, lags: int) -> Curve | None:
    """Correlation of a curve with itself at each lag, 1 at lag 0; None for a flat one."""
    even = curve - curve.mean()
    size = next_fast_len(2 * len(even))
    spectrum = rfft(even, size)
    match: Curve = irfft(spectrum * spectrum.conj(), size)[: min(lags, len(even) // 2 + 1)]
    match = match / (len(even) - np.arange(len(match)))
    if len(match) < FRAMES_PER_SECOND or match[0] <= 1e-9:
        return None
    likeness: Curve = match / match[0]
    return likeness


def _best_inside(hint: TempoHint, tempi: Curve, clarity: Curve) -> float:
    inside = np.flatnonzero((tempi >= hint.low_bpm) & (tempi <= hint.high_bpm))
    return float(tempi[inside[np.argmax(clarity[inside])]]) if len(inside) else 0.0


def _nearest_peak(bpm: float, tempi: Curve, clarity: Curve) -> float:
    """The clearest tempo within 3 % of one; 0 outside the range of tempi."""
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        return 0.0
    near = np.flatnonzero(np.abs(np.log2(tempi / bpm)) <= _SAME_OCTAVES)
    return float(tempi[near[np.argmax(clarity[near])]])


def _comb(likeness: Curve, periods: Curve) -> Curve:
    lags = np.arange(len(likeness))
    total = np.zeros(len(periods))
    weights = np.full(len(periods), 1e-9)
    for beats, weight in _COMB:
        inside = periods * beats < len(likeness) - 1
        total += np.where(inside, weight * np.interp(periods * beats, lags, likeness), 0.0)
        weights += weight * inside
    comb: Curve = total / weights
    return comb
