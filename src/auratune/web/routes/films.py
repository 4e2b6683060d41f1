"""Films and what lies beside them: the MP4, its poster, its soundtrack, its words, and the film while it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from auratune.core.errors import StorageError, TaskConflict, TaskNotFound
from auratune.web.dependencies import Dependencies, Deps
from auratune.web.files import send_file
from auratune.web.openapi import PROBLEMS, film_responses
from auratune.web.preview import follow
from auratune.web.security import Caller
from auratune.web.task_ids import TaskId

if TYPE_CHECKING:
    from auratune.core.task import Task

router = APIRouter(tags=["films"], responses=PROBLEMS)

KINDS = {
    "film": ("video/mp4", ".mp4"),
    "poster": ("image/jpeg", ".jpg"),
    "soundtrack": ("audio/mpeg", ".mp3"),
    "captions": ("text/vtt; charset=utf-8", ".vtt"),
    "lrc": ("text/plain; charset=utf-8", ".lrc"),
}
"""Media type and suffix of each kind of file that a task leaves."""
_MEDIA = {"film", "poster", "soundtrack"}
_SIGNED_SECONDS = 3600.0
"""Longer than a film is watched: a player asks the same address for every range."""


@router.get("/photos/{task_id}/download", responses=film_responses("video/mp4"), response_class=Response)
async def download_film(
    request: Request, task_id: TaskId, owner: Caller, deps: Deps, attachment: bool = False
) -> Response:
    """The film: `video/mp4`, shown in the browser, or saved with `?attachment=1`."""
    return await send(request, deps, task_id, owner, "film", attachment=attachment)


@router.get("/photos/{task_id}/poster", responses=film_responses("image/jpeg"), response_class=Response)
async def get_poster(
    request: Request,
    task_id: TaskId,
    owner: Caller,
    deps: Deps,
    attachment: bool = False,
    width: Annotated[int, Query(description="A smaller picture: 160, 320 or 480 pixels wide")] = 0,
) -> Response:
    """The poster; until the film has one, the photo itself."""
    return await send_poster(request, deps, task_id, owner, attachment=attachment, width=width)


@router.get("/photos/{task_id}/looks/{look}", responses=film_responses("image/jpeg"), response_class=Response)
async def get_photo_in_look(task_id: TaskId, look: str, owner: Caller, deps: Deps) -> Response:
    """The photo in a look, small: what a remake would look like."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    picture = await deps.read(deps.thumbnails.in_look, task.photo.key, look)
    return Response(picture, media_type="image/jpeg", headers={"cache-control": "private, max-age=604800"})


@router.get("/photos/{task_id}/soundtrack", responses=film_responses("audio/mpeg"), response_class=Response)
async def get_soundtrack(
    request: Request, task_id: TaskId, owner: Caller, deps: Deps, attachment: bool = False
) -> Response:
    """The film's music as MP3."""
    return await send(request, deps, task_id, owner, "soundtrack", attachment=attachment)


@router.get("/photos/{task_id}/captions.vtt", responses=film_responses("text/vtt"), response_class=Response)
async def get_captions(
    request: Request, task_id: TaskId, owner: Caller, deps: Deps, attachment: bool = False
) -> Response:
    """The lyrics with their times as WebVTT."""
    return await send(request, deps, task_id, owner, "captions", attachment=attachment)


@router.get("/photos/{task_id}/lyrics.lrc", responses=film_responses("text/plain"), response_class=Response)
async def get_lyrics(request: Request, task_id: TaskId, owner: Caller, deps: Deps, attachment: bool = True) -> Response:
    """The lyrics with their times as LRC."""
    return await send(request, deps, task_id, owner, "lrc", attachment=attachment)


@router.get("/photos/{task_id}/preview", responses=film_responses("video/mp4"), response_class=Response)
async def stream_preview(request: Request, task_id: TaskId, owner: Caller, deps: Deps) -> Response:
    """The film while it is being rendered, as a stream that plays at once; a finished film is at `download`."""
    return await preview_response(request, deps, task_id, owner, f"/photos/{task_id}/download")


async def preview_response(request: Request, deps: Dependencies, task_id: str, owner: str, film_url: str) -> Response:
    """The growing film, or a redirect to the finished one. Raises `TaskConflict` where there is neither."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    if task.status.value == "done":
        return RedirectResponse(film_url, status_code=307, headers={"cache-control": "no-store"})
    if task.status.is_final:
        raise _unfinished(task)
    if request.method == "HEAD":
        return Response(media_type="video/mp4", headers={"cache-control": "no-store"})
    stream = await follow(deps, task_id, owner)
    if stream is None:
        raise _unfinished(task)
    return stream


async def send(
    request: Request, deps: Dependencies, task_id: str, owner: str, kind: str, *, attachment: bool = False
) -> Response:
    """A file of a finished task. Raises `TaskConflict`, with the task's status, while it is not finished."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    try:
        key = await deps.read(deps.tasks.film_key, task_id, owner, kind)
    except TaskConflict as conflict:
        raise _unfinished(task, conflict) from None
    media_type, suffix = KINDS[kind]
    if kind in _MEDIA and not attachment and (redirect := await _to_bucket(request, deps, key)):
        return redirect
    return await send_file(
        request,
        deps.store,
        key,
        media_type=media_type,
        filename=task.filename.removesuffix(".mp4") + suffix,
        etag=task.checksum if kind == "film" else "",
        attachment=attachment,
    )


async def send_poster(
    request: Request, deps: Dependencies, task_id: str, owner: str, *, attachment: bool = False, width: int = 0
) -> Response:
    """The poster, or the photo while there is none; with a `width`, a thumbnail of it."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    key = await poster_key(deps, task)
    try:
        if width:
            picture = await deps.read(deps.thumbnails.get, key, width)
            # The address names the version, so the picture never changes under it.
            return Response(picture, media_type="image/jpeg", headers={"cache-control": "private, max-age=604800"})
        if not attachment and (redirect := await _to_bucket(request, deps, key)):
            return redirect
        name = task.filename.removesuffix(".mp4") + ".jpg"
        return await send_file(request, deps.store, key, media_type="image/jpeg", filename=name, attachment=attachment)
    except StorageError:
        raise TaskNotFound("There is no picture for this task.", code="poster_missing") from None


async def poster_key(deps: Dependencies, task: Task) -> str:
    """Store key of the picture that stands for a film: its poster, or the photo while there is none."""
    try:
        return await deps.read(deps.tasks.film_key, task.task_id, task.owner, "poster")
    except (TaskConflict, TaskNotFound):
        return task.photo.key


async def _to_bucket(request: Request, deps: Dependencies, key: str) -> Response | None:
    """A redirect to the object in its bucket, or None where the service sends it itself.

    A signed address is good for GET alone, and cannot name the file for whoever saves it.
    """
    if not deps.settings.storage_redirect or request.method != "GET":
        return None
    address = await deps.read(deps.store.signed_url, key, _SIGNED_SECONDS)
    return RedirectResponse(address, status_code=307, headers={"cache-control": "no-store"}) if address else None


def _unfinished(task: Task, conflict: TaskConflict | None = None) -> TaskConflict:
    error = conflict or TaskConflict("The film is not finished yet.", code="task_not_finished")
    error.extra = {"task_status": task.status.value, "progress": task.progress}  # type: ignore[attr-defined]
    return error
