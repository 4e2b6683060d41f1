"""The HTTP application: an open service in, every route in its place."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from auratune import __version__
from auratune.telemetry import Redactor
from auratune.web.accept_errors import AcceptErrors
from auratune.web.addresses import print_address
from auratune.web.dependencies import Dependencies
from auratune.web.errors import add_error_handlers, problem_kinds
from auratune.web.event_hub import EventHub
from auratune.web.keys import ensure_signing_key, generated_key, load_keys
from auratune.web.middleware import RequestMiddleware
from auratune.web.openapi import DESCRIPTION, with_problem_types
from auratune.web.public_address import with_public_address
from auratune.web.rate_limit import RateLimiter
from auratune.web.routes import events, films, first_version, health, mentra, page, photos, session, share
from auratune.web.shutdown import call_on_sigterm
from auratune.web.thumbnails import Thumbnails
from auratune.web.tokens import TokenSigner
from auratune.web.upload_gate import UploadGate
from auratune.web.uploads import remove_leftovers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from starlette.types import ASGIApp

    from auratune.core.task import TaskEvent
    from auratune.settings import Settings
    from auratune.wiring import Service

_ROUTES = (photos, films, events, share, mentra, health, session, page, first_version)
_WRONG_KEYS_PER_MINUTE = 20
_CHANGES_FOR_EACH_UPLOAD = 10
"""So many times `RATE_LIMIT` may a caller cancel, delete and share in a minute."""
_NEVER_COMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "text/vtt", "text/plain")
"""Files that are sent in ranges: video, audio, pictures, captions and lyrics; and event streams."""
_EVENTS_PER_READ = 2000
_EXPOSED_HEADERS = [
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]


class AuraTune(FastAPI):
    """The application with our middleware around everything, the framework's own answers included."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put CORS and our middleware outside of all that the framework adds."""
        settings: Settings = self.state.settings
        cors = CORSMiddleware(
            UploadGate(super().build_middleware_stack(), _upload_routes()),
            allow_origins=settings.origins,
            allow_methods=["GET", "HEAD", "POST", "DELETE"],
            allow_headers=["*"],
            allow_credentials=True,
            expose_headers=_EXPOSED_HEADERS,
        )
        compressed = GZipMiddleware(cors, compresslevel=5, exclude_content_types=_NEVER_COMPRESSED)
        return with_public_address(
            RequestMiddleware(compressed, self._observe, media_origin=self.state.media_origin), settings
        )

    def openapi(self) -> dict[str, Any]:
        """The framework's description, with the kinds of problems beside it."""
        return {**with_problem_types(super().openapi()), "x-problems": problem_kinds()}

    def _observe(self, method: str, route: str, status: int, seconds: float) -> None:
        deps: Dependencies | None = getattr(self.state, "dependencies", None)
        if deps:
            deps.telemetry.observe_http(method, route, status, seconds)


def create_app(service: Service, *, redactor: Redactor | None = None) -> FastAPI:
    """Build the application of an open service. `redactor` learns the key that the service makes for itself."""
    app = AuraTune(
        title="AuraTune",
        version=__version__,
        description=DESCRIPTION,
        lifespan=_lifespan(service, redactor or Redactor()),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = service.settings
    app.state.media_origin = _media_origin(service)
    add_error_handlers(app)
    for module in _ROUTES:
        app.include_router(module.router)
    _answer_head(app)
    return app


def _media_origin(service: Service) -> str:
    """The origin of the store's signed addresses where downloads are redirected to them, else an empty text."""
    if not service.settings.storage_redirect:
        return ""
    address = urlsplit(service.store.signed_url("service/start", 1.0) or "")
    return f"{address.scheme}://{address.netloc}" if address.netloc else ""


def _answer_head(app: FastAPI) -> None:
    """Answer HEAD wherever GET is answered; the server itself leaves the body out."""
    for route in [route for module in _ROUTES for route in module.router.routes]:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            app.add_api_route(
                route.path,
                route.endpoint,
                methods=["HEAD"],
                include_in_schema=False,
                response_class=route.response_class,
                response_model=None,
            )


def _upload_routes() -> dict[str, APIRoute]:
    routes = [route for route in photos.router.routes if isinstance(route, APIRoute)]
    return {route.path: route for route in routes if route.endpoint is photos.upload_photo}


def _lifespan(service: Service, redactor: Redactor) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        folder = service.settings.temp_dir.expanduser().resolve()
        key = generated_key(service.settings, folder, service.tasks.shared)
        deps = _dependencies(service, folder, key, app.state.media_origin)
        app.state.dependencies = deps
        _print_generated_key(service.settings, key, redactor)
        print_address(service.settings, key)
        remove_leftovers(deps.folder)
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(AcceptErrors())

        def wake() -> None:
            loop.call_soon_threadsafe(deps.hub.wake)

        watch = service.tasks.watch_events(wake)
        deps.hub.trust(lambda: watch.is_listening)
        try:
            with call_on_sigterm(partial(loop.call_soon_threadsafe, deps.hub.end_streams)):
                yield
        finally:
            await anyio.to_thread.run_sync(watch.close)
            await deps.hub.close()

    return lifespan


def _print_generated_key(settings: Settings, key: str, redactor: Redactor) -> None:
    """Print the address with the key that the service made for itself; logs never hold it."""
    if not key:
        return
    redactor.add(key)
    sys.stderr.write(
        f"  This service can be reached from the network, so it needs a key. Open "
        f"http://localhost:{settings.port}/app#key={key} or send the key as `Authorization: Bearer`.\n"
    )
    sys.stderr.flush()


def _dependencies(service: Service, folder: Path, generated: str, media_origin: str) -> Dependencies:
    settings = service.settings
    keys = load_keys(settings, generated)
    shared = service.tasks.shared

    async def read_events(after: int, owner: str, task_id: str) -> Sequence[TaskEvent]:
        return await deps.read(service.tasks.events_after, after, owner, task_id, limit=_EVENTS_PER_READ)

    async def last_event() -> int:
        return await deps.read(service.tasks.last_event)

    deps = Dependencies(
        settings=settings,
        tasks=service.tasks,
        store=service.store,
        telemetry=service.telemetry,
        folder=folder,
        keys=keys,
        signer=TokenSigner(ensure_signing_key(folder, shared), keys),
        hub=EventHub(read_events, last_event),
        thumbnails=Thumbnails(service.store),
        uploads=RateLimiter("uploads", settings.rate_limit, shared),
        changes=RateLimiter("changes", _CHANGES_FOR_EACH_UPLOAD * settings.rate_limit, shared),
        wrong_keys=RateLimiter("wrong-keys", _WRONG_KEYS_PER_MINUTE, shared),
        media_origin=media_origin,
    )
    return deps
