"""The sound child: mixes the film's sound beside the render child, whose memory and imports it would double."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from auratune.film.rendering.soundtrack import SOUND_RATE
from auratune.music.audio import write_mp3
from auratune.music.mixing.soundtrack import mix


def mix_down(song_path: str, starts_at_seconds: float, length_seconds: float, samples_path: str, mp3_path: str) -> None:
    """Write the film's sound twice: as samples, float32 of shape (frames, 2) in a `.npy`, and as an MP3.

    The samples appear under their name only when they are whole, since the render child waits for them.
    Raises `InvalidSong`.
    """
    samples = mix(song_path, starts_at_seconds, length_seconds, rate=SOUND_RATE)
    draft = f"{samples_path}.part.npy"
    np.save(draft, samples)
    Path(draft).replace(samples_path)
    write_mp3(mp3_path, samples, SOUND_RATE)
