"""A song that is shorter than the film goes on from a bar line, as a player would repeat a strain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import resample_poly

from auratune.music.analysis.bars import first_downbeat
from auratune.music.analysis.beats import track_pulse
from auratune.music.analysis.onsets import ANALYSIS_RATE, detect_onsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

ENDING_MAY_LACK_SECONDS = 1.5
"""A song that ends so little before the film is left to ring out: the film fades anyway."""
_JOIN_SECONDS = 0.03
_CUT_SECONDS = 0.004
_SURE_ENOUGH = 0.4
_LEAST_STRAIN_SECONDS = 2.0
_QUIET = 0.05


def repeat_to_length(samples: Samples, rate: int, length_seconds: float, *, heard: Samples | None = None) -> Samples:
    """The sound itself where it lasts (nearly) long enough, else the sound repeated to exactly that length.

    The strain that is repeated runs from the first downbeat to the last one that is still played out, so that bars go
    on without a limp; sound without a clear pulse is joined by a soft overlap. The result depends on the sound alone.
    `heard` is the same sound at `ANALYSIS_RATE`, for whoever mixes at another rate: so the strain is the very one
    that the beats were found on.
    """
    needed = round(length_seconds * rate)
    if len(samples) >= needed - ENDING_MAY_LACK_SECONDS * rate:
        return samples
    begin_seconds, end_seconds = _strain(_at_listening_rate(samples, rate) if heard is None else heard)
    first, end = round(begin_seconds * rate), min(len(samples), round(end_seconds * rate))
    # The new strain fades in over the moment before its first beat, so that the beat itself keeps its edge.
    lead = min(round(_JOIN_SECONDS * rate), first)
    fade_in = np.sin(np.linspace(0, np.pi / 2, lead, dtype=np.float32))[:, None]
    last = max(lead, round(_CUT_SECONDS * rate))
    fade_out = np.cos(np.linspace(0, np.pi / 2, last, dtype=np.float32))[:, None]
    strain = samples[first - lead : end].copy()
    strain[:lead] *= fade_in
    result = np.zeros((needed, samples.shape[1]), dtype=np.float32)
    result[:end] = samples[:end]
    at = end
    while at < needed:
        result[at - last : at] *= fade_out
        piece = strain[: needed - at + lead]
        result[at - lead : at] += piece[:lead]
        result[at : at + len(piece) - lead] = piece[lead:]
        at += len(piece) - lead
    return result


def _at_listening_rate(samples: Samples, rate: int) -> Samples:
    if rate == ANALYSIS_RATE:
        return samples
    lower: Samples = resample_poly(samples, ANALYSIS_RATE, rate, axis=0).astype(np.float32)
    return lower


def _strain(heard: Samples) -> tuple[float, float]:
    """Where what is repeated begins and ends, in seconds."""
    sounding = _sounding_end(heard)
    onsets = detect_onsets(heard[:sounding])
    pulse = track_pulse(onsets)
    if pulse is not None and pulse.confidence >= _SURE_ENOUGH:
        downs = pulse.beats[first_downbeat(pulse.beats, onsets, pulse.beats_per_bar) :: pulse.beats_per_bar]
        if len(downs) >= 2 and downs[-1] - downs[0] >= _LEAST_STRAIN_SECONDS:
            return float(downs[0]), float(downs[-1])
    return _JOIN_SECONDS, sounding / ANALYSIS_RATE


def _sounding_end(samples: Samples) -> int:
    """Where the sound has died away for good (below a twentieth of its peak), but not before its middle."""
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > _QUIET * float(np.abs(samples).max()))
    return max(len(samples) // 2, int(loud[-1]) + 1 if len(loud) else 0)
