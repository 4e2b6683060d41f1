"""The tone of the whole mix: half-way from where its spectrum lies to where well-balanced records lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from auratune.music.instruments.synthesis import RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.music.instruments.synthesis import Sound

_CENTRES_HZ = np.array([63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0])
_TARGET_DB = np.array([-7.0, -6.5, -7.5, -8.5, -10.5, -13.5, -17.0, -21.0, -28.0])
"""Power of each octave against the whole; between pink noise and popular records, on the soft side."""
_STRENGTH = 0.5
_MOST_CUT_DB, _MOST_LIFT_DB = -4.0, 4.0
_LOWEST_HZ = 26.0


def balance(music: Sound, brightness: float, warmth: float) -> None:
    """Shape (2, frames) in place: mud and beeps down, what is missing up by 4 dB at most, tilted by the mood.

    Brightness (0 to 1) tilts everything from 1 kHz up, warmth (-1 to 1) what lies from 80 to 400 Hz. Zero phase, so
    attacks stay where they are.
    """
    frames = music.shape[-1]
    size = fft.next_fast_len(frames + RATE // 10, real=True)
    hertz = fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    tilt = 7.0 * (brightness - 0.5) * np.clip(np.log2(_CENTRES_HZ / 1000.0) / 3.0, 0.0, 1.0)
    body = 1.8 * warmth * np.array([0.2, 0.9, 1.0, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0])
    lies = _octaves_db(music, hertz, size)
    missing = _STRENGTH * (_TARGET_DB + tilt - lies)
    gains_db = np.clip(missing - missing[2:5].mean(), _MOST_CUT_DB, _MOST_LIFT_DB) + tilt + body
    curve = _curve(hertz, gains_db)
    for side in (0, 1):
        spectrum = fft.rfft(music[side], size)
        spectrum *= curve
        music[side] = fft.irfft(spectrum, size)[:frames]


def _octaves_db(music: Sound, hertz: Sound, size: int) -> NDArray[np.float64]:
    power = np.square(np.abs(fft.rfft(music[0] + music[1], size)))
    edges = np.searchsorted(hertz, [*(_CENTRES_HZ / np.sqrt(2)), 20000.0])
    octaves = np.add.reduceat(power, edges)[:-1].astype(np.float64)
    decibels: NDArray[np.float64] = 10.0 * np.log10(octaves / power.sum(dtype=np.float64) + 1e-7)
    return decibels


def _curve(hertz: Sound, gains_db: NDArray[np.float64]) -> Sound:
    """Gains at the octaves' centres as a smooth curve over all frequencies, with a low cut where nothing is music."""
    octave = np.log2(np.maximum(hertz, 10.0))
    decibels = np.interp(octave, np.log2(_CENTRES_HZ), gains_db).astype(np.float32)
    cut = 1.0 / np.sqrt(1.0 + (np.float32(_LOWEST_HZ) / np.maximum(hertz, 0.1)) ** 6)
    curve: Sound = (10.0 ** (decibels / 20.0) * cut).astype(np.float32)
    return curve
