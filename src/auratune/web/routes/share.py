"""Share links: one film for whoever has the link, while it is made and afterwards, until the link ends."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from auratune.core.errors import AuraTuneError, TaskNotFound
from auratune.core.task import ShareLink, Status
from auratune.web.addresses import link_for_phones, qr_svg
from auratune.web.dependencies import SMALL_BODY_BYTES, Deps, base_url, share_url
from auratune.web.errors import status_for
from auratune.web.middleware import with_media_origin
from auratune.web.openapi import PROBLEMS
from auratune.web.pages import page_response
from auratune.web.preview import preview_url
from auratune.web.routes.events import event_stream
from auratune.web.routes.films import preview_response, send, send_poster
from auratune.web.schemas import ShareResponse, SharesResponse
from auratune.web.security import Caller, Changer
from auratune.web.serializers import shared_film
from auratune.web.task_ids import TaskId

if TYPE_CHECKING:
    from auratune.web.dependencies import Dependencies

router = APIRouter(tags=["share"], responses=PROBLEMS)

ShareId = Annotated[str, Path(max_length=32, description="`share_id` of a link in the film's list; `own` for its own")]

DEFAULT_DAYS = 30.0
_DAY_SECONDS = 86400
_PLAYER_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; frame-ancestors *"
)


class ShareRequest(BaseModel):
    """How long a link lives."""

    days: float = Field(DEFAULT_DAYS, gt=0, le=366)


@router.post("/photos/{task_id}/share", max_body_size=SMALL_BODY_BYTES)
async def create_share_link(
    request: Request, task_id: TaskId, owner: Changer, deps: Deps, choice: ShareRequest | None = None
) -> ShareResponse:
    """A link that shows the film, and until then how it is made, to whoever has it, without a key."""
    days = (choice or ShareRequest(days=DEFAULT_DAYS)).days
    until = datetime.fromtimestamp(int(time.time() + days * _DAY_SECONDS), UTC)
    link = await deps.write(deps.tasks.share_links.create, task_id, owner, until)
    return _share_response(request, deps, link, owner)


@router.get("/photos/{task_id}/shares")
async def list_share_links(request: Request, task_id: TaskId, owner: Caller, deps: Deps) -> SharesResponse:
    """Every share link of the film that is valid."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    links = await deps.read(deps.tasks.share_links.of_task, task_id, owner)
    own = _with_code(
        request,
        share_url(request, task),
        share_id=ShareLink.OWN,
        created_at=task.created_at,
        expires_at=datetime.fromtimestamp(deps.signer.own_share_until(), UTC),
    )
    return SharesResponse(shares=[own, *(_share_response(request, deps, link, owner) for link in links)])


@router.delete("/photos/{task_id}/shares", status_code=204)
async def revoke_share_links(task_id: TaskId, owner: Changer, deps: Deps) -> Response:
    """End every share link of the film at once; `share_url` is a new one from now on."""
    await deps.write(deps.tasks.share_links.revoke, task_id, owner)
    return Response(status_code=204)


@router.delete("/photos/{task_id}/shares/{share_id}", status_code=204)
async def revoke_share_link(task_id: TaskId, share_id: ShareId, owner: Changer, deps: Deps) -> Response:
    """End one share link at once; after `own`, `share_url` is a new one."""
    await deps.write(deps.tasks.share_links.revoke, task_id, owner, share_id)
    return Response(status_code=204)


@router.get("/s/{token}", include_in_schema=False)
async def get_shared_page(request: Request, token: str, deps: Deps) -> Response:
    """The page of a shared film."""
    return await _page(request, token, deps, "film.html", {})


@router.get("/s/{token}/player", include_in_schema=False)
async def get_shared_player(request: Request, token: str, deps: Deps) -> Response:
    """The film alone, which other sites may show in a frame."""
    policy = with_media_origin(_PLAYER_POLICY, deps.media_origin)
    return await _page(request, token, deps, "player.html", {"content-security-policy": policy})


