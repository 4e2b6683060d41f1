"""The pages, and the files they are made of; nothing comes from outside."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from auratune.core.errors import TaskNotFound
from auratune.web.dependencies import Deps
from auratune.web.pages import page_response
from auratune.web.routes.photos import receive_upload
from auratune.web.security import Uploader
from auratune.web.task_ids import TaskId

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent.parent / "static"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}


@router.get("/app")
async def get_page(request: Request) -> Response:
    """Upload and library."""
    return page_response(request, "index.html")


@router.get("/films/{task_id}")
async def get_film_page(request: Request, task_id: TaskId) -> Response:
    """One film: how it is made, then the player. The page itself asks for a key where one is needed."""
    return page_response(request, "film.html", api=f"/photos/{task_id}", shared=None)


@router.get("/operator")
async def get_operator_page(request: Request) -> Response:
    """How the service is, for whoever runs it; the page itself asks for a key where one is needed."""
    return page_response(request, "operator.html")


@router.get("/docs")
async def get_docs(request: Request) -> Response:
    """The API, drawn from its own OpenAPI document."""
    return page_response(request, "docs.html")


@router.post("/share-target")
async def receive_shared_photo(request: Request, owner: Uploader, deps: Deps) -> Response:
    """Take a picture that a phone shares with the installed page, and show its film."""
    submission = await receive_upload(request, owner, deps)
    return RedirectResponse(f"/films/{submission.task_id}", status_code=303)


@router.get("/favicon.ico")
async def get_favicon() -> Response:
    """What browsers ask for without being told to."""
    return RedirectResponse("/static/icon.svg", status_code=308)


@router.get("/static/{name}")
async def get_static_file(request: Request, name: str) -> Response:
    """A file of the pages."""
    try:
        body, etag = _static_files()[name]
    except KeyError:
        raise TaskNotFound("There is no such file.", code="not_found") from None
    headers = {"etag": etag, "cache-control": "no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=_TYPES[Path(name).suffix])


@cache
def _static_files() -> dict[str, tuple[bytes, str]]:
    # Small, and never changes while the service runs; a name from outside never becomes a path.
    files = {}
    for path in _FOLDER.iterdir():
        if path.suffix in _TYPES:
            body = path.read_bytes()
            files[path.name] = (body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
    return files
