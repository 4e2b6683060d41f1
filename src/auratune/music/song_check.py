"""Whether what a vendor sent as a song can be used as one: loud enough, long enough, and more than noise or a tone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.core.errors import InvalidSong
from auratune.music.audio import read_sound, write_mp3

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE = 11025
_WINDOW = 1024
"""93 ms at 11025 Hz."""
_SILENT_DB = -50.0
"""A window is silent below this level against full scale; the quietest passages of real songs lie above -45."""
_MOST_SILENCE = 0.6
"""Share of the song."""
_NOISE_FLATNESS = 0.4
"""Geometric over arithmetic mean of a power spectrum: 0.56 for white noise, under 0.2 for music (measured)."""
_TONE_LIKENESS = 0.9995
"""Cosine between the spectra of neighbouring windows: a steady tone does not change."""


def check_song(path: str, least_seconds: float) -> float:
    """The seconds of silence at the beginning of a sound file.

    Raises `InvalidSong`: `song_silent` (nothing, or more than six tenths silence), `song_too_short` (less sound after
    the silence than `least_seconds`), `song_not_music` (hiss, or a tone that never changes), `song_not_audio`.
    """
    samples = read_sound(path, rate=_RATE).mean(axis=1)
    windows = samples[: len(samples) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    levels = 20 * np.log10(np.sqrt(np.mean(windows**2, axis=1)) + 1e-9) if len(windows) else np.array([])
    loud = np.flatnonzero(levels > _SILENT_DB)
    if not len(loud) or 1 - len(loud) / len(levels) > _MOST_SILENCE:
        raise InvalidSong("The song is silent, or nearly so.", code="song_silent")
    leading_seconds = float(loud[0]) * _WINDOW / _RATE
    if len(samples) / _RATE - leading_seconds < least_seconds:
        raise InvalidSong("The song is shorter than the film.", code="song_too_short")
    if not _is_music(windows[loud]):
        raise InvalidSong("What came as a song is noise or a single tone.", code="song_not_music")
    return leading_seconds


def drop_start(path: str, target: str, seconds: float) -> float:
    """Write a sound file without its first seconds to `target`, as MP3; return the seconds that are left."""
    samples = read_sound(path, starts_at_seconds=seconds)
    write_mp3(target, samples)
    return len(samples) / 44100


def _is_music(windows: NDArray[np.float32]) -> bool:
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)) ** 2 + 1e-12
    flatness = np.exp(np.mean(np.log(power), axis=1)) / np.mean(power, axis=1)
    if float(np.median(flatness)) > _NOISE_FLATNESS:
        return False
    spectra = np.sqrt(power)
    spectra /= np.linalg.norm(spectra, axis=1, keepdims=True)
    likeness = np.sum(spectra[1:] * spectra[:-1], axis=1)
    return len(likeness) == 0 or float(np.quantile(likeness, 0.02)) < _TONE_LIKENESS
