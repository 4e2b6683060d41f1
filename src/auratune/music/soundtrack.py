"""The sound of the film: the chosen part of the song, at the film's exact length, faded and at an even loudness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.music.audio import read_sound, write_mp3
from auratune.music.loudness import master
from auratune.music.repeat import long_enough

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

TARGET_LUFS = -14.0
CEILING_DBTP = -2.0
"""Lossy coding lifts peaks; from here they stay below -1 dBTP."""
MP3_RATE = 44100
_FADE_IN_SECONDS = 0.012
_FADE_IN_INSIDE_SECONDS = 0.25
_FADE_OUT_SECONDS = 2.0


def mix(song_path: str, starts_at_seconds: float, length_seconds: float, *, rate: int = 48000) -> Samples:
    """The film's sound: float32 of shape (frames, 2), exactly `round(length_seconds * rate)` frames.

    It begins without a click, ends in a fade of the shape of a hand on a fader (the song's own ending is kept where
    it falls into the film), has -14 LUFS, and a true peak that stays below -1 dBTP through AAC and MP3. A song that
    is shorter than the film goes on from a bar line. Raises `BadSong`.
    """
    frames = round(length_seconds * rate)
    samples = read_sound(song_path, rate=rate, length_seconds=starts_at_seconds + length_seconds)
    samples = long_enough(samples, rate, starts_at_seconds + length_seconds)
    samples = samples[round(starts_at_seconds * rate) :][:frames]
    if len(samples) < frames:
        samples = np.pad(samples, ((0, frames - len(samples)), (0, 0)))
    samples = master(samples, rate, target_lufs=TARGET_LUFS, ceiling_dbtp=CEILING_DBTP)
    return _faded(samples, rate, inside=starts_at_seconds > 0.5)


def write_soundtrack(path: str, samples: Samples, rate: int = MP3_RATE) -> None:
    """Write the film's sound as an MP3 of the same length. The samples must be at `rate`."""
    write_mp3(path, samples, rate)


def _faded(samples: Samples, rate: int, *, inside: bool) -> Samples:
    fade_in = min(round((_FADE_IN_INSIDE_SECONDS if inside else _FADE_IN_SECONDS) * rate), len(samples))
    fade_out = min(round(_FADE_OUT_SECONDS * rate), len(samples) // 3)
    samples[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)[:, None]
    if fade_out:
        down = np.linspace(0, np.pi / 2, fade_out, dtype=np.float32)
        samples[-fade_out:] *= (np.cos(down) ** 2)[:, None]
    return samples
