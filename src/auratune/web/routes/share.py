"""Share links: one film for whoever has the link, on a small page of its own, for a while."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response

from auratune.core.errors import AuraTuneError, TaskConflict
from auratune.core.task import Status
from auratune.web.dependencies import SMALL_BODY_BYTES, Dependencies, Deps
from auratune.web.errors import status_for
from auratune.web.openapi import PROBLEMS
from auratune.web.routes.films import send, send_poster
from auratune.web.routes.page import static_text
from auratune.web.schemas import ShareResponse
from auratune.web.security import Caller
from auratune.web.task_ids import TaskId

if TYPE_CHECKING:
    from auratune.core.task import Task

router = APIRouter(tags=["share"], responses=PROBLEMS)

DEFAULT_DAYS = 30.0
_DAY_SECONDS = 86400


class ShareRequest(BaseModel):
    """How long a link lives."""

    days: float = Field(DEFAULT_DAYS, gt=0, le=366)


@router.post("/photos/{task_id}/share", max_body_size=SMALL_BODY_BYTES)
async def create_share_link(
    request: Request, task_id: TaskId, owner: Caller, deps: Deps, choice: ShareRequest | None = None
) -> ShareResponse:
    """A link that opens a small player page without a key, until it ends."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    if task.status is not Status.DONE:
        raise TaskConflict("Only a finished film can be shared.", code="task_not_finished")
    days = (choice or ShareRequest(days=DEFAULT_DAYS)).days
    token, until = deps.signer.share(task_id, owner, seconds=days * _DAY_SECONDS)
    return ShareResponse(url=f"{base_of(request)}/s/{token}", expires_at=datetime.fromtimestamp(until, UTC))


@router.get("/s/{token}", include_in_schema=False)
async def shared_page(request: Request, token: str, deps: Deps) -> Response:
    """The player page."""
    headers = {"cache-control": "no-store", "x-robots-tag": "noindex"}
    try:
        task_id, owner = deps.signer.shared(token)
        task = await deps.read(deps.tasks.find, task_id, owner)
    except AuraTuneError as error:
        text = _filled("gone.html", {"message": error.message})
        return HTMLResponse(text, status_code=status_for(error), headers=headers)
    return HTMLResponse(_player(request, task, token), headers=headers)


@router.head("/s/{token}/film.mp4", include_in_schema=False)
@router.get("/s/{token}/film.mp4", include_in_schema=False)
async def shared_film(request: Request, token: str, deps: Deps, attachment: bool = False) -> Response:
    """The film behind a link."""
    return await _shared(request, deps, token, "film", attachment=attachment)


@router.get("/s/{token}/poster.jpg", include_in_schema=False)
async def shared_poster(request: Request, token: str, deps: Deps) -> Response:
    """The poster behind a link."""
    task_id, owner = deps.signer.shared(token)
    return await send_poster(request, deps, task_id, owner)


@router.get("/s/{token}/captions.vtt", include_in_schema=False)
async def shared_captions(request: Request, token: str, deps: Deps) -> Response:
    """The words behind a link."""
    return await _shared(request, deps, token, "captions")


def base_of(request: Request) -> str:
    """The address of the service as people know it, without a slash at the end."""
    public_url: str | None = request.app.state.settings.public_url
    return public_url or str(request.base_url).rstrip("/")


async def _shared(request: Request, deps: Dependencies, token: str, kind: str, *, attachment: bool = False) -> Response:
    task_id, owner = deps.signer.shared(token)
    return await send(request, deps, task_id, owner, kind, attachment=attachment)


def _player(request: Request, task: Task, token: str) -> str:
    base = f"{base_of(request)}/s/{token}"
    shape = f'width="{task.width_px}" height="{task.height_px}"' if task.width_px and task.height_px else ""
    values = {
        "title": task.title or "A film from one photo",
        "caption": task.caption,
        "film": f"/s/{token}/film.mp4",
        "poster": f"/s/{token}/poster.jpg",
        "captions": f"/s/{token}/captions.vtt",
        "film_address": f"{base}/film.mp4",
        "poster_address": f"{base}/poster.jpg",
    }
    return _filled("share.html", values).replace("data-shape", shape)


def _filled(name: str, values: dict[str, str]) -> str:
    text = static_text(name)
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", html.escape(value, quote=True))
    return text
