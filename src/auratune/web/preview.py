"""Stream a film that is still being rendered, as its file grows."""

from __future__ import annotations

import os
import time
from typing import IO, TYPE_CHECKING

import anyio
import anyio.to_thread
from starlette.responses import StreamingResponse

from auratune.core.errors import AuraTuneError
from auratune.core.task import Stage
from auratune.storage.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from auratune.web.dependencies import Dependencies

APPEARS_SECONDS = 45.0
"""How long to wait for a preview whose film has just begun to be drawn."""
_POLL_SECONDS = 0.2
_STATUS_SECONDS = 1.0
_PIECE_BYTES = 64 * 1024


def open_to_read(path: Path) -> IO[bytes]:
    """A file whose reads go straight to the system. Raises `FileNotFoundError`."""
    return path.open("rb", buffering=0)


async def follow(deps: Dependencies, task_id: str, owner: str) -> StreamingResponse | None:
    """The growing film as a response without an end known beforehand, or None while nothing is being drawn."""
    if not isinstance(deps.store, LocalStore):
        return None
    file = await _open(deps, deps.store.preview_path(f"output/{task_id}.mp4"), task_id, owner)
    if file is None:
        return None
    headers = {"cache-control": "no-store"}
    return StreamingResponse(_pieces(deps, file, task_id, owner), headers=headers, media_type="video/mp4")


async def _open(deps: Dependencies, path: Path, task_id: str, owner: str) -> IO[bytes] | None:
    deadline = time.monotonic() + APPEARS_SECONDS
    while True:
        try:
            file = await anyio.to_thread.run_sync(open_to_read, path)
        except FileNotFoundError:
            task = await deps.read(deps.tasks.find, task_id, owner)
            if task.stage is not Stage.RENDER or time.monotonic() > deadline:
                return None
            await anyio.sleep(_POLL_SECONDS)
        else:
            return file


async def _pieces(deps: Dependencies, file: IO[bytes], task_id: str, owner: str) -> AsyncIterator[bytes]:
    try:
        asked = time.monotonic()
        over = False
        while True:
            piece = await anyio.to_thread.run_sync(file.read, _PIECE_BYTES)
            if piece:
                yield piece
                continue
            if over:
                return
            # The file is removed once the film is finished; what was written before that is still read to its end.
            over = os.fstat(file.fileno()).st_nlink == 0
            if time.monotonic() - asked > _STATUS_SECONDS:
                asked = time.monotonic()
                over = over or await _is_over(deps, task_id, owner)
            if not over:
                await anyio.sleep(_POLL_SECONDS)
    finally:
        file.close()


async def _is_over(deps: Dependencies, task_id: str, owner: str) -> bool:
    try:
        task = await deps.read(deps.tasks.find, task_id, owner)
    except AuraTuneError:
        return True
    return task.status.is_final
