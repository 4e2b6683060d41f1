"""What tells the beat from its half, its double and its off-beat: the evidence for one pulse among several.

Onsets alone cannot: they support a pulse twice as fast, or half a beat beside, as well. What settles it is where chords
change, where the bass enters, how often a bar repeats itself, and on which beats the snare falls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.music.bars import bass_change, harmony_change, marks
from auratune.music.onsets import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.music.onsets import Onsets

    Curve = NDArray[np.floating]

_USUAL_BPM = 110.0
_UNRELATED, _BAR_AFTER_BAR = 0.12, 0.5
"""How alike bars are in speech, noise and rain (at most 0.1 was measured), and in songs (from 0.7 in steady ones)."""
_WEIGHTS = {
    "faster": 0.91,
    "unusual": -1.83,
    "alike one on": 2.08,
    "alike two on": 2.29,
    "alike a bar on": 3.57,
    "alike a quarter on": -4.13,
    "stronger than off-beats": -1.16,
    "brighter than off-beats": 2.16,
    "chords change each bar": 10.44,
    "chords change each half bar": -2.52,
    "chords change each other bar": 2.7,
    "bass changes each half bar": -2.28,
    "kick on one beat of four": -2.31,
    "kick on each other beat": 2.15,
    "snare on each other beat": 2.94,
    "bass changes": 10.68,
}
"""What each piece of evidence is worth, as logarithms of odds.

Fitted by maximum likelihood (which of all candidate pulses is the beat) on 290 rendered songs of random patterns, whose
seeds are not those of the benchmark.
"""


def evidence(beats: Curve, onsets: Onsets, likeness: Curve) -> dict[str, float]:
    """What speaks for a pulse, by the names of `_WEIGHTS`; each number is about -1 to 1.

    `likeness` is the onset curve's correlation with itself by lag in frames.
    """
    period = float(np.median(np.diff(beats)))
    off_beats = beats[:-1] + np.diff(beats) / 2
    lags = np.arange(len(likeness))

    def alike(beats_on: float) -> float:
        return float(np.interp(beats_on * period * FRAMES_PER_SECOND, lags, likeness, right=0.0))

    octaves = float(np.log2(60.0 / period / _USUAL_BPM))
    strong, low, high = (marks(beats, curve) for curve in (onsets.strength, onsets.low, onsets.high))
    harmony, bass = harmony_change(beats, onsets), bass_change(beats, onsets)
    return {
        "faster": octaves,
        "unusual": octaves * octaves,
        "alike one on": alike(1),
        "alike two on": alike(2),
        "alike a bar on": alike(4),
        "alike a quarter on": alike(0.25),
        "stronger than off-beats": _more(strong.mean(), marks(off_beats, onsets.strength).mean()),
        "brighter than off-beats": _more(high.mean(), marks(off_beats, onsets.high).mean()),
        "chords change each bar": _standing_out(harmony, 4),
        "chords change each half bar": _standing_out(harmony, 2),
        "chords change each other bar": _standing_out(harmony, 8),
        "bass changes each half bar": _standing_out(bass, 2),
        "kick on one beat of four": _standing_out(low, 4),
        "kick on each other beat": _standing_out(low, 2),
        "snare on each other beat": _standing_out(high, 2),
        "bass changes": float(bass.mean()),
    }


def worth(reading: dict[str, float]) -> float:
    """How likely a pulse is the beat, as a logarithm of odds against the other candidates."""
    return sum(_WEIGHTS[name] * value for name, value in reading.items())


def certainty(reading: dict[str, float]) -> float:
    """0 to 1: is there a beat at all? Music repeats itself by the bar, or at least by two beats; speech does not."""
    alike = max(reading["alike a bar on"], reading["alike two on"])
    return float(np.clip((alike - _UNRELATED) / (_BAR_AFTER_BAR - _UNRELATED), 0.0, 1.0))


def _more(here: float, there: float) -> float:
    return float((here - there) / (here + there + 1e-6))


def _standing_out(values: Curve, cycle: int) -> float:
    """How far the values of the best place in a cycle stand out from those of the other places, 0 to 1."""
    if len(values) < 2 * cycle:
        return 0.0
    means = [float(values[phase::cycle].mean()) for phase in range(cycle)]
    best = max(means)
    return _more(best, (sum(means) - best) / (cycle - 1))
