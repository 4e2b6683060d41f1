"""Signing in on the page: a key becomes a cookie that scripts cannot read and other sites cannot send."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from auratune.core.options import ASPECTS, LOOKS, MUSIC_STYLES
from auratune.web.dependencies import SMALL_BODY_BYTES, Deps
from auratune.web.openapi import PROBLEMS
from auratune.web.request_errors import KeyNeeded
from auratune.web.security import SESSION_COOKIE, Caller, check_origin, identify, owner_of_key
from auratune.wiring import vendors

router = APIRouter(prefix="/session", tags=["session"], responses=PROBLEMS)

SESSION_SECONDS = 30 * 24 * 3600


class SignInRequest(BaseModel):
    """A key, to be exchanged for a session."""

    key: str = Field(min_length=1, max_length=500)


@router.get("")
async def get_session(request: Request, deps: Deps) -> dict[str, Any]:
    """Who is signed in, and what the page needs to know to offer its choices."""
    try:
        owner: str | None = await identify(request)
    except KeyNeeded:
        owner = None
    return {
        "signed_in": owner is not None,
        "owner": owner,
        "needs_key": not deps.keys.is_open,
        "max_file_size": deps.settings.max_file_size,
        "looks": LOOKS,
        "music_styles": MUSIC_STYLES,
        "aspects": ASPECTS,
        "composers": [each.name for each, ready in vendors(deps.settings) if ready and each.composer],
        "video_seconds": deps.settings.video_seconds,
    }


@router.post("", status_code=204, max_body_size=SMALL_BODY_BYTES)
async def sign_in(request: Request, credentials: SignInRequest, deps: Deps) -> Response:
    """Exchange a key for a session."""
    check_origin(request, deps)
    owner = await owner_of_key(request, deps, credentials.key.strip())
    response = Response(status_code=204)
    response.set_cookie(
        SESSION_COOKIE,
        deps.signer.session(owner, seconds=SESSION_SECONDS),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.delete("", status_code=204)
async def sign_out(request: Request, owner: Caller, deps: Deps) -> Response:
    """End the session: its cookie opens nothing any more, wherever it was copied to."""
    del owner
    cookie = request.cookies.get(SESSION_COOKIE, "")
    if session := deps.signer.session_of(cookie):
        await deps.write(deps.tasks.sessions.end, cookie, session.until)
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    return response
