"""Room that is kept back on the database's disk, so that a full disk never stops a cancel, a delete or an end."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "disk-reserve"
_BYTES = 8 * 1024 * 1024
_PIECE_BYTES = 256 * 1024
"""More than a cancel or a delete writes."""


class DiskReserve:
    """A file of zeros that is given up piece by piece when the disk is full. Its methods may be called from any thread.

    Whatever else fills the disk may take a piece first; the next time there is another one.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME

    def fill(self) -> None:
        """Take the room, where there is plenty; harmless when it is taken already or cannot be."""
        with contextlib.suppress(OSError):
            if self._size() == _BYTES or shutil.disk_usage(self._path.parent).free < 4 * _BYTES:
                return
            draft = self._path.with_suffix(".part")
            with draft.open("wb") as file:
                if sys.platform == "linux":
                    os.posix_fallocate(file.fileno(), 0, _BYTES)
                else:
                    file.write(bytes(_BYTES))
            draft.replace(self._path)

    def release(self) -> None:
        """Give up a piece, if there is one."""
        with contextlib.suppress(OSError):
            os.truncate(self._path, max(0, self._size() - _PIECE_BYTES))

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0
