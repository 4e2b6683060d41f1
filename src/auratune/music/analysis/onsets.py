"""Where something begins to sound: the curves that the beat tracker reads.

The method is spectral flux over logarithmic bands, compared with the loudest neighbouring band a moment before so that
vibrato makes no onsets (Böck and Widmer, "Maximum filter vibrato suppression for onset detection", 2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import rfft
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Curve = NDArray[np.floating]

ANALYSIS_RATE = 22050
"""Sound is heard at this rate: above 11 kHz there is nothing a beat needs."""
_HOP = 220
FRAMES_PER_SECOND = ANALYSIS_RATE / _HOP
_WINDOW = 1024
_LONG_WINDOW = 4096
_LONG_HOP = 4 * _HOP
_BANDS = 48
_LOWEST_HZ, _HIGHEST_HZ = 40.0, 10000.0
_LOW_BELOW_HZ = 150.0
_HIGH_ABOVE_HZ = 1500.0
_LAG = 2
"""Frames between what is compared: shorter, and slow attacks are missed."""
_FLOOR = 1e-2
"""Band magnitudes below this part of full scale count little."""
_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Onsets:
    """Curves with `FRAMES_PER_SECOND` values a second; value `i` belongs to `i / FRAMES_PER_SECOND` seconds."""

    strength: Curve
    """How much begins to sound, over all bands; mean 0 where nothing happens, standard deviation 1."""
    low: Curve
    """The same below 150 Hz: kick and bass."""
    high: Curve
    """The same above 1.5 kHz: snare and cymbals."""
    loudness: Curve
    """Level in decibels, smoothed over about a tenth of a second."""
    chroma: Curve
    """Shape (frames / 4, 12): strength of the twelve tones, each row of length 1 (or all zero)."""
    bass: Curve
    """The same from the lowest two octaves only."""

    def __len__(self) -> int:
        return len(self.strength)


def detect_onsets(samples: Curve) -> Onsets:
    """The onset curves of sound at `ANALYSIS_RATE`: one channel, shape (frames,), or two, shape (frames, 2)."""
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    peak = float(np.abs(mono).max(initial=0.0))
    mono = (mono / peak if peak > 0 else mono).astype(np.float32)
    bands, loudness = _bands(mono)
    flux = _flux(bands)
    centres = _band_edges_hz()[1:-1]
    low = flux[:, centres < _LOW_BELOW_HZ].sum(axis=1)
    high = flux[:, centres >= _HIGH_ABOVE_HZ].sum(axis=1)
    chroma, bass = _chroma(mono)
    return Onsets(_even(flux.sum(axis=1)), _even(low), _even(high), loudness, chroma, bass)


def _bands(mono: Curve) -> tuple[Curve, Curve]:
    """Logarithmic band magnitudes (frames, bands) and loudness in decibels (frames,)."""
    window = np.hanning(_WINDOW).astype(np.float32)
    filters = _band_filters()
    padded = np.pad(mono, (_WINDOW // 2, _WINDOW))
    count = len(mono) // _HOP + 1
    bands = np.empty((count, filters.shape[1]), dtype=np.float32)
    powers = np.empty(count, dtype=np.float32)
    views = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:count]
    for start in range(0, count, _CHUNK):
        spectrum = np.abs(rfft(views[start : start + _CHUNK] * window, axis=1)) / (_WINDOW / 4)
        bands[start : start + _CHUNK] = spectrum @ filters
        powers[start : start + _CHUNK] = np.square(spectrum).sum(axis=1)
    loudness = 10 * np.log10(gaussian_filter1d(powers, FRAMES_PER_SECOND * 0.04) + 1e-9)
    return np.log1p(bands / _FLOOR), loudness


def _band_edges_hz() -> Curve:
    return np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 2)


def _band_filters() -> Curve:
    """Triangles over the bins, shape (bins, bands); each at least one bin wide."""
    bins_hz = np.arange(_WINDOW // 2 + 1) * ANALYSIS_RATE / _WINDOW
    edges = _band_edges_hz()
    width = ANALYSIS_RATE / _WINDOW
    filters = np.zeros((len(bins_hz), _BANDS), dtype=np.float32)
    for band in range(_BANDS):
        low, centre, high = edges[band : band + 3]
        low, high = min(low, centre - width), max(high, centre + width)
        rise, fall = (bins_hz - low) / (centre - low), (high - bins_hz) / (high - centre)
        filters[:, band] = np.clip(np.minimum(rise, fall), 0, None)
        filters[:, band] /= max(1.0, float(np.sqrt(filters[:, band].sum())))
    return filters


def _flux(bands: Curve) -> Curve:
    before = maximum_filter1d(bands[:-_LAG], 3, axis=1)
    rise = np.zeros_like(bands)
    rise[_LAG:] = np.maximum(0.0, bands[_LAG:] - before)
    return rise


def _even(curve: Curve) -> Curve:
    """The curve with slow changes of level taken out and unit deviation."""
    smooth = gaussian_filter1d(curve, FRAMES_PER_SECOND * 0.012)
    local = gaussian_filter1d(smooth, FRAMES_PER_SECOND * 0.6)
    even = np.maximum(0.0, smooth - local * 0.8)
    deviation = float(even.std())
    return even / deviation if deviation > 1e-6 else np.zeros_like(even)


def _chroma(mono: Curve) -> tuple[Curve, Curve]:
    window = np.hanning(_LONG_WINDOW).astype(np.float32)
    count = len(mono) // _LONG_HOP + 1
    padded = np.pad(mono, (_LONG_WINDOW // 2, _LONG_WINDOW))
    views = np.lib.stride_tricks.sliding_window_view(padded, _LONG_WINDOW)[::_LONG_HOP][:count]
    all_tones, bass_tones = _tone_filters(100.0, 2000.0), _tone_filters(35.0, 220.0)
    chroma = np.empty((count, 12), dtype=np.float32)
    bass = np.empty((count, 12), dtype=np.float32)
    for start in range(0, count, _CHUNK // 4):
        part = slice(start, start + _CHUNK // 4)
        spectrum = np.sqrt(np.abs(rfft(views[part] * window, axis=1)))
        chroma[part] = spectrum @ all_tones
        bass[part] = spectrum @ bass_tones
    return _unit_rows(chroma), _unit_rows(bass)


def _tone_filters(lowest_hz: float, highest_hz: float) -> Curve:
    """Shape (bins, 12): which tone each bin speaks for."""
    bins_hz = np.arange(1, _LONG_WINDOW // 2 + 1) * ANALYSIS_RATE / _LONG_WINDOW
    tones = 69 + 12 * np.log2(bins_hz / 440.0)
    filters = np.zeros((_LONG_WINDOW // 2 + 1, 12), dtype=np.float32)
    for tone in range(12):
        distance = np.abs((tones - tone + 6) % 12 - 6)
        filters[1:, tone] = np.maximum(0.0, 1 - distance / 0.8)
    filters[1:][(bins_hz < lowest_hz) | (bins_hz > highest_hz)] = 0.0
    return filters


def _unit_rows(rows: Curve) -> Curve:
    rows = np.maximum(0.0, rows - np.median(rows, axis=1, keepdims=True))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(lengths > 1e-3, rows / np.maximum(lengths, 1e-3), 0.0)
