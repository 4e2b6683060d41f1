"""Bad days to order: which fault, at which route, how many times."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.simulators.server import Answer, Asked, told

AFTER_ACCEPTANCE = {"reset_after", "garbage_200", "html_200", "empty_200", "drip_200", "silence_after", "cut_200"}
"""Faults that strike when the work was already accepted, and is charged for."""
SILENT = {"silence_before", "silence_after", "drip_200", "stall", "never"}
"""Faults that nothing but a deadline ends."""


@dataclass
class Faults:
    """A queue of faults for each route; once a queue is empty all goes well."""

    _planned: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, route: str, *faults: str, times: int = 1) -> None:
        """Have these faults happen, in order, at the next requests to a route."""
        with self._lock:
            self._planned.setdefault(route, []).extend(list(faults) * times)

    def clear(self) -> None:
        """Forget what was planned and did not happen."""
        with self._lock:
            self._planned.clear()

    def next(self, route: str) -> str:
        """The fault due at this route now; empty for none."""
        with self._lock:
            waiting = self._planned.get(route)
            return waiting.pop(0) if waiting else ""


async def strike(fault: str, good: Answer | None = None) -> Answer | None:
    """The answer of a fault; None where the fault is no answer of its own."""
    if fault in {"silence_before", "silence_after"}:
        await asyncio.sleep(3600)
    if fault.isdigit():
        return told({"detail": f"planned {fault}"}, int(fault))
    if fault.startswith("429:"):
        return told({"detail": "rate limit exceeded"}, 429, Retry_After=fault.removeprefix("429:"))
    if fault in _SPOILT and good:
        return _SPOILT[fault](good)
    return _PLAIN.get(fault)


_PLAIN = {
    "reset_before": Answer(reset=True),
    "reset_after": Answer(reset=True),
    "garbage_200": Answer(200, b'{"id": "trunc'),
    "html_200": Answer(200, b"<!doctype html><title>Sign in</title>", kind="text/html"),
    "gateway_502": Answer(502, b"<html>Bad gateway</html>", kind="text/html"),
    "empty_200": Answer(200, b""),
}
_SPOILT: dict[str, Callable[[Answer], Answer]] = {
    "drip_200": lambda good: replace(good, drip_seconds=0.2),
    "cut_200": lambda good: replace(good, body=good.body[: len(good.body) // 2], length=len(good.body)),
}


def allowed(asked: Asked, header: str, keys: tuple[str, ...]) -> bool:
    """Whether the request carries one of the keys."""
    return not keys or asked.headers.get(header, "").removeprefix("Bearer ") in keys
