"""How loud sound is to the ear, and making it as loud as films should be without ever overshooting.

Loudness and true peak are measured as ITU-R BS.1770-4 says; the limiter is our own.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import firwin, sosfilt, upfirdn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Curve = NDArray[np.floating]

SILENT_LUFS = -120.0
"""What is given for sound without any: loudness in decibels knows no zero."""
_OVERSAMPLING = 4
_TAPS = 12
"""Per phase, as in the filter that BS.1770-4 annex 2 prints."""
_BLOCK_FRAMES = 1 << 16
_HOP = 32
"""Frames whose neighbourhoods are interpolated by one row of a matrix product."""
_LOOK_AHEAD_SECONDS = 0.004
_RELEASE_DB_PER_SECOND = 40.0
_MOST_GAIN_DB = 40.0
_ROUNDS = 3
_CLOSE_ENOUGH_DB = 0.1
_MOST_DRIVE_DB = 12.0
"""Further than this beyond the plain gain, limiting would be heard as crushing."""


def integrated_lufs(samples: Samples, rate: int) -> float:
    """Gated loudness of (frames, 2) sound in LUFS; `SILENT_LUFS` where nothing passes the gates."""
    powers = _window_powers(samples, rate)
    powers = powers[powers > _power(-70.0)]
    if not len(powers):
        return SILENT_LUFS
    powers = powers[powers > np.mean(powers) * 0.1]
    return _lufs(float(np.mean(powers)))


def true_peak_dbtp(samples: Samples, rate: int) -> float:
    """Highest peak between and on the samples, in decibels of full scale; `SILENT_LUFS` for digital silence."""
    del rate  # four times is what the recommendation asks at 44.1 and 48 kHz, and more than enough above
    peak = _highest_true_peak(samples)
    return 20 * math.log10(peak) if peak > 0 else SILENT_LUFS


def master(samples: Samples, rate: int, *, target_lufs: float = -14.0, ceiling_dbtp: float = -1.5) -> Samples:
    """Bring sound to a loudness with no true peak above the ceiling; a new array of the same shape.

    Quiet sound is raised by at most 40 dB. Sound that would have to be crushed to get there stays quieter. Silence
    comes back as it was.
    """
    loudness = integrated_lufs(samples, rate)
    if loudness <= SILENT_LUFS:
        return samples.astype(np.float32)
    peaks = true_peaks(samples)
    gain_db = min(target_lufs - loudness, _MOST_GAIN_DB)
    most_db = min(gain_db + _MOST_DRIVE_DB, _MOST_GAIN_DB)
    result = _limited(samples, peaks, rate, gain_db, ceiling_dbtp)
    reached = integrated_lufs(result, rate)
    yields = 1.0
    for _ in range(_ROUNDS):
        if abs(target_lufs - reached) < _CLOSE_ENOUGH_DB or gain_db >= most_db:
            break
        step_db = min((target_lufs - reached) / yields, most_db - gain_db)
        gain_db += step_db
        result = _limited(samples, peaks, rate, gain_db, ceiling_dbtp)
        before, reached = reached, integrated_lufs(result, rate)
        # The harder the limiter works, the less a decibel of gain yields.
        yields = min(1.0, max(0.25, (reached - before) / step_db)) if abs(step_db) > 1e-3 else 1.0
    return result


def dipped(samples: Samples, peaks: Curve, rate: int, *, ceiling_dbtp: float) -> Samples:
    """The samples turned down wherever peaks measured elsewhere, one a frame, are above the ceiling; a new array."""
    ceiling = 10 ** (ceiling_dbtp / 20)
    needed_db = np.minimum(0.0, 20 * np.log10(ceiling / np.maximum(peaks, 1e-9)))
    gain = 10 ** (_shaped(needed_db, rate).astype(np.float32) / 20)
    return (samples * gain[:, None]).astype(np.float32, copy=False)


def _limited(samples: Samples, peaks: Curve, rate: int, gain_db: float, ceiling_dbtp: float) -> Samples:
    """The samples raised by a gain and turned down around each true peak above the ceiling; a new array.

    `peaks` are their true peaks before the gain. The gain falls within 4 ms before a peak and rises by 40 dB a second
    after it, the same on both sides so that the stereo picture stays still.
    """
    ceiling = 10 ** (ceiling_dbtp / 20)
    drive = 10 ** (gain_db / 20)
    if peaks.max(initial=0.0) * drive <= ceiling:
        return (samples * np.float32(drive)).astype(np.float32)
    needed_db = np.minimum(0.0, 20 * np.log10(ceiling / np.maximum(peaks * drive, 1e-9)))
    gain = np.float32(drive) * 10 ** (_shaped(needed_db, rate).astype(np.float32) / 20)
    result = (samples * gain[:, None]).astype(np.float32, copy=False)
    # A gain that moves can lift a peak between two samples by a hair; take that hair off the whole.
    left = _highest_true_peak(result)
    if left > ceiling:
        result *= np.float32(ceiling / left)
    return result


def _shaped(needed_db: Curve, rate: int) -> Curve:
    """A smooth gain curve in decibels that is nowhere above the needed one."""
    ramp: Curve = np.arange(len(needed_db), dtype=np.float32) * np.float32(_RELEASE_DB_PER_SECOND / rate)
    needed_db = needed_db.astype(np.float32, copy=False)
    released = np.minimum.accumulate(needed_db - ramp) + ramp
    reach = max(1, int(_LOOK_AHEAD_SECONDS * rate / 2))
    # The lowest gain within reach, then the mean over as much: the mean of values that are all low enough. Twice half
    # the reach rounds the corners of the ramp.
    lowest = minimum_filter1d(np.minimum(released, 0.0), 4 * reach + 1, mode="nearest")
    once = uniform_filter1d(lowest, 2 * reach + 1, mode="nearest")
    twice: Curve = uniform_filter1d(once, 2 * reach + 1, mode="nearest")
    return twice


def true_peaks(samples: Samples) -> Curve:
    """For each frame the highest magnitude around it on either side, between samples too."""
    peaks = _louder_side(samples)
    for start in range(0, len(samples), _BLOCK_FRAMES):
        block = slice(start, start + _BLOCK_FRAMES)
        peaks[block] = np.maximum(peaks[block], _between(samples, start))
    return peaks


def _highest_true_peak(samples: Samples) -> float:
    starts = range(0, len(samples), _BLOCK_FRAMES)
    loudest_first = sorted(
        ((float(np.abs(samples[start : start + _BLOCK_FRAMES]).max()), start) for start in starts), reverse=True
    )
    highest = loudest_first[0][0] if loudest_first else 0.0
    for sample_peak, start in loudest_first:
        if sample_peak * _most_overshoot() <= highest:
            break
        highest = max(highest, float(_between(samples, start).max()))
    return highest


def _between(samples: Samples, start: int) -> Curve:
    """Interpolated magnitudes around each frame of the block at `start`, both sides taken together."""
    end = min(len(samples), start + _BLOCK_FRAMES)
    hop, points = _HOP, _HOP * _OVERSAMPLING
    rows = -(-(end - start) // hop)
    # Silence before and after what there is, so that every row of the product is whole.
    first, last = start - _TAPS, start + rows * hop + _TAPS
    piece = np.zeros((2, last - first), dtype=np.float32)
    low, high = max(0, first), min(len(samples), last)
    piece[:, low - first : high - first] = samples[low:high].T
    windows = sliding_window_view(piece, hop + 2 * _TAPS, axis=1)[:, ::hop]
    fine = np.abs(windows @ _interpolating_matrix())
    # The points from half a sample before a frame to half a sample after belong to it.
    louder = np.maximum(fine[0], fine[1])
    highest = louder[:, 0:points:_OVERSAMPLING]
    for phase in range(1, _OVERSAMPLING + 1):
        highest = np.maximum(highest, louder[:, phase : points + phase : _OVERSAMPLING])
    peaks: Curve = highest.reshape(-1)[: end - start]
    return peaks


@cache
def _interpolating_matrix() -> NDArray[np.float32]:
    """From a stretch of samples to the points between them: many short convolutions as one matrix product.

    Shape (samples, points): point `p` lies `p / 4 - 1 / 2` frames from the first frame of the stretch, which has the
    samples on both ends that the filter needs besides.
    """
    answers = upfirdn(_interpolator(), np.eye(_HOP + 2 * _TAPS, dtype=np.float32), up=_OVERSAMPLING)
    first = _TAPS * _OVERSAMPLING + _OVERSAMPLING * _TAPS // 2 - _OVERSAMPLING // 2
    return np.ascontiguousarray(answers[:, first : first + (_HOP + 1) * _OVERSAMPLING])


def _louder_side(samples: Samples) -> Samples:
    return np.maximum(np.abs(samples[:, 0]), np.abs(samples[:, 1]))


@cache
def _interpolator() -> NDArray[np.float32]:
    taps: NDArray[np.float32] = firwin(_OVERSAMPLING * _TAPS + 1, 1 / _OVERSAMPLING, window=("kaiser", 5.0))
    return (taps * _OVERSAMPLING).astype(np.float32)


def _most_overshoot() -> float:
    """The most by which interpolating can raise a peak: the largest absolute sum of a phase's taps."""
    taps = np.abs(_interpolator())
    return float(max(taps[phase::_OVERSAMPLING].sum() for phase in range(_OVERSAMPLING)))


