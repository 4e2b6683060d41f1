"""Tells whether a file that ends too early still holds the whole picture, and mends it where it does.

Cameras, chats and downloads lose a file's last bytes more often than a part of its picture.
"""

from __future__ import annotations

import io
import re
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAD_BYTES = 256
_LONGEST_PAD_BYTES = 4096
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_COMPARED_PX = 512
_PIECE_BYTES = 1 << 20
_END = b"\xff\xd9"
_SCAN = 0xDA
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""A JPEG's marker, in picture data too: there 0xff is followed by zero, and restart marks are part of it."""
_BETWEEN_SCANS: Final = {0xC4, _SCAN, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)}


def mended(data: bytes, kind: str) -> bytes | None:
    """The file with an end that a decoder accepts, or None when a part of the picture is missing."""
    if kind == "PNG":
        return _mended_png(data)
    if kind == "JPEG":
        return _padded(data[: _picture_end(data)].rstrip(b"\xff"), kind, _PAD_BYTES, _END)
    if kind == "WEBP":
        missing = int.from_bytes(data[4:8], "little") + 8 - len(data)
        return _padded(data, kind, missing, b"") if 0 < missing <= _LONGEST_PAD_BYTES else None
    return None


def is_whole_jpeg(data: bytes) -> bool:
    """Whether no stray marker cuts off a part of the picture: a decoder stops there and leaves the rest grey.

    What follows the end, such as other views of the picture, does no harm.
    """
    end = _picture_end(data)
    if data[end:] in {b"", _END}:
        return True
    return _padded(data[:end], "JPEG", _PAD_BYTES, _END) is not None


def _picture_end(data: bytes) -> int:
    """Where the data of the last scan ends: at the first marker in it, or with the file."""
    at, end, in_scan = 2, None, False
    while found := _MARKER.search(data, at):
        code = data[found.end() - 1]
        if code == _SCAN:
            in_scan, end = True, None
        elif in_scan:
            end = end or found.start()
            if code not in _BETWEEN_SCANS:
                break
        at = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2], "big"))
    return end or len(data)


def _padded(data: bytes, kind: str, count: int, end: bytes) -> bytes | None:
    """The file padded with zeros, if a decoder draws the same whatever stands there: then it needs none of it."""
    zeros, others = data + bytes(count) + end, data + b"\x5a" * count + end
    drawn: list[Image.Image] = []
    for candidate in (zeros, others):  # one after the other: a progressive JPEG takes much memory
        with Image.open(io.BytesIO(candidate), formats=[kind]) as image:
            image.draft(None, (_COMPARED_PX, _COMPARED_PX))
            drawn.append(image.convert("RGB"))
    return zeros if ImageChops.difference(*drawn).getbbox() is None else None


def _mended_png(data: bytes) -> bytes | None:
    """The PNG with whole chunks and an end, if all of its rows are there."""
    pieces: list[bytes] = []
    at = 8
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name == b"IDAT":
            pieces.append(data[at + 8 : at + 8 + size])
        at += 12 + size
    body = b"".join(pieces)
    start = data.find(b"IDAT") - 4
    if start < 0 or _inflated_bytes(body) < _needed_bytes(data):
        return None
    return data[:start] + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def _inflated_bytes(body: bytes) -> int:
    """How many bytes of rows there are; counted in pieces, so that they are never all in memory."""
    inflater, total = zlib.decompressobj(), 0
    try:
        while body and not inflater.eof:
            total += len(inflater.decompress(body, _PIECE_BYTES))
            body = inflater.unconsumed_tail
    except zlib.error:
        pass
    return total


def _needed_bytes(data: bytes) -> int:
    """Bytes of all rows of a PNG; for an interlaced one, of all passes but their padding."""
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    bits = data[24] * _CHANNELS.get(data[25], 4)
    return height * (1 + (width * bits + 7) // 8)


@contextmanager
def open_mended(data: bytes, kind: str) -> Iterator[Image.Image]:
    """Open a mended file; what its checks still miss at the very end does no harm."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            yield image
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
