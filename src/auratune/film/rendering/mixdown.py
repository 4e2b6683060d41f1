"""The sound child: mixes the film's sound beside the render child, whose memory and imports it would double."""

from __future__ import annotations

from pathlib import Path

from auratune.film.rendering.soundtrack import SOUND_RATE
from auratune.music.audio import write_mp3
from auratune.music.mixing.soundtrack import mix_and_code


def mix_down(song_path: str, starts_at_seconds: float, length_seconds: float, coded_path: str, mp3_path: str) -> None:
    """Write the film's sound twice: as AAC in an MP4 for the film, and as an MP3 beside it.

    The AAC appears under its name only when it is whole, since the render child waits for it.
    Raises `InvalidSong`.
    """
    samples, coded = mix_and_code(song_path, starts_at_seconds, length_seconds, rate=SOUND_RATE)
    draft = Path(f"{coded_path}.part")
    draft.write_bytes(coded)
    draft.replace(coded_path)
    write_mp3(mp3_path, samples, SOUND_RATE)
