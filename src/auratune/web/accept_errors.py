"""What the event loop complains of: no connection can be accepted for want of handles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


class AcceptErrors:
    """Logs at most once a second that no connection can be accepted; the event loop would do so for each attempt."""

    def __init__(self) -> None:
        self._quiet_until = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle what the event loop complains of."""
        if str(context.get("message", "")).startswith("socket.accept()"):
            if loop.time() < self._quiet_until:
                return
            self._quiet_until = loop.time() + 1.0
        loop.default_exception_handler(context)
