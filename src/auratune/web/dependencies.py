"""What every route has at hand: the task service, the store, keys, signatures, limits and the event hub."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auratune.core.ports import ObjectStore
    from auratune.settings import Settings
    from auratune.tasks.service import TaskService
    from auratune.telemetry import Telemetry
    from auratune.web.event_hub import EventHub
    from auratune.web.keys import KeyRing
    from auratune.web.rate_limit import Allowance
    from auratune.web.tokens import Signer

P = ParamSpec("P")
R = TypeVar("R")

SMALL_BODY_BYTES = 64 * 1024
"""The most that a route takes whose body is no photo."""
_READERS = 8
_ACCEPTORS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The front of the house; one for each application."""

    settings: Settings
    tasks: TaskService
    store: ObjectStore
    telemetry: Telemetry
    folder: Path
    keys: KeyRing
    signer: Signer
    hub: EventHub
    uploads: Allowance
    attempts: Allowance
    started_at: float = field(default_factory=time.monotonic)
    # The task service is sync. Accepting a photo waits for a child process, and must not keep quick questions waiting.
    _reading: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_READERS))
    _accepting: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_ACCEPTORS))

    async def ask(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a quick sync call beside the event loop."""
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._reading)

    async def accept(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a sync call that may take a second beside the event loop."""
        # Runs to its end even when the client has gone: what was begun is either accepted or cleaned up.
        with anyio.CancelScope(shield=True):
            result = await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._accepting)
        return result  # noqa: RET504 -- the scope may swallow a cancel, never a result


def dependencies_of(request: Request) -> Dependencies:
    """The front of the application that answers this request."""
    front: Any = request.app.state.front
    return front  # type: ignore[no-any-return]


AtFront = Annotated["Dependencies", Depends(dependencies_of)]
