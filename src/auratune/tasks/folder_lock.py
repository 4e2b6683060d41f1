"""Keeps a second service away from a data folder that one already works in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from auratune.core.errors import InvalidSetting

if TYPE_CHECKING:
    from pathlib import Path

_FILE = ".auratune.lock"


class FolderLock:
    """A lock that the operating system lets go of when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._lock = FileLock(self._path, mode=0o600, thread_local=False)

    def take(self) -> None:
        """Take the lock. Raises `InvalidSetting` when another process holds it or the folder cannot be written to.

        Two services on one folder would both take up the same unfinished tasks, and pay for some of them twice.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise InvalidSetting(
                "Another AuraTune service works in this data folder; stop it, or set TEMP_DIR to another folder, "
                "such as TEMP_DIR=temp2."
            ) from None
        except OSError as error:
            raise InvalidSetting(
                "The data folder cannot be written to; set TEMP_DIR to a folder that can, such as TEMP_DIR=temp."
            ) from error

    def release(self) -> None:
        """Let go; harmless when not held."""
        self._lock.release(force=True)
