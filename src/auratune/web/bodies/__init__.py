"""Bodies that a photo comes in, told apart by Content-Type; each reader takes pieces and yields the photo's bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from auratune.web.bodies.json_stream import JsonStream
from auratune.web.bodies.multipart_stream import MultipartStream
from auratune.web.bodies.raw_stream import RawStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class BodyStream(Protocol):
    """Reads one body as it comes."""

    @property
    def has_photo(self) -> bool:
        """Whether the body held a photo's field, empty or not."""
        ...

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The photo's bytes in this piece of the body. Raises `BadBody`."""
        ...

    def options(self) -> dict[str, Any]:
        """What came beside the photo, once the body has ended. Raises `BadBody`."""
        ...


class BodyKind(NamedTuple):
    """How to read a kind of body, and how much larger than the photo it may be."""

    read: Callable[[str], BodyStream]
    growth: float


BODIES: dict[str, BodyKind] = {
    "application/json": BodyKind(lambda _: JsonStream(), 1.5),
    "multipart/form-data": BodyKind(MultipartStream, 1.0),
    "image/*": BodyKind(lambda _: RawStream(), 1.0),
}
"""Base64 takes four characters for three bytes, and escapes and line ends come on top."""


def body_kind(content_type: str) -> BodyKind | None:
    """The kind of body behind a Content-Type, or None."""
    plain = content_type.partition(";")[0].strip().lower()
    if plain.startswith("image/"):
        plain = "image/*"
    return BODIES.get(plain)
