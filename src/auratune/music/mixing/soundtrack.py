"""The sound of the film: the chosen part of the song, at the film's exact length, faded and at an even loudness.

Lossy coding lifts peaks: AAC at 192 kbit/s by 0.6 dB on most songs and by more than 2 dB on a few. So the mix is coded
once on trial, and where a peak comes out too high, that moment is turned down. The last trial is the film's sound.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import av
import numpy as np

from auratune.music.analysis.onsets import ANALYSIS_RATE
from auratune.music.analysis.repeat import ENDING_MAY_LACK_SECONDS, repeat_to_length
from auratune.music.audio import decode_sound, read_sound
from auratune.music.mixing.aac import add_aac_stream
from auratune.music.mixing.loudness import dipped, master, true_peak_dbtp, true_peaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

TARGET_LUFS = -14.0
MOST_DBTP = -1.0
"""No peak is higher than this after coding."""
_CEILING_DBTP = -2.0
_HAIR_DB = 0.1
_TRIALS = 3
_AAC_FRAMES = 1024 * 64
_FADE_IN_SECONDS = 0.012
_FADE_IN_INSIDE_SECONDS = 0.1
_OPENING_SECONDS = 2.0
_FADE_OUT_SECONDS = 2.0


def mix(song_path: str, starts_at_seconds: float, length_seconds: float, *, rate: int = 48000) -> Samples:
    """The film's sound as `mix_and_code` makes it, as samples alone."""
    return mix_and_code(song_path, starts_at_seconds, length_seconds, rate=rate)[0]


def mix_and_code(
    song_path: str, starts_at_seconds: float, length_seconds: float, *, rate: int
) -> tuple[Samples, bytes]:
    """The film's sound as samples and as AAC in an MP4.

    The samples are float32 of shape (frames, 2), exactly `round(length_seconds * rate)` frames.

    It begins without a click, ends in a fade of the shape of a hand on a fader (the song's own ending is kept where
    it falls into the film), has -14 LUFS, and a true peak that stays at or below -1 dBTP through AAC and MP3. A song
    that is shorter than the film goes on from a bar line. Raises `InvalidSong`.
    """
    frames = round(length_seconds * rate)
    samples = read_sound(song_path, rate=rate, starts_at_seconds=starts_at_seconds, length_seconds=length_seconds)
    if len(samples) < frames - ENDING_MAY_LACK_SECONDS * rate:
        # What is repeated may begin before the film does.
        heard = read_sound(song_path, rate=ANALYSIS_RATE)
        samples = read_sound(song_path, rate=rate)
        samples = repeat_to_length(samples, rate, starts_at_seconds + length_seconds, heard=heard)
        samples = samples[round(starts_at_seconds * rate) :]
    samples = samples[:frames]
    if len(samples) < frames:
        samples = np.pad(samples, ((0, frames - len(samples)), (0, 0)))
    # The fades come first, so that they count in the loudness of the whole.
    samples = _faded(samples, rate, inside=starts_at_seconds > _OPENING_SECONDS)
    samples = master(samples, rate, target_lufs=TARGET_LUFS, ceiling_dbtp=_CEILING_DBTP)
    return _safe_to_code(samples, rate)


def _safe_to_code(samples: Samples, rate: int) -> tuple[Samples, bytes]:
    """The samples with a dip wherever coding would lift a peak too high, and the same as AAC in an MP4."""
    for _ in range(_TRIALS):
        coded = code_as_aac(samples, rate)
        heard = decode_sound(io.BytesIO(coded), rate)
        excess_db = true_peak_dbtp(heard, rate) - MOST_DBTP
        if excess_db <= 0:
            return samples, coded
        peaks = true_peaks(heard)[: len(samples)]
        samples = dipped(samples, peaks, rate, ceiling_dbtp=MOST_DBTP - _HAIR_DB)
    samples = samples * np.float32(10 ** (-(max(0.0, excess_db) + _HAIR_DB) / 20))
    return samples, code_as_aac(samples, rate)


def code_as_aac(samples: Samples, rate: int) -> bytes:
    """The film's sound as it is coded in the film, in an MP4 of its own."""
    coded = io.BytesIO()
    with av.open(coded, "w", format="mp4") as target:
        stream = add_aac_stream(target, rate)
        for start in range(0, len(samples), _AAC_FRAMES):
            piece = np.ascontiguousarray(samples[start : start + _AAC_FRAMES].T)
            frame = av.AudioFrame.from_ndarray(piece, "fltp", "stereo")
            frame.sample_rate = rate
            frame.pts = start
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return coded.getvalue()


def _faded(samples: Samples, rate: int, *, inside: bool) -> Samples:
    fade_in = min(round((_FADE_IN_INSIDE_SECONDS if inside else _FADE_IN_SECONDS) * rate), len(samples))
    fade_out = min(round(_FADE_OUT_SECONDS * rate), len(samples) // 3)
    samples[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)[:, None]
    if fade_out:
        down = np.linspace(0, np.pi / 2, fade_out, dtype=np.float32)
        samples[-fade_out:] *= (np.cos(down) ** 2)[:, None]
    return samples
