"""Rate limits per caller, told in the standard headers."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from auratune.web.errors import TooManyRequests

_WINDOW_SECONDS = 60


class RateLimiter:
    """A number of requests per caller in any minute. Headers follow the IETF draft on RateLimit header fields."""

    def __init__(self, name: str, per_minute: int) -> None:
        self._name = name
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def hit(self, who: str, complaint: str) -> dict[str, str]:
        """Count one request; returns the headers that tell what is left. Raises `TooManyRequests` with them too."""
        return await self._told(who, complaint, granted=await self._limiter.hit(self._item, self._name, who))

    async def check(self, who: str, complaint: str) -> None:
        """Count nothing, but raise `TooManyRequests` for a caller that has nothing left."""
        if not await self._limiter.test(self._item, self._name, who):
            await self._told(who, complaint, granted=False)

    async def _told(self, who: str, complaint: str, *, granted: bool) -> dict[str, str]:
        reset_at, remaining = await self._limiter.get_window_stats(self._item, self._name, who)
        wait = max(1, min(_WINDOW_SECONDS, math.ceil(reset_at - time.time())))
        headers = {
            "ratelimit-policy": f'"{self._name}";q={self._item.amount};w={_WINDOW_SECONDS}',
            "ratelimit": f'"{self._name}";r={remaining};t={wait}',
        }
        if not granted:
            raise TooManyRequests(complaint, retry_after_seconds=wait, headers=headers)
        return headers
