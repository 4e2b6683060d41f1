"""Photos: sent here, turned into films, listed, watched over, made anew and removed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import PlainTextResponse, Response

from auratune.core.errors import InvalidOption
from auratune.core.options import LOOKS
from auratune.core.task import Status, Submission, TaskFilter, Upload
from auratune.web.dependencies import SMALL_BODY_BYTES, Dependencies, Deps, new_share_url, share_url
from auratune.web.openapi import PROBLEMS, REMAKE_BODY, RETRY_BODY, STATUS_RESPONSES, UPLOAD_BODY
from auratune.web.options import (
    REMAKE_NAMES,
    RETRY_NAMES,
    UPLOAD_NAMES,
    callback_url_from,
    check_names,
    name_from,
    options_from,
)
from auratune.web.preview import preview_url
from auratune.web.request_errors import BadBody
from auratune.web.schemas import DetailsResponse, LibraryEntry, LibraryPage, StatusResponse, UploadResponse
from auratune.web.security import Caller, Changer, Uploader, sender_of
from auratune.web.serializers import details_response, library_entry, library_page, status_line, status_response
from auratune.web.task_ids import TaskId
from auratune.web.uploads import receive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auratune.web.uploads import ReceivedUpload

router = APIRouter(tags=["photos"], responses=PROBLEMS)

_LONGEST_KEY = 255
Plain = Annotated[bool, Query(description="Answer with plain text, for glasses: a status has at most 40 characters")]
EXPIRED = {"status": "expired", "message": "Removed after its time."}
"""How a finished film is told whose files the retention rule has removed."""


@router.post("/upload-photo", openapi_extra=UPLOAD_BODY)
@router.post("/photos/upload", openapi_extra=UPLOAD_BODY, include_in_schema=False)
@router.post("/photos", name="create_photo", openapi_extra=UPLOAD_BODY)
async def upload_photo(request: Request, owner: Uploader, deps: Deps, plain: Plain = False) -> UploadResponse:
    """Send a photo; the answer comes as soon as it is safe, and the film is made in the background."""
    return await _made(request, await receive_upload(request, owner, deps), owner, deps, plain=plain)


async def receive_upload(request: Request, owner: str, deps: Dependencies) -> Submission:
    """Read and accept a photo."""
    sender = sender_of(request, owner)
    async with (
        deps.places.place(sender) as place,
        receive(request, deps.folder, deps.settings.max_file_size, deps.saving) as received,
        deps.places.turn(place),
    ):
        return await deps.accept(_upload_of(received, request, owner, deps))


def _upload_of(received: ReceivedUpload, request: Request, owner: str, deps: Dependencies) -> Upload:
    check_names(received.options, (*UPLOAD_NAMES, "plain"))
    key = request.headers.get("idempotency-key", "").strip().strip('"')
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise InvalidOption(f"Idempotency-Key may have at most {_LONGEST_KEY} visible characters.")
    return Upload(
        path=received.path,
        content_hash=received.content_hash,
        size_bytes=received.size_bytes,
        owner=owner,
        filename=name_from(received.options),
        options=options_from(received.options, deps.settings.film_format),
        allow_duplicate=str(received.options.get("duplicate", "")).lower() == "allow",
        idempotency_key=key,
        request_id=name_from(received.options, "request_id"),
        callback_url=callback_url_from(received.options),
    )


async def _made(
    request: Request, submission: Submission, owner: str, deps: Dependencies, *, plain: bool = False
) -> UploadResponse:
    """What whoever asked for a film reads."""
    base = f"/photos/{submission.task_id}"
    if submission.duplicate:
        link = share_url(request, await deps.read(deps.tasks.find, submission.task_id, owner))
    else:
        link = new_share_url(request, submission.task_id, owner)
    answer = UploadResponse(
        task_id=submission.task_id,
        message=(
            "This photo had arrived before; here is its film."
            if submission.duplicate
            else "Your photo has arrived; the film is on its way."
        ),
        status_url=f"{base}/status",
        download_url=f"{base}/download",
        share_url=link,
        duplicate=True if submission.duplicate else None,
    )
    headers = {"location": base}
    if plain:
        return PlainTextResponse(f"{answer.message}\n{answer.share_url}", headers=headers)  # type: ignore[return-value]
    return JSONResponse(answer.model_dump(exclude_none=True), headers=headers)  # type: ignore[return-value]


@router.get("/photos")
async def list_photos(
    request: Request,
    owner: Caller,
    deps: Deps,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[str, Query(description="Only tasks in this status")] = "",
    q: Annotated[str, Query(max_length=200, description="Words in title, caption or lyrics")] = "",
    look: Annotated[str, Query(description="Only films in this look")] = "",
    maker: Annotated[str, Query(max_length=40, description="Only films whose words or music this vendor made")] = "",
    month: Annotated[str, Query(description="Only photos sent in this month (UTC), such as `2026-05`")] = "",
    origin: Annotated[str, Query(description="Only this film, by its `task_id`, and its remakes")] = "",
) -> LibraryPage:
    """The library, newest first, in every state."""
    for name, value, known in (("status", status, tuple(Status)), ("look", look, LOOKS)):
        if value and value not in known:
            raise InvalidOption(f"`{name}` must be one of {', '.join(known)}.")
    which = TaskFilter(status=status, query=q.strip(), look=look, maker=maker, month=month, origin=origin)
    page = await deps.search(deps.tasks.page, owner, which, limit=limit, cursor=cursor)
    return library_page(page, partial(share_url, request))


@router.get("/photos/{task_id}")
async def get_photo(request: Request, task_id: TaskId, owner: Caller, deps: Deps) -> DetailsResponse:
    """Everything about one task: its entry, the scene, the beat grid, the storyboard, timings and events."""
    details = await deps.read(deps.tasks.details, task_id, owner)
    drawn_at = await preview_url(deps, details.task, f"/photos/{task_id}")
    answer = details_response(details, share_url(request, details.task), drawn_at)
    return answer.model_copy(update=EXPIRED) if await deps.is_expired(details.task) else answer


@router.delete("/photos/{task_id}", status_code=204)
async def delete_photo(task_id: TaskId, owner: Changer, deps: Deps) -> Response:
    """Remove a task, its film and everything that belongs to it."""
    await deps.write(deps.tasks.delete, task_id, owner)
    return Response(status_code=204)


@router.get("/photos/{task_id}/status", responses=STATUS_RESPONSES)
async def get_photo_status(
    task_id: TaskId,
    owner: Caller,
    deps: Deps,
    plain: Plain = False,
) -> StatusResponse:
    """How far a task is."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    expired = await deps.is_expired(task)
    if plain:
        line = EXPIRED["message"] if expired else status_line(task)
        return PlainTextResponse(line, headers={"cache-control": "no-store"})  # type: ignore[return-value]
    answer = status_response(task)
    return answer.model_copy(update=EXPIRED) if expired else answer


