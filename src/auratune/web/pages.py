"""HTML pages from templates, in the reader's language; every value is escaped."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.responses import HTMLResponse, Response

from auratune.web.languages import LANGUAGES, language_of, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_THEMES = ("light", "dark")
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page_response(
    request: Request,
    template: str,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """A page, or a 304 where the browser has it. `values` go into the template."""
    language = language_of(request)
    text = _TEMPLATES.get_template(template).render(
        _=partial(translate, language),
        language=language,
        languages=LANGUAGES,
        theme=_theme_of(request),
        **values,
    )
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
    given = {"cache-control": "no-cache", "etag": etag, **(headers or {})}
    given["vary"] = ", ".join(filter(None, (given.get("vary"), "Accept-Language, Cookie")))
    if status_code == 200 and etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=given)
    return HTMLResponse(text, status_code=status_code, headers=given)


def _theme_of(request: Request) -> str:
    """`light` or `dark` where one was chosen on a page; empty where the system's own counts."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in _THEMES else ""
