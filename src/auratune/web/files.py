"""A file of the store as a response: ranges, conditions and validators after RFC 9110."""

from __future__ import annotations

import os
import secrets
from email.utils import formatdate, parsedate_to_datetime
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

import anyio
import anyio.to_thread
from starlette.responses import Response, StreamingResponse

from auratune.web.errors import PreconditionFailed, problem
from auratune.web.ranges import Unsatisfiable, wanted_ranges

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

_PIECE_BYTES = 256 * 1024
_CACHE = "private, no-cache"


def open_to_read(path: Path) -> IO[bytes]:
    """A file whose reads go straight to the system. Raises `FileNotFoundError`."""
    return path.open("rb", buffering=0)


async def send_file(
    request: Request,
    path: Path,
    *,
    media_type: str,
    filename: str,
    etag: str = "",
    attachment: bool = False,
) -> Response:
    """The file, the parts of it that are asked for, or the word that the client has it already.

    `etag` is what identifies the bytes (a checksum); without it size and time do. Raises `PreconditionFailed`, and
    `FileNotFoundError` when there is no such file.
    """
    file = await anyio.to_thread.run_sync(open_to_read, path)
    try:
        facts = os.fstat(file.fileno())
        tag = f'"{etag or f"{facts.st_mtime_ns:x}-{facts.st_size:x}"}"'
        headers = {
            "accept-ranges": "bytes",
            "etag": tag,
            "last-modified": formatdate(facts.st_mtime, usegmt=True),
            "cache-control": _CACHE,
            "content-disposition": _disposition(filename, attachment=attachment),
        }
        if _has_it_already(request, tag, int(facts.st_mtime)):
            kept = {name: headers[name] for name in ("etag", "last-modified", "cache-control")}
            file.close()
            return Response(status_code=304, headers=kept)
        return _answer(request, file, facts.st_size, headers, media_type)
    except BaseException:
        file.close()
        raise


def _answer(request: Request, file: IO[bytes], size: int, headers: dict[str, str], media_type: str) -> Response:
    try:
        spans = wanted_ranges(_range_of(request, headers), size)
    except Unsatisfiable:
        file.close()
        return problem(416, headers={"content-range": f"bytes */{size}", "accept-ranges": "bytes"})
    if request.method == "HEAD":
        file.close()
        return _head(spans, size, headers, media_type)
    if len(spans) > 1:
        return _many(file, spans, size, headers, media_type)
    start, end = spans[0] if spans else (0, size)
    if spans:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    headers["content-length"] = str(end - start)
    return StreamingResponse(
        _pieces(file, [(b"", start, end)], b""), 206 if spans else 200, headers, media_type=media_type
    )


def _head(spans: list[tuple[int, int]], size: int, headers: dict[str, str], media_type: str) -> Response:
    # The standard defines ranges for GET alone; players still ask for them with HEAD to learn that they work.
    response = Response(status_code=206 if len(spans) == 1 else 200, media_type=media_type)
    start, end = spans[0] if len(spans) == 1 else (0, size)
    if len(spans) == 1:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    response.headers.update({**headers, "content-length": str(end - start)})
    return response


def _many(
    file: IO[bytes], spans: list[tuple[int, int]], size: int, headers: dict[str, str], media_type: str
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
    return StreamingResponse(_pieces(file, parts, closing), 206, headers, media_type=kind)


async def _pieces(file: IO[bytes], parts: list[tuple[bytes, int, int]], closing: bytes) -> AsyncIterator[bytes]:
    try:
        for intro, start, end in parts:
            if intro:
                yield intro
            while start < end:
                piece = await anyio.to_thread.run_sync(os.pread, file.fileno(), min(_PIECE_BYTES, end - start), start)
                if not piece:
                    raise EOFError("the file is shorter than it was")
                start += len(piece)
                yield piece
        if closing:
            yield closing
    finally:
        file.close()


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


def _disposition(filename: str, *, attachment: bool) -> str:
    kind = "attachment" if attachment else "inline"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in filename)
    exact = f"; filename*=UTF-8''{quote(filename, safe='')}" if plain != filename else ""
    return f'{kind}; filename="{plain}"{exact}'
