"""How many photos are taken in at once: few enough that each is answered within a second, and shared by their senders.

A photo that comes slowly must not keep others out, so it gives its place back and has its turn when it is in.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections import Counter, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from auratune.web.request_errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DECODERS = max(4, os.cpu_count() or 1)
"""Photos that are decoded at the same time."""
_QUICK_SECONDS = 1.0
_FIRST_GUESS_SECONDS = 0.3
_REMEMBERED = 20


class UploadPlaces:
    """Places for photos on their way in, and turns to be decoded. Lives in one event loop."""

    def __init__(self, decoders: int = DECODERS, *, most: int = 3 * DECODERS, most_slow: int = 50 * DECODERS) -> None:
        """`most` photos are on their way in at once, and `most_slow` besides that come slowly.

        One sender has two thirds of the places at most, and all decoders but one.
        """
        self._decoders = decoders
        self._most, self._most_slow = most, most_slow
        self._quick: Counter[str] = Counter()
        self._slow = 0
        self._decoding: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._seconds: deque[float] = deque([_FIRST_GUESS_SECONDS], maxlen=_REMEMBERED)

    @asynccontextmanager
    async def place(self, sender: str) -> AsyncIterator[None]:
        """Hold a place while a photo comes in and is accepted. Raises `TooManyRequests` (`uploads_busy`) at once."""
        own_most = max(1, self._most * 2 // 3)
        if self._quick.total() >= self._most or self._quick[sender] >= own_most or self._slow >= self._most_slow:
            raise TooManyRequests(
                "Too many photos come in at this moment; send this one again.",
                code="uploads_busy",
                retry_after_seconds=self._seconds_until_free(),
            )
        self._quick[sender] += 1
        is_slow = False

        def step_aside() -> None:
            nonlocal is_slow
            is_slow = True
            self._leave(sender)
            self._slow += 1

        timer = asyncio.get_running_loop().call_later(_QUICK_SECONDS, step_aside)
        try:
            yield
        finally:
            timer.cancel()
            if is_slow:
                self._slow -= 1
            else:
                self._leave(sender)

    @asynccontextmanager
    async def turn(self, sender: str) -> AsyncIterator[None]:
        """Wait for a decoder and hold it; the next one is for the waiting sender that holds the fewest."""
        await self._wait(sender)
        began = time.monotonic()
        try:
            yield
        finally:
            self._seconds.append(time.monotonic() - began)
            self._give_back(sender)

    async def _wait(self, sender: str) -> None:
        if self._may_begin(sender):
            self._decoding[sender] += 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(sender, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._give_back(sender)
            raise

    def _may_begin(self, sender: str) -> bool:
        own_most = max(1, self._decoders - 1)
        return self._decoding.total() < self._decoders and self._decoding[sender] < own_most

    def _give_back(self, sender: str) -> None:
        self._decoding[sender] -= 1
        if not self._decoding[sender]:
            del self._decoding[sender]
        for next_sender in sorted(self._waiting, key=lambda each: self._decoding[each]):
            if self._may_begin(next_sender) and (waiting := self._next_of(next_sender)):
                self._decoding[next_sender] += 1
                waiting.set_result(None)

    def _next_of(self, sender: str) -> asyncio.Future[None] | None:
        """Take the first of a sender's photos that still waits, and put the sender behind the others."""
        line = self._waiting.pop(sender)
        while line:
            first = line.popleft()
            if not first.done():
                if line:
                    self._waiting[sender] = line
                return first
        return None

    def _leave(self, sender: str) -> None:
        self._quick[sender] -= 1
        if not self._quick[sender]:
            del self._quick[sender]

    def _seconds_until_free(self) -> float:
        mean = sum(self._seconds) / len(self._seconds)
        return math.ceil(mean * self._quick.total() / self._decoders)