@router.get("/s/{token}/film", include_in_schema=False)
async def get_shared_film(token: str, deps: Deps) -> dict[str, Any]:
    """What the page of a shared film shows."""
    task_id, owner, _ = await deps.shared_film(token)
    details, base = await deps.read(deps.tasks.details, task_id, owner), f"/s/{token}"
    return shared_film(details, base, await preview_url(deps, details.task, base))


@router.get("/s/{token}/events", include_in_schema=False)
async def stream_shared_events(request: Request, token: str, deps: Deps) -> Response:
    """Live progress behind a link."""
    task_id, owner, _ = await deps.shared_film(token)
    return await event_stream(request, deps, task_id, owner, partial(deps.shared_film, token))


@router.get("/s/{token}/film.mp4", include_in_schema=False)
async def download_shared_film(request: Request, token: str, deps: Deps, attachment: bool = False) -> Response:
    """The film behind a link."""
    task_id, owner, _ = await deps.shared_film(token)
    return await send(request, deps, task_id, owner, "film", attachment=attachment)


@router.get("/s/{token}/preview", include_in_schema=False)
async def stream_shared_preview(request: Request, token: str, deps: Deps) -> Response:
    """The film behind a link while it is rendered."""
    task_id, owner, _ = await deps.shared_film(token)
    return await preview_response(request, deps, task_id, owner, f"/s/{token}/film.mp4")


@router.get("/s/{token}/poster.jpg", include_in_schema=False)
async def get_shared_poster(request: Request, token: str, deps: Deps, width: int = 0) -> Response:
    """The poster behind a link."""
    task_id, owner, _ = await deps.shared_film(token)
    return await send_poster(request, deps, task_id, owner, width=width)


@router.get("/s/{token}/captions.vtt", include_in_schema=False)
async def get_shared_captions(request: Request, token: str, deps: Deps) -> Response:
    """The lyrics behind a link."""
    task_id, owner, _ = await deps.shared_film(token)
    return await send(request, deps, task_id, owner, "captions")


@router.get("/s/{token}/qr.svg", include_in_schema=False)
async def get_shared_qr(request: Request, token: str, deps: Deps) -> Response:
    """A QR code of the link, for a phone beside this screen."""
    await deps.shared_film(token)
    address = link_for_phones(request, f"/s/{token}")
    if address is None:
        raise TaskNotFound("This service can only be reached from its own machine.", code="not_available")
    return Response(qr_svg(address), media_type="image/svg+xml", headers={"cache-control": "no-store"})


def _share_response(request: Request, deps: Dependencies, link: ShareLink, owner: str) -> ShareResponse:
    token = deps.signer.share(link.task_id, owner, until=link.expires_at.timestamp(), link_id=link.link_id)
    return _with_code(
        request,
        f"{base_url(request)}/s/{token}",
        share_id=link.link_id,
        created_at=link.created_at,
        expires_at=link.expires_at,
    )


def _with_code(request: Request, url: str, **values: Any) -> ShareResponse:
    path = urlsplit(url).path
    phone_url = link_for_phones(request, path)
    return ShareResponse(url=url, phone_url=phone_url, qr_url=f"{path}/qr.svg" if phone_url else None, **values)


async def _page(request: Request, token: str, deps: Deps, template: str, headers: dict[str, str]) -> Response:
    headers = {"cache-control": "no-store", "x-robots-tag": "noindex", **headers}
    try:
        task_id, owner, _ = await deps.shared_film(token)
        task = await deps.read(deps.tasks.find, task_id, owner)
        if task.status is Status.DONE:
            # An expired film is told in words, and not by a player that never starts.
            await deps.read(deps.tasks.film_key, task_id, owner, "film")
    except AuraTuneError as error:
        return page_response(
            request,
            "message.html",
            status_code=status_for(error),
            headers=headers,
            title="This film is not showing.",
            message=error.message,
        )
    shared = {
        "title": task.title,
        "caption": task.caption,
        "address": f"{base_url(request)}/s/{token}",
        "is_done": task.status is Status.DONE,
        "width": task.width_px or task.photo.width_px,
        "height": task.height_px or task.photo.height_px,
        "photo_width": task.photo.width_px,
        "photo_height": task.photo.height_px,
    }
    return page_response(request, template, headers=headers, api=f"/s/{token}", shared=shared)
