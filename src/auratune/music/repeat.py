"""A song that is shorter than the film goes on from a bar line, as a player would repeat a strain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import resample_poly

from auratune.music.bars import BEATS_PER_BAR, first_downbeat
from auratune.music.beats import find_pulse
from auratune.music.onsets import LISTENING_RATE, hear_onsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

ENDING_MAY_LACK_SECONDS = 1.5
"""A song that ends so little before the film is left to ring out: the film fades anyway."""
_JOIN_SECONDS = 0.03
_SURE_ENOUGH = 0.4
_LEAST_STRAIN_SECONDS = 2.0
_QUIET = 0.05


def long_enough(samples: Samples, rate: int, length_seconds: float) -> Samples:
    """The sound itself where it lasts (nearly) long enough, else the sound repeated to exactly that length.

    The strain that is repeated runs from the first downbeat to the last one that is still played out, so that bars go
    on without a limp; sound without a clear pulse is joined by a soft overlap. The result depends on the sound alone.
    """
    needed = round(length_seconds * rate)
    if len(samples) >= needed - ENDING_MAY_LACK_SECONDS * rate:
        return samples
    first, end = _strain(samples, rate)
    join = min(round(_JOIN_SECONDS * rate), first) or round(_JOIN_SECONDS * rate)
    result = np.zeros((needed, samples.shape[1]), dtype=np.float32)
    result[:end] = samples[:end]
    strain = samples[max(0, first - join) : end]
    fade = np.sin(np.linspace(0, np.pi / 2, join, dtype=np.float32))[:, None]
    at = end
    while at < needed:
        begin = at - join
        piece = strain[: needed - begin].copy()
        over = min(join, len(piece))
        piece[:over] *= fade[:over]
        result[begin : begin + over] *= fade[:over][::-1] if over == join else 1.0
        result[begin : begin + over] += piece[:over]
        result[begin + over : begin + len(piece)] = piece[over:]
        at = begin + len(piece)
    return result


def _strain(samples: Samples, rate: int) -> tuple[int, int]:
    """First and end frame of what is repeated."""
    sounding = _sounding_end(samples)
    heard = resample_poly(samples[:sounding].mean(axis=1), LISTENING_RATE, rate).astype(np.float32)
    onsets = hear_onsets(heard)
    pulse = find_pulse(onsets)
    if pulse is not None and pulse.confidence >= _SURE_ENOUGH:
        downs = pulse.beats[first_downbeat(pulse.beats, onsets) :: BEATS_PER_BAR]
        if len(downs) >= 2 and downs[-1] - downs[0] >= _LEAST_STRAIN_SECONDS:
            return round(float(downs[0]) * rate), round(float(downs[-1]) * rate)
    return 0, sounding


def _sounding_end(samples: Samples) -> int:
    """Where the sound has died away for good: below a twentieth of its peak."""
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > _QUIET * float(np.abs(samples).max()))
    return int(loud[-1]) + 1 if len(loud) else len(samples)
