"""Who is asking: a key in a header, a session of the page, or anyone where the service is open to this machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import pybase64
from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer

from auratune.web.dependencies import Dependencies, dependencies_of
from auratune.web.keys import LOCAL_OWNER
from auratune.web.request_errors import KeyNeeded, NotAllowed

if TYPE_CHECKING:
    from starlette.datastructures import Headers

SESSION_COOKIE = "auratune_session"
_TOO_MANY_WRONG_KEYS = "Too many wrong keys came from this address; wait a moment."
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_LOOPBACK_NAMES = {"localhost", "[::1]"}
_LOOPBACK_ADDRESS = re.compile(r"127(\.\d{1,3}){3}")


async def identify(request: Request) -> str:
    """Owner in whose name the request acts; never reads the body.

    Raises `KeyNeeded`, `NotAllowed`, and `TooManyRequests` after too many wrong keys from one address.
    """
    deps = dependencies_of(request)
    check_origin(request, deps)
    if deps.keys.is_open:
        return LOCAL_OWNER
    secret = key_in(request.headers)
    if secret:
        return await owner_of_key(request, deps, secret)
    await deps.wrong_keys.check(address_of(request), _TOO_MANY_WRONG_KEYS)
    cookie = request.cookies.get(SESSION_COOKIE, "")
    session = deps.signer.session_of(cookie)
    if session is None or await deps.read(deps.tasks.sessions.has_ended, cookie):
        raise KeyNeeded("Send your key as `Authorization: Bearer <key>` or `X-API-Key`, or sign in on the page.")
    return session.owner


async def owner_of_key(request: Request, deps: Dependencies, secret: str) -> str:
    """The owner of a key. Raises `KeyNeeded`, and `TooManyRequests` after too many wrong keys from one address.

    The right key waits too: who guesses must not learn from the answer which guess was right.
    """
    address = address_of(request)
    await deps.wrong_keys.check(address, _TOO_MANY_WRONG_KEYS)
    owner = deps.keys.owner_of(secret)
    if owner is None:
        await deps.wrong_keys.hit(address, _TOO_MANY_WRONG_KEYS)
        raise KeyNeeded("This key is not known here; check it and try again.", code="key_unknown")
    return owner


async def caller(
    request: Request,
    bearer: Annotated[object, Depends(HTTPBearer(auto_error=False, description="A key"))],
    header: Annotated[object, Depends(APIKeyHeader(name="X-API-Key", auto_error=False, description="A key"))],
) -> str:
    """`identify` for routes; the two others only tell the API's description how keys are sent."""
    del bearer, header
    return await identify(request)


Caller = Annotated[str, Depends(caller)]


async def uploader(request: Request, owner: Caller) -> str:
    """The caller of a route that makes a film, counted against what it may send. Raises `TooManyRequests`."""
    deps = dependencies_of(request)
    complaint = "That is more films a minute than one caller may ask for; wait a moment."
    request.state.limit_headers = await deps.uploads.hit(sender_of(request, owner), complaint)
    return owner


async def changer(request: Request, owner: Caller) -> str:
    """The caller of a route that changes something else, counted likewise. Raises `TooManyRequests`."""
    deps = dependencies_of(request)
    complaint = "That is more changes a minute than one caller may make; wait a moment."
    request.state.limit_headers = await deps.changes.hit(sender_of(request, owner), complaint)
    return owner


Uploader = Annotated[str, Depends(uploader)]
Changer = Annotated[str, Depends(changer)]


def sender_of(request: Request, owner: str) -> str:
    """Whose allowance a request uses: its key's, or its address's where no keys are needed."""
    return f"{owner}@{address_of(request)}" if dependencies_of(request).keys.is_open else owner


def key_in(headers: Headers) -> str:
    """The key that a request carries in its headers, or an empty text."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if scheme.lower() == "basic" and (password := _password_in(token)):
        return password
    return headers.get("x-api-key", "").strip()


def _password_in(token: str) -> str:
    """The password of HTTP Basic: the key of an app that takes `http://me:KEY@host` and no header."""
    try:
        return pybase64.b64decode(token, validate=True).decode().partition(":")[2].strip()
    except ValueError:
        return ""


def address_of(request: Request) -> str:
    """The network address of the caller, for limits."""
    return request.client.host if request.client else "unknown"


def check_origin(request: Request, deps: Dependencies) -> None:
    """Raise `NotAllowed` for requests that other websites make a browser send in its user's name."""
    host = request.headers.get("host", "")
    open_to_its_user = deps.keys.is_open and deps.settings.is_local and not deps.settings.auratune_open
    # Open to this machine means to its user, not to any website whose name was made to point here.
    if open_to_its_user and not _is_loopback(host):
        raise NotAllowed(
            "This service is open to its own machine only; call it as localhost, or set AURATUNE_API_KEYS.",
            code="host_not_allowed",
        )
    origin = request.headers.get("origin", "")
    if request.method in _SAFE_METHODS or not origin:
        return
    # Browsers say themselves whether a page calls its own service; a proxy may have changed the Host by now.
    same = request.headers.get("sec-fetch-site") in {"same-origin", "none"} or origin.partition("://")[2] == host
    if not same and origin not in deps.settings.origins:
        raise NotAllowed(
            "Pages of that origin may not do this; CORS_ORIGINS lists those that may.", code="origin_not_allowed"
        )


def _is_loopback(host: str) -> bool:
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.lower().partition(":")[0]
    return name in _LOOPBACK_NAMES or _LOOPBACK_ADDRESS.fullmatch(name) is not None
