"""Live progress as server-sent events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from auratune.web.dependencies import Dependencies, Deps
from auratune.web.openapi import PROBLEMS
from auratune.web.security import Caller
from auratune.web.task_ids import TaskId

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

router = APIRouter(tags=["events"], responses=PROBLEMS)

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
    return _stream(request, deps.hub.listen(owner, after=_last_id(request)))


@router.get("/photos/{task_id}/events", responses=_STREAM, response_class=StreamingResponse)
async def stream_photo_events(request: Request, task_id: TaskId, owner: Caller, deps: Deps) -> Response:
    """What has happened and happens to one task; the stream ends with the task."""
    return await event_stream(request, deps, task_id, owner)


async def event_stream(request: Request, deps: Dependencies, task_id: str, owner: str) -> Response:
    """One task's events, or 204 when its last one has been delivered."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    after = _last_id(request)
    if after is not None and task.status.is_final:
        missed = await deps.read(deps.tasks.events_after, after, owner, task_id)
        if not missed:
            # This answer is what makes an EventSource stop coming back.
            return Response(status_code=204)
    deps.hub.check_room()
    return _stream(request, deps.hub.listen(owner, task_id, after=after))


def _stream(request: Request, events: AsyncIterator[bytes]) -> Response:
    # Proxies that buffer would hold events back; nginx heeds this header.
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    if request.method == "HEAD":
        return Response(headers=headers, media_type="text/event-stream")
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")


def _last_id(request: Request) -> int | None:
    given = request.headers.get("last-event-id") or request.query_params.get("last_event_id", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None