def _window_powers(samples: Samples, rate: int) -> Curve:
    """Mean K-weighted power, both channels summed, of windows of 0.4 s, a tenth of a second apart."""
    hop = round(rate / 10)
    count = len(samples) // hop
    sections = _k_weighting(rate)
    state = np.zeros((sections.shape[0], 2, 2))
    sums = np.empty(count)
    step = max(1, _BLOCK_FRAMES // hop)
    for start in range(0, count, step):
        stop = min(count, start + step)
        block, state = sosfilt(sections, samples[start * hop : stop * hop].astype(np.float64), axis=0, zi=state)
        sums[start:stop] = np.square(block).reshape(stop - start, -1).sum(axis=1)
    length = min(count, 4)
    if not length:
        return np.zeros(0)
    running = np.concatenate(([0.0], np.cumsum(sums)))
    powers: Curve = np.maximum(running[length:] - running[:-length], 0.0) / (length * hop)
    return powers


def _k_weighting(rate: int) -> Curve:
    """The two filters of BS.1770-4 for any rate: its 48 kHz coefficients led back to their analogue originals."""
    return np.array([_shelf(rate, 1681.974450955533, 3.999843853973347, 0.7071752369554196), _high_pass(rate)])


def _shelf(rate: int, centre_hz: float, gain_db: float, quality: float) -> list[float]:
    k = math.tan(math.pi * centre_hz / rate)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    norm = 1 + k / quality + k * k
    return [
        (high + band * k / quality + k * k) / norm,
        2 * (k * k - high) / norm,
        (high - band * k / quality + k * k) / norm,
        1.0,
        2 * (k * k - 1) / norm,
        (1 - k / quality + k * k) / norm,
    ]


def _high_pass(rate: int, centre_hz: float = 38.13547087602444, quality: float = 0.5003270373238773) -> list[float]:
    k = math.tan(math.pi * centre_hz / rate)
    norm = 1 + k / quality + k * k
    return [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / quality + k * k) / norm]


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _lufs(power: float) -> float:
    return max(SILENT_LUFS, -0.691 + 10 * math.log10(max(power, 1e-12)))
