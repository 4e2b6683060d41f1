"""The outermost layer: request ids, metrics, security headers, and problem details for every failure."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
import uuid
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders
from structlog.contextvars import bind_contextvars, reset_contextvars

from auratune.web.connections import DISCARD_BODY
from auratune.web.errors import problem
from auratune.web.request_errors import BodyStalled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_VALID_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_SILENCE_SECONDS = 15.0
"""A body that sends nothing for so long is given up."""
_BODY_SECONDS = 300.0
"""A body must be in by then, however slowly it comes."""
_DRAIN_BYTES = 32 * 1024 * 1024
_DRAIN_SECONDS = 3.0
_ZERO_BYTE = "An address must not hold a zero byte (`%00`)."
_log = logging.getLogger(__name__)

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}
_OF_PAGES = {
    **_ALWAYS,
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}


def with_media_origin(policy: str, origin: str) -> str:
    """The content security policy with one more origin for films and posters; an empty one changes nothing."""
    if not origin:
        return policy
    return policy.replace("img-src 'self'", f"img-src 'self' {origin}").replace(
        "media-src 'self'", f"media-src 'self' {origin}"
    )


class RequestMiddleware:
    """Wraps the whole application, the framework's own answers included."""

    def __init__(
        self, app: ASGIApp, observe: Callable[[str, str, int, float], None], *, media_origin: str = ""
    ) -> None:
        """`media_origin` is where films and posters are redirected to, such as a bucket's; empty where nowhere."""
        self._app = app
        self._observe = observe
        self._page_policy = with_media_origin(_PAGE_POLICY, media_origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = _request_id(Headers(scope=scope))
        tokens = bind_contextvars(request_id=identity)
        response = _Response(scope, receive, send, identity, self._page_policy)
        started = time.perf_counter()
        try:
            # Databases, file systems and libraries each read a zero byte differently, so none is let in.
            holds_zero = "\0" in scope["path"] or b"%00" in scope["query_string"]
            app = problem(400, code="malformed_request", detail=_ZERO_BYTE) if holds_zero else self._app
            await app(scope, response.receive, response.send)
        except Exception as error:
            _log.exception("%s %s failed", scope["method"], _template(scope))
            if not response.started:
                await problem(500)(scope, response.receive, response.send)
            elif not response.finished:
                # Half an answer must not look like a whole one: the server closes the connection on an error.
                raise ConnectionAbortedError("the answer broke off") from error
        finally:
            if response.status:
                seconds = time.perf_counter() - started
                self._observe(scope["method"], _template(scope), response.status, seconds)
                _log.debug("%s %s %d %.0f ms", scope["method"], _template(scope), response.status, seconds * 1000)
            reset_contextvars(**tokens)


class _Response:
    """Passes one request and its response on, and notes how far both are."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, identity: str, page_policy: str) -> None:
        self._scope, self._receive, self._send, self._identity = scope, receive, send, identity
        self._page_policy = page_policy
        headers = Headers(scope=scope)
        self._body_pending = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        # A client that waits for 100 Continue sends no body once it is refused.
        self._can_drain = headers.get("expect", "").lower() != "100-continue"
        self._body_deadline = time.monotonic() + _BODY_SECONDS
        self._drains = False
        self._replacing = False
        self.status = 0
        self.started = False
        self.finished = False

    async def receive(self) -> Message:
        message = await (self._receive_body() if self._body_pending and not self.started else self._receive())
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._body_pending = False
        else:
            self._can_drain = True
        return message

    async def _receive_body(self) -> Message:
        """The next piece of the body. The server itself never gives up on one that has stopped coming."""
        left = self._body_deadline - time.monotonic()
        try:
            async with asyncio.timeout(min(_SILENCE_SECONDS, left)):
                return await self._receive()
        except TimeoutError:
            raise BodyStalled("The body stopped coming before it was whole; send it again.") from None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif not self._replacing:
            if not message.get("more_body", False):
                await self._finish(message)
            else:
                await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        status = message["status"]
        if status >= 400 and headers.get("content-type", "").startswith("text/plain") and not self._replacing:
            # The framework's own refusals (a body over its limit, a preflight) are plain text.
            kept = {name: value for name, value in headers.items() if name not in {"content-type", "content-length"}}
            await self._replace(problem(status, headers=kept))
            return
        self.started, self.status = True, status
        headers["x-request-id"] = self._identity
        kind = headers.get("content-type", "")
        always = _OF_PAGES if kind.startswith("text/html") else _ALWAYS
        for name, value in {**self._scope.get("state", {}).get("limit_headers", {}), **always}.items():
            headers.setdefault(name, value)
        if "frame-ancestors *" in headers.get("content-security-policy", ""):
            del headers["x-frame-options"]
        if kind.startswith("text/html"):
            headers.setdefault("content-security-policy", self._page_policy)
        elif "json" in kind:
            headers.setdefault("content-security-policy", _DATA_POLICY)
        if self._scope.get("scheme") == "https":
            headers.setdefault("strict-transport-security", "max-age=31536000")
        if self._body_pending:
            self._drains = True
            headers["connection"] = "close"
        await self._send(message)

    async def _replace(self, response: Any) -> None:
        self._replacing = True
        start = {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
        await self._begin(start)
        await self._finish({"type": "http.response.body", "body": response.body, "more_body": False})

    async def _finish(self, message: Message) -> None:
        self.finished = True
        if self._drains and self._can_drain:
            # A client that is still sending would see a broken pipe instead of the answer, so read on for a
            # moment; bounded, since the answer may be "too large".
            await self._send({**message, "more_body": True})
            message = {"type": "http.response.body", "body": b"", "more_body": False}
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._discard_body(), _DRAIN_SECONDS)
        await self._send(message)

    async def _discard_body(self) -> None:
        extension = self._scope.get("extensions", {}).get(DISCARD_BODY)
        if extension:
            await extension["call"](_DRAIN_BYTES)


def _request_id(headers: Mapping[str, str]) -> str:
    given = headers.get("x-request-id", "")
    return given if _VALID_ID.fullmatch(given) else uuid.uuid4().hex


def _template(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", "") or "unmatched"
