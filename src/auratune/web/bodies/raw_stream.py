"""A body that is the photo itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class RawStream:
    """Hands everything on; options stand in the query."""

    def __init__(self) -> None:
        self.has_photo = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The photo's bytes."""
        self.has_photo = True
        yield chunk

    def options(self) -> dict[str, Any]:
        """None: they stand in the query."""
        return {}
