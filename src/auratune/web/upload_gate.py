"""Refuses a photo before anything of it is read where it would have to wait; a crowd must cost next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from auratune.core.errors import AuraTuneError
from auratune.web.dependencies import dependencies_of
from auratune.web.errors import problem_of
from auratune.web.security import identify, sender_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send


class UploadGate:
    """Asks for a place ahead of the framework, which takes several times as long to find the route and its values."""

    def __init__(self, app: ASGIApp, routes: Mapping[str, Route]) -> None:
        """`routes` are those that take photos, by path. The one for glasses is not: its answers have their own form."""
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with 429 at once, or hand the request on."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            sender = sender_of(request, await identify(request))
            dependencies_of(request).places.check(sender)
        except AuraTuneError as error:
            # For the metrics, which count answers by route.
            scope["route"] = route
            await problem_of(error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
