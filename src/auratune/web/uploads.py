"""From request to file: read one photo and the options beside it, within limits on size and time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect

from auratune.core.errors import InvalidPhoto
from auratune.web.body_readers import BODIES, MAX_OPTION_BYTES, BodyKind, body_kind
from auratune.web.request_errors import BadBody, BodyTooLarge, WrongContentType

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator
    from pathlib import Path

    from starlette.requests import Request

INCOMING = "incoming"
"""Folder of uploads, on the file system of the store, so that accepting one is a rename."""
_WRAPPING_BYTES = MAX_OPTION_BYTES + 6 * 1024
_STALE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class ReceivedUpload:
    """A body that has come in whole."""

    options: dict[str, Any]
    path: str = ""
    """The photo's file; empty where there was none."""
    content_hash: str = ""
    """sha256 in hex."""
    size_bytes: int = 0


@asynccontextmanager
async def receive(
    request: Request, folder: Path, max_bytes: int, saving: anyio.CapacityLimiter, *, photo_needed: bool = True
) -> AsyncIterator[ReceivedUpload]:
    """Read the body into a file, which is removed after the block unless its new owner has moved it.

    It is written in one of the limiter's threads.
    Raises `WrongContentType`, `BodyTooLarge`, `BodyStalled`, `BadBody` or `InvalidPhoto`; nothing is left behind.
    """
    kind = _kind_of(request)
    max_body_bytes = int(max_bytes * kind.growth) + _WRAPPING_BYTES
    complaint = f"The photo is larger than the {max_bytes / 1024 / 1024:.3g} MB this service takes; send a smaller one."
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and (len(length) > 18 or int(length) > max_body_bytes):
        raise BodyTooLarge(complaint)
    body = await kind.read(request.headers.get("content-type", ""), _chunks(request, max_body_bytes, complaint))
    options = {**dict(request.query_params), **body.options}
    path = folder / INCOMING / f"{uuid.uuid4().hex}.part"
    try:
        if body.photo is not None:
            size, content_hash = await anyio.to_thread.run_sync(
                _save, path, body.photo, max_bytes, complaint, limiter=saving
            )
            if size:
                yield ReceivedUpload(options, str(path), content_hash, size)
                return
        if photo_needed:
            raise _no_photo(is_empty=body.photo is not None)
        yield ReceivedUpload(options)
    finally:
        path.unlink(missing_ok=True)
        for file in body.files:
            file.close()


async def _chunks(request: Request, max_body_bytes: int, complaint: str) -> AsyncGenerator[bytes, None]:
    received = 0
    try:
        async for chunk in request.stream():
            received += len(chunk)
            if received > max_body_bytes:
                raise BodyTooLarge(complaint)
            yield chunk
    except ClientDisconnect:
        raise BadBody("The connection was closed before the photo was whole.", code="body_cut_off") from None


def _save(path: Path, pieces: Iterator[bytes], max_bytes: int, complaint: str) -> tuple[int, str]:
    """Write the photo to the disk for good; its size in bytes and its sha256 in hex."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as file:
        for piece in pieces:
            size += len(piece)
            if size > max_bytes:
                raise BodyTooLarge(complaint)
            file.write(piece)
            digest.update(piece)
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def remove_leftovers(folder: Path) -> None:
    """Remove the files of uploads that a crash cut off."""
    long_ago = time.time() - _STALE_SECONDS
    for path in (folder / INCOMING).glob("*.part"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < long_ago:
                path.unlink()


def _kind_of(request: Request) -> BodyKind:
    kind = body_kind(request.headers.get("content-type", ""))
    if kind is None:
        raise WrongContentType(f"Send the photo as one of {', '.join(BODIES)}, and name it in Content-Type.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise WrongContentType("Send the photo without Content-Encoding; it is compressed already.")
    return kind


def _no_photo(*, is_empty: bool) -> BadBody | InvalidPhoto:
    if is_empty:
        return InvalidPhoto("The photo is empty (0 bytes); send one with a picture in it.", code="photo_empty")
    return BadBody(
        "There is no photo in this body: JSON holds it as base64 under `photo`, a form as a file under `file`.",
        code="photo_missing",
    )
