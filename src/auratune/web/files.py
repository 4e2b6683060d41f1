"""An object of the store as a response: ranges, conditions and validators after RFC 9110."""

from __future__ import annotations

import secrets
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

import anyio.to_thread
from starlette.responses import Response, StreamingResponse

from auratune.storage.keys import disposition, missing
from auratune.web.errors import problem
from auratune.web.ranges import Unsatisfiable, wanted_ranges
from auratune.web.request_errors import PreconditionFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from auratune.core.ports import ObjectStore

_CACHE = "private, no-cache"


async def send_file(
    request: Request,
    store: ObjectStore,
    key: str,
    *,
    media_type: str,
    filename: str,
    etag: str = "",
    attachment: bool = False,
) -> Response:
    """The object, the parts of it that are asked for, or the word that the client has it already.

    `etag` is what identifies the bytes (a checksum); without it the store's own does. Raises `PreconditionFailed`,
    and `StorageError` (`file_missing`) when there is no such object.
    """
    info = await anyio.to_thread.run_sync(store.head, key)
    if info is None:
        raise missing()
    modified = info.modified.replace(microsecond=0)
    tag = f'"{etag or info.etag}"'
    headers = {
        "accept-ranges": "bytes",
        "etag": tag,
        "last-modified": format_datetime(modified, usegmt=True),
        "cache-control": _CACHE,
        "content-disposition": disposition(filename, attachment=attachment),
    }
    if _has_it_already(request, tag, int(modified.timestamp())):
        kept = {name: headers[name] for name in ("etag", "last-modified", "cache-control")}
        return Response(status_code=304, headers=kept)
    size = info.size_bytes
    try:
        spans = wanted_ranges(_range_of(request, headers), size)
    except Unsatisfiable:
        return problem(416, headers={"content-range": f"bytes */{size}", "accept-ranges": "bytes"})
    if request.method == "HEAD":
        return _head(spans, size, headers, media_type)
    if len(spans) > 1:
        return _many(store, key, spans, size, headers, media_type)
    start, end = spans[0] if spans else (0, size)
    if spans:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    headers["content-length"] = str(end - start)
    # The first piece is read before the answer begins, so that an object removed just now is an error and not a break.
    pieces = store.read(key, start, end)
    first = await anext(pieces, b"")
    return StreamingResponse(_after(first, pieces), 206 if spans else 200, headers, media_type=media_type)


def _head(spans: list[tuple[int, int]], size: int, headers: dict[str, str], media_type: str) -> Response:
    # The standard defines ranges for GET alone; players still ask for them with HEAD to learn that they work.
    response = Response(status_code=206 if len(spans) == 1 else 200, media_type=media_type)
    start, end = spans[0] if len(spans) == 1 else (0, size)
    if len(spans) == 1:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    response.headers.update({**headers, "content-length": str(end - start)})
    return response


def _many(
    store: ObjectStore, key: str, spans: list[tuple[int, int]], size: int, headers: dict[str, str], media_type: str
) -> Response:
    boundary = secrets.token_hex(16)
    parts = [
        (
            f"\r\n--{boundary}\r\nContent-Type: {media_type}\r\n"
            f"Content-Range: bytes {start}-{end - 1}/{size}\r\n\r\n".encode(),
            start,
            end,
        )
        for start, end in spans
    ]
    closing = f"\r\n--{boundary}--\r\n".encode()
    length = len(closing) + sum(len(intro) + end - start for intro, start, end in parts)
    headers["content-length"] = str(length)
    kind = f"multipart/byteranges; boundary={boundary}"
    return StreamingResponse(_pieces(store, key, parts, closing), 206, headers, media_type=kind)


async def _after(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


async def _pieces(
    store: ObjectStore, key: str, parts: list[tuple[bytes, int, int]], closing: bytes
) -> AsyncIterator[bytes]:
    for intro, start, end in parts:
        yield intro
        async for piece in store.read(key, start, end):
            yield piece
    yield closing


def _range_of(request: Request, headers: dict[str, str]) -> str:
    condition = request.headers.get("if-range", "").strip()
    holds = not condition or condition in {headers["etag"], headers["last-modified"]}
    return request.headers.get("range", "") if holds else ""


def _has_it_already(request: Request, tag: str, modified: int) -> bool:
    """The conditions in the order of RFC 9110, section 13.2.2."""
    given = request.headers
    if "if-match" in given:
        if not _lists(given["if-match"], tag, weak=False):
            raise PreconditionFailed("The film is not the one that If-Match names any more.")
    elif (since := _moment(given.get("if-unmodified-since", ""))) is not None and modified > since:
        raise PreconditionFailed("The film has changed since then.")
    if "if-none-match" in given:
        return _lists(given["if-none-match"], tag, weak=True)
    since = _moment(given.get("if-modified-since", ""))
    return since is not None and modified <= since


def _lists(header: str, tag: str, *, weak: bool) -> bool:
    tags = [part.strip() for part in header.split(",")]
    if weak:
        tags = [part.removeprefix("W/") for part in tags]
    return "*" in tags or tag in tags


def _moment(header: str) -> int | None:
    try:
        return int(parsedate_to_datetime(header).timestamp()) if header else None
    except (ValueError, TypeError, OverflowError):
        return None