@router.post("/photos/{task_id}/cancel")
async def cancel_photo(request: Request, task_id: TaskId, owner: Changer, deps: Deps) -> LibraryEntry:
    """Stop a task that is under way."""
    task = await deps.write(deps.tasks.cancel, task_id, owner)
    return library_entry(task, share_url(request, task))


@router.post("/photos/{task_id}/retry", openapi_extra=RETRY_BODY, max_body_size=SMALL_BODY_BYTES)
async def retry_photo(request: Request, task_id: TaskId, owner: Uploader, deps: Deps) -> LibraryEntry:
    """Run a failed task again from its last good stage, or ask a composer by name for new music."""
    options = options_from(await _small_object(request, RETRY_NAMES), deps.settings.film_format)
    task = await deps.write(deps.tasks.retry, task_id, owner, music=options.music)
    return library_entry(task, share_url(request, task))


@router.post("/photos/{task_id}/remake", openapi_extra=REMAKE_BODY, max_body_size=SMALL_BODY_BYTES)
async def remake_photo(request: Request, task_id: TaskId, owner: Uploader, deps: Deps) -> UploadResponse:
    """Make another film of the same photo and song, in another style or shape; no vendor is paid again."""
    chosen = await _small_object(request, REMAKE_NAMES)
    was = (await deps.read(deps.tasks.find, task_id, owner)).options
    options = options_from(chosen, deps.settings.film_format, was=was)
    told = callback_url_from(chosen)
    submission = await deps.write(deps.tasks.remake, task_id, owner, options, callback_url=told)
    return await _made(request, submission, owner, deps)


async def _small_object(request: Request, known: Sequence[str]) -> dict[str, Any]:
    """Options from the query and a small JSON object, which may be missing. Raises `BadBody` and `InvalidOption`."""
    body = await request.body()
    try:
        found = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadBody("The body must be a JSON object, or empty.", code="bad_json")
    options = {**dict(request.query_params), **found}
    check_names(options, known)
    return options
