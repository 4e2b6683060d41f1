"""Rate limits per caller, told in the standard headers."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import anyio.to_thread
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from auratune.web.request_errors import TooManyRequests

if TYPE_CHECKING:
    from auratune.tasks.shared_state import SharedState, Window

_WINDOW_SECONDS = 60


class _Usage(NamedTuple):
    is_granted: bool
    remaining: int
    seconds_left: float


class RateLimiter:
    """A number of requests per caller in any minute. Headers follow the IETF draft on RateLimit header fields.

    With `shared`, all API nodes count together, in windows of a minute that begin with a caller's first request.
    """

    def __init__(self, name: str, per_minute: int, shared: SharedState | None = None) -> None:
        self._name = name
        self._per_minute = per_minute
        self._counter = _NodeCounter(name, per_minute) if shared is None else _SharedCounter(name, per_minute, shared)

    async def hit(self, who: str, complaint: str) -> dict[str, str]:
        """Count one request; returns the headers that tell what is left. Raises `TooManyRequests` with them too."""
        return self._told(await self._counter.hit(who), complaint)

    async def check(self, who: str, complaint: str) -> None:
        """Count nothing, but raise `TooManyRequests` for a caller that has nothing left."""
        self._told(await self._counter.look(who), complaint)

    def _told(self, usage: _Usage, complaint: str) -> dict[str, str]:
        wait = max(1, min(_WINDOW_SECONDS, math.ceil(usage.seconds_left)))
        headers = {
            "ratelimit-policy": f'"{self._name}";q={self._per_minute};w={_WINDOW_SECONDS}',
            "ratelimit": f'"{self._name}";r={usage.remaining};t={wait}',
        }
        if not usage.is_granted:
            raise TooManyRequests(complaint, retry_after_seconds=wait, headers=headers)
        return headers


class _NodeCounter:
    """Counts in this process."""

    def __init__(self, name: str, per_minute: int) -> None:
        self._name = name
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def hit(self, who: str) -> _Usage:
        return await self._usage(who, is_granted=await self._limiter.hit(self._item, self._name, who))

    async def look(self, who: str) -> _Usage:
        return await self._usage(who, is_granted=await self._limiter.test(self._item, self._name, who))

    async def _usage(self, who: str, *, is_granted: bool) -> _Usage:
        reset_at, remaining = await self._limiter.get_window_stats(self._item, self._name, who)
        return _Usage(is_granted, remaining, reset_at - time.time())


class _SharedCounter:
    """Counts in the database of all API nodes."""

    def __init__(self, name: str, per_minute: int, shared: SharedState) -> None:
        self._name = name
        self._per_minute = per_minute
        self._shared = shared

    async def hit(self, who: str) -> _Usage:
        window = await anyio.to_thread.run_sync(self._shared.count_request, self._name, who, self._per_minute)
        return self._usage(window, is_granted=window.requests <= self._per_minute)

    async def look(self, who: str) -> _Usage:
        window = await anyio.to_thread.run_sync(self._shared.window_of, self._name, who)
        return self._usage(window, is_granted=window.requests < self._per_minute)

    def _usage(self, window: Window, *, is_granted: bool) -> _Usage:
        return _Usage(is_granted, max(0, self._per_minute - window.requests), window.seconds_left)
