"""Live progress as server-sent events."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from auratune.core.errors import AuraTuneError
from auratune.web.dependencies import Dependencies, Deps
from auratune.web.openapi import PROBLEMS
from auratune.web.security import Caller, identify
from auratune.web.task_ids import TaskId

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

CheckAccess = Callable[[], Awaitable[object]]
"""Raises when whoever opened a stream may not listen any more."""

router = APIRouter(tags=["events"], responses=PROBLEMS)

_CHECK_ACCESS_SECONDS = 1.0
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events; `id` is the sequence, `data` a JSON object with task_id, status, stage, progress, "
        "message and at. `Last-Event-ID` resumes.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/events", responses=_STREAM, response_class=StreamingResponse)
async def stream_events(request: Request, owner: Caller, deps: Deps) -> Response:
    """What happens to all your tasks from now on."""
    deps.hub.check_room()
    return _stream(request, await deps.hub.listen(owner, after=_last_id(request)), partial(identify, request))


@router.get("/photos/{task_id}/events", responses=_STREAM, response_class=StreamingResponse)
async def stream_photo_events(request: Request, task_id: TaskId, owner: Caller, deps: Deps) -> Response:
    """What has happened and happens to one task; the stream ends with the task."""
    return await event_stream(request, deps, task_id, owner, partial(identify, request))


async def event_stream(
    request: Request, deps: Dependencies, task_id: str, owner: str, check_access: CheckAccess
) -> Response:
    """One task's events, or 204 when its last one has been delivered; ended once `check_access` raises."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    after = _last_id(request)
    if after is not None and task.status.is_final:
        missed = await deps.read(deps.tasks.events_after, after, owner, task_id)
        if not missed:
            # This answer is what makes an EventSource stop coming back.
            return Response(status_code=204)
    deps.hub.check_room()
    return _stream(request, await deps.hub.listen(owner, task_id, after=after), check_access)


def _stream(request: Request, events: AsyncGenerator[bytes], check_access: CheckAccess) -> Response:
    # Proxies that buffer would hold events back; nginx heeds this header.
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    if request.method == "HEAD":
        return Response(headers=headers, media_type="text/event-stream")
    return StreamingResponse(_while_allowed(events, check_access), headers=headers, media_type="text/event-stream")


async def _while_allowed(events: AsyncGenerator[bytes], check_access: CheckAccess) -> AsyncGenerator[bytes]:
    """The events until the session or link that opened the stream has been ended; asked at most once a second."""
    checked = time.monotonic()
    async with contextlib.aclosing(events):
        async for piece in events:
            if time.monotonic() - checked >= _CHECK_ACCESS_SECONDS:
                try:
                    await check_access()
                except AuraTuneError:
                    return
                checked = time.monotonic()
            yield piece


def _last_id(request: Request) -> int | None:
    given = request.headers.get("last-event-id") or request.query_params.get("last_event_id", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None
