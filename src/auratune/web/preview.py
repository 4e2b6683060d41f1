"""Stream a film that is still being rendered: its pieces, joined as they come, on whichever node it is rendered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from starlette.responses import StreamingResponse

from auratune.core.errors import AuraTuneError, StorageError
from auratune.core.film import PREVIEW_END, preview_prefix
from auratune.core.task import Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from auratune.core.ports import ObjectInfo, ObjectStore
    from auratune.core.task import Task
    from auratune.web.dependencies import Dependencies

APPEARS_SECONDS = 45.0
"""How long to wait for a preview whose film has just begun to be drawn."""
_POLL_SECONDS = 0.3
_STATUS_SECONDS = 1.0


async def preview_url(deps: Dependencies, task: Task, base: str) -> str | None:
    """Where the film that is being drawn, or a first cut, can be followed; None while nothing is drawn."""
    may_be_drawn = task.stage in {Stage.ORDER, Stage.COMPOSE, Stage.RENDER} and not task.status.is_final
    if not may_be_drawn:
        return None
    pieces = await anyio.to_thread.run_sync(_newest_rendering, deps.store, task.task_id)
    return f"{base}/preview" if pieces else None


async def follow(deps: Dependencies, task_id: str, owner: str) -> StreamingResponse | None:
    """The growing film as a response without an end known beforehand, or None while nothing is being drawn."""
    deadline = time.monotonic() + APPEARS_SECONDS
    while not (pieces := await anyio.to_thread.run_sync(_newest_rendering, deps.store, task_id)):
        task = await deps.read(deps.tasks.find, task_id, owner)
        if task.stage is not Stage.RENDER or time.monotonic() > deadline:
            return None
        await anyio.sleep(_POLL_SECONDS)
    rendering = pieces[0].key.rpartition("/")[0]
    headers = {"cache-control": "no-store"}
    return StreamingResponse(_pieces(deps, rendering, task_id, owner), headers=headers, media_type="video/mp4")


def _newest_rendering(store: ObjectStore, task_id: str) -> list[ObjectInfo]:
    """The pieces of the rendering that was last written to; another one may have been killed."""
    found = list(store.objects(preview_prefix(task_id)))
    if not found:
        return []
    newest = max(found, key=lambda info: info.modified).key.rpartition("/")[0]
    return [info for info in found if info.key.startswith(f"{newest}/")]


async def _pieces(deps: Dependencies, rendering: str, task_id: str, owner: str) -> AsyncIterator[bytes]:
    number, asked, is_over = 0, time.monotonic(), False
    while True:
        key = f"{rendering}/{number:05d}.mp4"
        info = await anyio.to_thread.run_sync(deps.store.head, key)
        if info is not None:
            try:
                async for piece in deps.store.read(key, 0, info.size_bytes):
                    yield piece
            except StorageError:
                return
            number += 1
        elif is_over:
            return
        elif time.monotonic() - asked > _STATUS_SECONDS:
            asked = time.monotonic()
            # The last piece may come just before the end is noticed, so it is looked for once more.
            end = await anyio.to_thread.run_sync(deps.store.head, f"{rendering}/{PREVIEW_END}")
            is_over = end is not None or await _is_over(deps, task_id, owner)
        else:
            await anyio.sleep(_POLL_SECONDS)


async def _is_over(deps: Dependencies, task_id: str, owner: str) -> bool:
    try:
        task = await deps.read(deps.tasks.find, task_id, owner)
    except AuraTuneError:
        return True
    return task.status.is_final
