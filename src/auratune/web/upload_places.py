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
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auratune.web.request_errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DECODERS = max(4, os.cpu_count() or 1)
"""Photos that are decoded at the same time."""
_QUICK_SECONDS = 1.0
_SOON_SECONDS = 0.6
"""A photo is taken in where those ahead of it and itself are decoded within so long; sending it comes on top."""
_FIRST_GUESS_SECONDS = 0.15
_REMEMBERED = 20
_REFUSED_WITHIN_SECONDS = 10.0
_PAUSE_SECONDS = 0.5
"""After a refusal nobody is taken for so long: of a crowd, who is heard late has waited for as long already."""
_ALL = ""
"""Stands for every sender."""


@dataclass(slots=True)
class Place:
    """One photo on its way in."""

    sender: str
    is_slow: bool = False
    timer: asyncio.TimerHandle | None = None

    def has_come(self) -> None:
        """The photo is in: from now on it is the service that takes long."""
        if self.timer:
            self.timer.cancel()


class UploadPlaces:
    """Places for photos on their way in, and turns to be decoded. Lives in one event loop."""

    def __init__(
        self,
        decoders: int = DECODERS,
        *,
        least: int = 3,
        most: int = 3 * DECODERS,
        most_slow: int = 50 * DECODERS,
        pause_seconds: float = _PAUSE_SECONDS,
    ) -> None:
        """At least `least` photos are on their way in at once and at most `most`, and `most_slow` that come slowly.

        How many between, is told by the time that a photo has taken lately. One sender has two thirds of the places at
        most, and all decoders but one.
        """
        self._decoders = decoders
        self._least, self._most, self._most_slow = least, most, most_slow
        self._pause_seconds = pause_seconds
        self._paused_until: dict[str, float] = {}
        self._quick: Counter[str] = Counter()
        self._slow = 0
        self._decoding: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._seconds: deque[float] = deque([_FIRST_GUESS_SECONDS], maxlen=_REMEMBERED)
        self._shared_seconds, self._counted_at = 0.0, 0.0
        self._refused: deque[float] = deque(maxlen=1000)

    def check(self, sender: str) -> None:
        """Raise `TooManyRequests` (`uploads_busy`) where there is no place for another photo of this sender."""
        places = min(self._most, max(self._least, int(_SOON_SECONDS / self._seconds_each())))
        own_most = max(1, places * 2 // 3)
        is_full = self._quick.total() >= places or self._slow >= self._most_slow
        if is_full or self._quick[sender] >= own_most or self._is_paused(sender):
            self._pause(_ALL if is_full else sender)
            raise TooManyRequests(
                "Too many photos come in at this moment; send this one again.",
                code="uploads_busy",
                retry_after_seconds=self._seconds_until_free(),
            )

    @asynccontextmanager
    async def place(self, sender: str) -> AsyncIterator[Place]:
        """Hold a place while a photo comes in and is accepted. Raises as `check` does, at once."""
        self.check(sender)
        place = Place(sender)
        self._quick[sender] += 1
        place.timer = asyncio.get_running_loop().call_later(_QUICK_SECONDS, self._step_aside, place)
        try:
            yield place
        finally:
            place.has_come()
            if place.is_slow:
                self._slow -= 1
            else:
                self._leave(sender)

    @asynccontextmanager
    async def turn(self, place: Place) -> AsyncIterator[None]:
        """Wait for a decoder and hold it; the next one is for the waiting sender that holds the fewest."""
        place.has_come()
        if place.is_slow:
            # Others wait for it from now on.
            place.is_slow = False
            self._slow -= 1
            self._quick[place.sender] += 1
        await self._wait(place.sender)
        began = self._shared_seconds
        try:
            yield
        finally:
            self._give_back(place.sender)
            self._seconds.append(self._shared_seconds - began)

    def _is_paused(self, sender: str) -> bool:
        now = time.monotonic()
        return any(self._paused_until.get(whose, 0.0) > now for whose in (sender, _ALL))

    def _pause(self, whose: str) -> None:
        """Begin a pause, unless there is one; it is not prolonged by those who are refused meanwhile."""
        if not self._is_paused(whose):
            now = time.monotonic()
            self._paused_until = {name: until for name, until in self._paused_until.items() if until > now}
            self._paused_until[whose] = now + self._pause_seconds

    def _step_aside(self, place: Place) -> None:
        """A photo that is still on its way after a second lets others in."""
        place.is_slow = True
        self._leave(place.sender)
        self._slow += 1

    async def _wait(self, sender: str) -> None:
        if self._may_begin(sender):
            self._count_time()
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

    def _count_time(self) -> None:
        """Count the time since those who decode were others: they share the processors, so each has its part of it."""
        now = time.monotonic()
        self._shared_seconds += (now - self._counted_at) / max(1, self._decoding.total())
        self._counted_at = now

    def _give_back(self, sender: str) -> None:
        self._count_time()
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

    def _seconds_each(self) -> float:
        """How long each photo keeps those behind it waiting; the latest counts as soon as it took longer."""
        return max(0.001, self._seconds[-1], sum(self._seconds) / len(self._seconds))

    def _seconds_until_free(self) -> float:
        """When a photo that is refused now would have its turn, behind those that were refused just before it."""
        now = time.monotonic()
        while self._refused and self._refused[0] < now - _REFUSED_WITHIN_SECONDS:
            self._refused.popleft()
        self._refused.append(now)
        return math.ceil(self._seconds_each() * (self._quick.total() + len(self._refused)))
