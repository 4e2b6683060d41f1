"""The tone of the whole mix: most of the way from its own spectrum to that of well-balanced records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from auratune.music.instruments.synthesis import RATE

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from auratune.music.instruments.synthesis import Sound

_CENTRES_HZ = np.array([63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0])
_TARGET_DB = np.array([-6.3, -7.2, -8.2, -10.8, -14.0, -16.5, -19.0, -23.0, -31.0])
"""Power of each octave against the whole, as 72 finished tracks have it."""
_STRENGTH = 0.8
_MOST_CUT_DB, _MOST_LIFT_DB = -13.0, 6.0
_PASSES = 4
_LOWEST_HZ = 26.0


def balance(music: Sound, brightness: float, warmth: float, pool: Executor, *, air_db: float = 0.0) -> None:
    """Shape (2, frames) in place: what is too much down, what is missing up by 6 dB at most, tilted by the mood.

    Brightness (0 to 1) tilts everything from 1 kHz up, warmth (-1 to 1) what lies from 80 to 400 Hz, and `air_db` is
    added around 16 kHz. Zero phase, so attacks stay where they are.
    """
    frames = music.shape[-1]
    size = fft.next_fast_len(frames + RATE // 10, real=True)
    hertz = fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    tilt = 7.8 * (brightness - 0.5) * np.clip(np.log2(_CENTRES_HZ / 1000.0) / 3.0, 0.0, 1.0)
    body = 2.6 * warmth * np.array([0.2, 0.9, 1.0, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0])
    wanted = _TARGET_DB + tilt + body
    wanted[-1] += air_db
    spectra = list(pool.map(lambda channel: fft.rfft(channel, size), music))
    power = sum(np.square(spectrum.real) + np.square(spectrum.imag) for spectrum in spectra)
    edges = np.searchsorted(hertz, [*(_CENTRES_HZ / np.sqrt(2)), 20000.0])
    gains_db = np.zeros(len(_TARGET_DB))
    for _ in range(_PASSES):
        octaves = np.add.reduceat(power * np.square(_curve(hertz, gains_db)), edges)[:-1].astype(np.float64)
        lies = 10.0 * np.log10(octaves / octaves.sum() + 1e-7)
        gains_db = np.clip(gains_db + _STRENGTH * (wanted - lies), _MOST_CUT_DB, _MOST_LIFT_DB)
    del power
    curve = _curve(hertz, gains_db)

    def shape(side: int) -> None:
        spectra[side] *= curve
        music[side] = fft.irfft(spectra[side], size)[:frames]

    list(pool.map(shape, (0, 1)))


def _curve(hertz: Sound, gains_db: NDArray[np.float64]) -> Sound:
    """Gains at the octaves' centres as a smooth curve over all frequencies, with a low cut where nothing is music."""
    octave = np.log2(np.maximum(hertz, 10.0))
    decibels = np.interp(octave, np.log2(_CENTRES_HZ), gains_db).astype(np.float32)
    cut = 1.0 / np.sqrt(1.0 + (np.float32(_LOWEST_HZ) / np.maximum(hertz, 0.1)) ** 6)
    curve: Sound = (10.0 ** (decibels / 20.0) * cut).astype(np.float32)
    return curve
