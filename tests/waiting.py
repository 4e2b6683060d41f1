"""Waiting for what another thread, process or browser does: on the thing itself, never on time.

The deadline is only there so that a broken test ends; it must be long enough for a busy machine.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

DEADLINE_SECONDS = 180.0
_POLL_SECONDS = 0.01


def wait_until(condition: Callable[[], _T], what: str, *, seconds: float = DEADLINE_SECONDS) -> _T:
    """Poll `condition` until it is true and return its value; fail with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"after {seconds:g} s still waiting until {what}"
        time.sleep(_POLL_SECONDS)
    return value


async def wait_until_async(condition: Callable[[], _T], what: str, *, seconds: float = DEADLINE_SECONDS) -> _T:
    """`wait_until` for a test that runs in an event loop."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"after {seconds:g} s still waiting until {what}"
        await asyncio.sleep(_POLL_SECONDS)
    return value
