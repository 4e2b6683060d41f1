"""The page: one HTML file, plain modules and styles, and nothing from outside."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from auratune.core.errors import TaskNotFound

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent.parent / "static"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}


@router.head("/app")
@router.get("/app")
async def page(request: Request) -> Response:
    """The page."""
    return static_response(request, "index.html")


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The API, drawn from its own OpenAPI document."""
    return static_response(request, "docs.html")


@router.get("/favicon.ico")
async def favicon() -> Response:
    """What browsers ask for unasked."""
    return RedirectResponse("/static/icon.svg", status_code=308)


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """A file of the page."""
    return static_response(request, name)


def static_response(request: Request, name: str, *, vary: bool = False) -> Response:
    """A file of the static folder, or the word that the browser has it. Raises `TaskNotFound`."""
    try:
        body, etag = _contents()[name]
    except KeyError:
        raise TaskNotFound("There is no such file.", code="not_found") from None
    headers = {"etag": etag, "cache-control": "no-cache"}
    if vary:
        headers["vary"] = "Accept"
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=_TYPES[Path(name).suffix])


@cache
def _contents() -> dict[str, tuple[bytes, str]]:
    # Small, and never changes while the service runs; a name from outside never becomes a path.
    files = {}
    for path in _FOLDER.iterdir():
        if path.suffix in _TYPES:
            body = path.read_bytes()
            files[path.name] = (body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
    return files


def static_text(name: str) -> str:
    """A template of the static folder."""
    return _contents()[name][0].decode()
