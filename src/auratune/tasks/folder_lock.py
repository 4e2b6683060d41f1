"""Keeps a second service away from a data folder that one already works in."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from auratune.core.errors import InvalidSetting

if TYPE_CHECKING:
    from pathlib import Path

_FILE = ".auratune.lock"


class FolderLock:
    """A lock that the operating system lets go of when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock. Raises `InvalidSetting` when another process holds it or the folder cannot be written to.

        Two services on one folder would both take up the same unfinished tasks, and pay for some of them twice.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise InvalidSetting(
                "The data folder cannot be written to; set TEMP_DIR to a folder that can, such as TEMP_DIR=temp."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise InvalidSetting(
                "Another AuraTune service works in this data folder; stop it, or set TEMP_DIR to another folder, "
                "such as TEMP_DIR=temp2."
            ) from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; harmless when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
