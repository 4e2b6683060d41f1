"""How long a sound file from a vendor really sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.errors import BadSong
from auratune.music.mp3 import FrameScanner
from auratune.workroom import Limits, run_apart

if TYPE_CHECKING:
    from pathlib import Path

_PIECE_BYTES = 64 * 1024
_LIMITS = Limits(wall_seconds=60.0, cpu_seconds=30)


def sound_length_seconds(path: Path) -> float:
    """Seconds of sound in a file. MP3 is counted by frames: a header may promise more than a broken file holds.

    Other formats are opened in a child process. Raises `BadSong`.
    """
    scanner = FrameScanner()
    try:
        with path.open("rb") as source:
            while piece := source.read(_PIECE_BYTES):
                scanner.feed(piece)
    except BadSong:
        pass
    else:
        if scanner.frames:
            return scanner.seconds
    length: float = run_apart("auratune.music.audio:song_length_seconds", str(path), limits=_LIMITS)
    return length
