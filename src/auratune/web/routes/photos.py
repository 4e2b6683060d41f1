"""Photos: sent here, turned into films, listed, watched over, made anew and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from auratune.core.errors import InvalidOption
from auratune.core.task import Status, Submission, Upload
from auratune.web.dependencies import SMALL_BODY_BYTES, AtFront, Dependencies
from auratune.web.errors import BadBody
from auratune.web.openapi import PROBLEMS, REMAKE_BODY, RETRY_BODY, UPLOAD_BODY
from auratune.web.options import name_from, options_from
from auratune.web.schemas import DetailsAnswer, LibraryEntry, LibraryPage, StatusAnswer, UploadAnswer
from auratune.web.security import Caller, address_of
from auratune.web.serializers import details_answer, library_entry, library_page, status_answer
from auratune.web.task_ids import TaskId
from auratune.web.uploads import receive

if TYPE_CHECKING:
    from auratune.web.uploads import Arrival

router = APIRouter(tags=["photos"], responses=PROBLEMS)

_LONGEST_KEY = 255


@router.post("/upload-photo", openapi_extra=UPLOAD_BODY, operation_id="upload_photo")
@router.post("/photos/upload", openapi_extra=UPLOAD_BODY, include_in_schema=False)
@router.post("/photos", openapi_extra=UPLOAD_BODY, include_in_schema=False)
async def upload(request: Request, owner: Caller, front: AtFront) -> UploadAnswer:
    """Send a photo; the answer comes as soon as it is safe, and the film is made in the background."""
    headers = await take_upload(request, owner, front)
    async with receive(request, front.folder, front.settings.max_file_size) as arrival:
        submission = await front.accept(front.tasks.submit, _upload_of(arrival, request, owner, front))
    answer = upload_answer(submission)
    headers["location"] = f"/photos/{submission.task_id}"
    return JSONResponse(answer.model_dump(exclude_none=True), headers=headers)  # type: ignore[return-value]


async def take_upload(request: Request, owner: str, front: Dependencies) -> dict[str, str]:
    """Count an upload against its caller's allowance; the headers that tell what is left."""
    who = f"{owner}@{address_of(request)}" if front.keys.is_open else owner
    return await front.uploads.take(who, "That is more photos a minute than one caller may send; wait a moment.")


def _upload_of(arrival: Arrival, request: Request, owner: str, front: Dependencies) -> Upload:
    key = request.headers.get("idempotency-key", "").strip().strip('"')
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise InvalidOption(f"Idempotency-Key may have at most {_LONGEST_KEY} visible characters.")
    return Upload(
        path=arrival.path,
        content_hash=arrival.content_hash,
        size_bytes=arrival.size_bytes,
        owner=owner,
        filename=name_from(arrival.options),
        options=options_from(arrival.options, front.settings.film_format),
        allow_duplicate=str(arrival.options.get("duplicate", "")).lower() == "allow",
        idempotency_key=key,
        request_id=name_from(arrival.options, "request_id"),
    )


def upload_answer(submission: Submission) -> UploadAnswer:
    """What the sender of a photo reads."""
    base = f"/photos/{submission.task_id}"
    return UploadAnswer(
        task_id=submission.task_id,
        message=(
            "This photo had arrived before; here is its film."
            if submission.duplicate
            else "Your photo has arrived; the film is on its way."
        ),
        status_url=f"{base}/status",
        download_url=f"{base}/download",
        duplicate=True if submission.duplicate else None,
    )


@router.get("/photos")
async def library(
    owner: Caller,
    front: AtFront,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[str, Query(description="Only tasks in this status")] = "",
    q: Annotated[str, Query(max_length=200, description="Words in title, caption or lyrics")] = "",
) -> LibraryPage:
    """The library, newest first, in every state."""
    if status and status not in set(Status):
        raise InvalidOption(f"`status` must be one of {', '.join(Status)}.")
    page = await front.ask(front.tasks.page, owner, limit=limit, cursor=cursor, status=status, query=q.strip())
    return library_page(page)


@router.get("/photos/{task_id}")
async def details(task_id: TaskId, owner: Caller, front: AtFront) -> DetailsAnswer:
    """Everything about one task: its entry, the scene, the beat grid, the storyboard, timings and events."""
    return details_answer(await front.ask(front.tasks.details, task_id, owner))


@router.delete("/photos/{task_id}", status_code=204)
async def delete(task_id: TaskId, owner: Caller, front: AtFront) -> Response:
    """Remove a task, its film and everything that belongs to it."""
    await front.accept(front.tasks.delete, task_id, owner)
    return Response(status_code=204)


@router.get("/photos/{task_id}/status")
async def status(task_id: TaskId, owner: Caller, front: AtFront) -> StatusAnswer:
    """How far a task is."""
    return status_answer(await front.ask(front.tasks.find, task_id, owner))


@router.post("/photos/{task_id}/cancel")
async def cancel(task_id: TaskId, owner: Caller, front: AtFront) -> LibraryEntry:
    """Stop a task that is under way."""
    return library_entry(await front.accept(front.tasks.cancel, task_id, owner))


@router.post("/photos/{task_id}/retry", openapi_extra=RETRY_BODY, max_body_size=SMALL_BODY_BYTES)
async def retry(request: Request, task_id: TaskId, owner: Caller, front: AtFront) -> LibraryEntry:
    """Run a failed task again from its last good stage, or ask a composer by name for new music."""
    wish = options_from(await _small_object(request), front.settings.film_format)
    return library_entry(await front.accept(front.tasks.retry, task_id, owner, music=wish.music))


@router.post("/photos/{task_id}/remake", openapi_extra=REMAKE_BODY, max_body_size=SMALL_BODY_BYTES)
async def remake(request: Request, task_id: TaskId, owner: Caller, front: AtFront) -> UploadAnswer:
    """Make another film of the same photo and song, in another style or shape; no vendor is paid again."""
    body = await _small_object(request)
    was = (await front.ask(front.tasks.find, task_id, owner)).options
    options = options_from(body, front.settings.film_format, was=was)
    submission = await front.accept(front.tasks.remake, task_id, owner, options)
    answer = upload_answer(submission).model_dump(exclude_none=True)
    return JSONResponse(answer, headers={"location": f"/photos/{submission.task_id}"})  # type: ignore[return-value]


async def _small_object(request: Request) -> dict[str, Any]:
    """A small JSON object from the body; nothing at all counts as an empty one."""
    body = await request.body()
    try:
        found = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadBody("The body must be a JSON object, or empty.", code="bad_json")
    return found
