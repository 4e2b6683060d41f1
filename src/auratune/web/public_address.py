"""The address that people use: forwarded headers from proxies that are trusted, and `PUBLIC_URL`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from auratune.settings import Settings


class PublicAddress:
    """Gives requests for the name in `PUBLIC_URL` its scheme, also where a proxy ends TLS and says nothing of it."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        address = urlsplit(public_url)
        self._scheme, self._host = address.scheme, address.netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] == "http" and Headers(scope=scope).get("host", "").lower() == self._host:
            scope["scheme"] = self._scheme
        await self._app(scope, receive, send)


class PlainClient:
    """Names IPv4 callers of an IPv6 socket by their IPv4 address: `10.0.0.1` and not `::ffff:10.0.0.1`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        client = scope.get("client")
        if client and client[0].startswith("::ffff:"):
            scope["client"] = (client[0].removeprefix("::ffff:"), client[1])
        await self._app(scope, receive, send)


def with_public_address(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Put what `PUBLIC_URL` and `TRUSTED_PROXIES` ask for around an application; by default nothing is trusted."""
    if settings.public_url:
        app = PublicAddress(app, settings.public_url)
    if settings.trusted_proxies:
        app = ProxyHeadersMiddleware(app, trusted_hosts=settings.trusted_proxies)  # type: ignore[arg-type, assignment]
    return PlainClient(app)
