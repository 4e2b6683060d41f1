"""Base64 text from a JSON body to bytes, in pieces, in every form that clients send it."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

import pybase64

from auratune.web.request_errors import BadBody

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE_BYTES = 1024 * 1024
_LONGEST_ESCAPE_BYTES = 6
_URL_SAFE_TO_PLAIN = bytes.maketrans(b"-_", b"+/")
_SPACE = b" \t\r\n\f\v"
_DATA_URL = re.compile(rb"\s*data:[^,]{0,250};base64\s*,", re.IGNORECASE)
_ESCAPED_CODE_POINT = re.compile(rb"\\u00([0-7][0-9A-Fa-f])")


def read_base64(json_text: memoryview) -> Iterator[bytes]:
    """Decode the inside of a JSON string (without its quotes) of base64; yields the bytes in pieces.

    Takes plain, url-safe, unpadded and line-wrapped base64, with or without a `data:` URL around it, and JSON's
    escapes. Raises `BadBody` (`bad_base64`).
    """
    rest = b""
    padding = 0
    for number, piece in enumerate(_unescaped(json_text)):
        start = _DATA_URL.match(piece) if number == 0 else None
        text = piece[start.end() if start else 0 :].translate(_URL_SAFE_TO_PLAIN, _SPACE)
        bare = text.rstrip(b"=")
        # Padding ends the text; the decoder would take a padded group in the middle.
        if b"=" in bare or (padding and bare):
            raise invalid_base64()
        padding += len(text) - len(bare)
        bare = rest + bare
        whole = len(bare) - len(bare) % 4
        rest = bare[whole:]
        yield _decoded(bare[:whole])
    if len(rest) == 1 or padding not in {0, -len(rest) % 4}:
        raise invalid_base64()
    yield _decoded(rest + b"=" * (-len(rest) % 4))


def _unescaped(text: memoryview) -> Iterator[bytes]:
    start = 0
    while start < len(text):
        end = start + _PIECE_BYTES
        # A piece does not end inside an escape.
        escape = bytes(text[end - _LONGEST_ESCAPE_BYTES : end]).find(b"\\") if end < len(text) else -1
        if escape >= 0:
            end += escape - _LONGEST_ESCAPE_BYTES
        piece = bytes(text[start:end])
        start = end
        if b"\\" in piece:
            piece = piece.replace(b"\\/", b"/").replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\t", b"")
            piece = _ESCAPED_CODE_POINT.sub(lambda match: chr(int(match[1], 16)).encode(), piece)
        yield piece


def _decoded(text: bytes) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise invalid_base64() from None


def invalid_base64() -> BadBody:
    """The error for text that is not base64."""
    return BadBody("The photo is not valid base64; encode the file's bytes again.", code="bad_base64")
