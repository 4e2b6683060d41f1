"""Where the bytes of a photo land: a file beside the store, written in batches, hashed and counted on the way."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import uuid
from typing import IO, TYPE_CHECKING, Self

import anyio.to_thread

from auratune.web.errors import BodyTooLarge

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_BATCH_BYTES = 256 * 1024
_STALE_SECONDS = 3600.0


class Sink:
    """A file that grows by `feed`; removed at the end of the block unless its new owner moved it away.

    Holds at most one batch in memory, whatever is fed.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.path = folder / f"{uuid.uuid4().hex}.part"
        self.size_bytes = 0
        self._most_bytes = most_bytes
        self._hash = hashlib.sha256()
        self._batch = bytearray()
        self._file: IO[bytes] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()
        self.path.unlink(missing_ok=True)

    async def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take more bytes. Raises `BodyTooLarge` as soon as there are too many."""
        self.size_bytes += len(data)
        if self.size_bytes > self._most_bytes:
            raise BodyTooLarge(too_large(self._most_bytes))
        self._batch += data
        if len(self._batch) >= _BATCH_BYTES:
            await self._write_out()

    async def keep(self) -> str:
        """All bytes have come: put them on the disk for good and return their sha256 in hex."""
        await self._write_out()
        await anyio.to_thread.run_sync(self._sync)
        return self._hash.hexdigest()

    async def _write_out(self) -> None:
        batch, self._batch = self._batch, bytearray()
        await anyio.to_thread.run_sync(self._write, batch)

    def _write(self, batch: bytearray) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)
        self._file.write(batch)
        self._hash.update(batch)

    def _sync(self) -> None:
        assert self._file is not None
        os.fsync(self._file.fileno())
        self._file.close()


def too_large(most_bytes: int) -> str:
    """What to say to a photo that is too large."""
    return f"The photo is larger than the {most_bytes / 1024 / 1024:.3g} MB this service takes; send a smaller one."


def sweep(folder: Path) -> None:
    """Remove what uploads left behind that a crash cut off."""
    long_ago = time.time() - _STALE_SECONDS
    for path in folder.glob("*.part"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < long_ago:
                path.unlink()
