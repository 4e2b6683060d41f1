"""How long a sound file from a vendor really sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.errors import InvalidSong
from auratune.core.ports import Limits
from auratune.music.mp3 import FrameScanner

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.core.context import StageContext

_PIECE_BYTES = 64 * 1024
_LIMITS = Limits(wall_seconds=60.0, cpu_seconds=30)


def sound_length_seconds(context: StageContext, path: Path) -> float:
    """Seconds of sound in a file: what its header tells, but for MP3 no more than its frames really hold.

    A header counts without the encoder's padding, but in a file that broke off it promises too much.
    Raises `InvalidSong`.
    """
    told: float = context.run_in_subprocess("auratune.music.audio:song_length_seconds", str(path), limits=_LIMITS)
    scanner = FrameScanner()
    try:
        with path.open("rb") as source:
            while piece := source.read(_PIECE_BYTES):
                scanner.feed(piece)
    except InvalidSong:
        return told
    return min(told, scanner.seconds) if scanner.frames else told
