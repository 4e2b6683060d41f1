"""What routes depend on: the task service, the store, keys, tokens, rate limits and the event hub."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request

from auratune.core.errors import AuraTuneError, TaskExpired
from auratune.core.task import Status
from auratune.web.request_errors import LinkRevoked
from auratune.web.upload_places import DECODERS, UploadPlaces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auratune.core.ports import ObjectStore
    from auratune.core.task import Submission, Task, Upload
    from auratune.settings import Settings
    from auratune.tasks.service import TaskService
    from auratune.telemetry import Telemetry
    from auratune.web.event_hub import EventHub
    from auratune.web.keys import ApiKeys
    from auratune.web.rate_limit import RateLimiter
    from auratune.web.thumbnails import Thumbnails
    from auratune.web.tokens import SharedFilm, TokenSigner

P = ParamSpec("P")
R = TypeVar("R")

SMALL_BODY_BYTES = 64 * 1024
"""The most that a route takes whose body is no photo."""
_READERS = 8
_WRITERS = 6
_SEARCHERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What routes work with; one for each application."""

    settings: Settings
    tasks: TaskService
    store: ObjectStore
    telemetry: Telemetry
    folder: Path
    keys: ApiKeys
    signer: TokenSigner
    hub: EventHub
    thumbnails: Thumbnails
    uploads: RateLimiter
    changes: RateLimiter
    wrong_keys: RateLimiter
    places: UploadPlaces = field(default_factory=UploadPlaces)
    media_origin: str = ""
    """Where films and posters are redirected to (`STORAGE_REDIRECT`), such as `https://films.s3.amazonaws.com`."""
    started_at: float = field(default_factory=time.monotonic)
    # The task service is synchronous. Accepting a photo waits for a child process; nothing else may wait behind it.
    saving: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(DECODERS))
    _searching: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_SEARCHERS))
    _accepting: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(DECODERS))
    _reading: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_READERS))
    _writing: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_WRITERS))

    async def read(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a quick synchronous call in a thread."""
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._reading)

    async def search(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a synchronous call that may take a second or two, in a thread that no other read waits for."""
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._searching)

    async def accept(self, upload: Upload) -> Submission:
        """Take in a photo that has arrived. See `TaskService.submit`."""
        return await self._finish(self._accepting, partial(self.tasks.submit, upload))

    async def write(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a synchronous call that changes something, and may take a second, in a thread."""
        return await self._finish(self._writing, partial(function, *args, **kwargs))

    @staticmethod
    async def _finish(limiter: anyio.CapacityLimiter, work: Callable[[], R]) -> R:
        # Runs to its end even when the client has gone, so that an upload is either accepted or cleaned up.
        with anyio.CancelScope(shield=True):
            result = await anyio.to_thread.run_sync(work, limiter=limiter)
        return result  # noqa: RET504 -- the scope may swallow a cancel, never a result

    async def shared_film(self, token: str) -> SharedFilm:
        """The film behind a share link. Raises `LinkUnknown`, `LinkExpired` and `LinkRevoked`."""
        film = self.signer.shared(token)
        if not await self.read(self.tasks.share_links.is_valid, film.task_id, film.link):
            raise LinkRevoked("This link was ended by the film's owner; ask for a new one.")
        return film

    async def is_expired(self, task: Task) -> bool:
        """Whether a finished film was removed after its time."""
        if task.status is not Status.DONE:
            return False
        try:
            await self.read(self.tasks.film_key, task.task_id, task.owner, "film")
        except TaskExpired:
            return True
        except AuraTuneError:
            return False
        return False


def dependencies_of(request: Request) -> Dependencies:
    """The dependencies of the application that answers this request."""
    deps: Any = request.app.state.dependencies
    return deps  # type: ignore[no-any-return]


def base_url(request: Request) -> str:
    """The service's address as people use it, without a slash at the end: `PUBLIC_URL`, else as it was called."""
    return (dependencies_of(request).settings.public_url or str(request.base_url)).rstrip("/")


def share_url(request: Request, task: Task) -> str:
    """The link of a film that exists from its upload on; stays the same for a month and lasts one to two."""
    return new_share_url(request, task.task_id, task.owner, version=task.share_version)


def new_share_url(request: Request, task_id: str, owner: str, *, version: int = 0) -> str:
    """The same for a task that was just made, whose own link nobody can have revoked."""
    token = dependencies_of(request).signer.own_share(task_id, owner, version=version)
    return f"{base_url(request)}/s/{token}"


async def _dependencies(request: Request) -> Dependencies:
    # The framework calls what is not async in a thread.
    return dependencies_of(request)


Deps = Annotated["Dependencies", Depends(_dependencies)]
