"""From request to file: one photo, streamed to the disk with bounded memory, and what came beside it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect

from auratune.core.errors import InvalidPhoto
from auratune.web.bodies import BODIES, body_kind
from auratune.web.bodies.fields import MOST_OPTION_BYTES
from auratune.web.errors import BadBody, BodyStalled, BodyTooLarge, WrongContentType
from auratune.web.upload_file import Sink, too_large

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

    from auratune.web.bodies import BodyKind, BodyStream

INCOMING = "incoming"
"""Folder, beside the store's, where uploads wait; the same file system, so that keeping one is a rename."""

SILENCE_SECONDS = 15.0
"""A body that sends nothing for so long is given up."""
WHOLE_SECONDS = 300.0
"""A body must be in by then, however steadily it drips."""
_FORM_BYTES = MOST_OPTION_BYTES + 6 * 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """A body that has come in whole."""

    options: dict[str, Any]
    path: str = ""
    """The photo's file; empty where there was none."""
    content_hash: str = ""
    size_bytes: int = 0


@asynccontextmanager
async def receive(
    request: Request, folder: Path, most_bytes: int, *, photo_needed: bool = True
) -> AsyncIterator[Arrival]:
    """Read the body into a file, which is gone after the block unless whoever took it over has moved it.

    Raises `WrongContentType`, `BodyTooLarge`, `BodyStalled`, `BadBody` or `InvalidPhoto`; nothing is left behind.
    """
    kind = _kind_of(request)
    most_body_bytes = int(most_bytes * kind.growth) + _FORM_BYTES
    if int(_content_length(request)) > most_body_bytes:
        raise BodyTooLarge(too_large(most_bytes))
    stream = kind.read(request.headers.get("content-type", ""))
    async with Sink(folder / INCOMING, most_bytes) as sink:
        await _pour(request, stream, sink, most_body_bytes, too_large(most_bytes))
        options = {**dict(request.query_params), **stream.options()}
        if sink.size_bytes:
            yield Arrival(options, str(sink.path), await sink.keep(), sink.size_bytes)
            return
        if photo_needed:
            raise _nothing(stream)
        yield Arrival(options)


async def _pour(request: Request, stream: BodyStream, sink: Sink, most_body_bytes: int, complaint: str) -> None:
    body_bytes = 0
    async for chunk in _chunks(request):
        body_bytes += len(chunk)
        if body_bytes > most_body_bytes:
            raise BodyTooLarge(complaint)
        for data in stream.feed(chunk):
            await sink.feed(data)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body's pieces. Nothing below us ever gives up on a body that has stopped coming."""
    pieces = request.stream()
    deadline = time.monotonic() + WHOLE_SECONDS
    while True:
        try:
            async with asyncio.timeout(min(SILENCE_SECONDS, deadline - time.monotonic())):
                chunk = await anext(pieces, None)
        except TimeoutError:
            raise BodyStalled("The photo stopped coming before it was whole; send it again.") from None
        except ClientDisconnect:
            raise BadBody("The connection was closed before the photo was whole.", code="body_cut_off") from None
        if chunk is None:
            return
        if chunk:
            yield chunk


def _kind_of(request: Request) -> BodyKind:
    kind = body_kind(request.headers.get("content-type", ""))
    if kind is None:
        raise WrongContentType(f"Send the photo as one of {', '.join(BODIES)}, and name it in Content-Type.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise WrongContentType("Send the photo without Content-Encoding; it is compressed already.")
    return kind


def _content_length(request: Request) -> str:
    length = request.headers.get("content-length", "0")
    return length if length.isdecimal() else "0"


def _nothing(stream: BodyStream) -> BadBody | InvalidPhoto:
    if stream.has_photo:
        return InvalidPhoto("The photo is empty (0 bytes); send one with a picture in it.", code="photo_empty")
    return BadBody(
        "There is no photo in this body: JSON holds it as base64 under `photo`, a form as a file under `file`.",
        code="photo_missing",
    )
