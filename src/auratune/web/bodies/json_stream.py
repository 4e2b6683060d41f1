"""A JSON object read as it comes: the photo's text goes straight on, the rest is kept, small, and parsed at the end."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from auratune.web.bodies.base64_stream import Base64Stream, broken
from auratune.web.bodies.fields import MOST_OPTION_BYTES, PHOTO_FIELDS, two_photos
from auratune.web.errors import BadBody

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 16
_MARKS = re.compile(rb'["{}\[\]:,]')
_STRING_END = re.compile(rb'["\\]')
_CODE_POINT = re.compile(rb"\\u00([0-7][0-9A-Fa-f])")
_BOM = b"\xef\xbb\xbf"


class JsonStream:
    """Feed it the body; it yields the photo's bytes and keeps everything else for `options`."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._depth = 0
        self._key: str | None = None
        """The key of the outermost object whose value comes next."""
        self._expects_value = False
        self._reader = self._between
        self._string_from = 0
        self._escape = b""
        self._photo: Base64Stream | None = None
        self._has_photo = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The photo's bytes in this piece of the body. Raises `BadBody`."""
        at = 0
        while at < len(chunk):
            at, data = self._reader(chunk, at)
            if data:
                yield data

    def options(self) -> dict[str, Any]:
        """Everything but the photo, after the whole body was fed. Raises `BadBody` when it is not one JSON object."""
        if self._reader != self._between:
            raise not_json()
        try:
            found = msgspec.json.decode(bytes(self._rest).removeprefix(_BOM))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise not_json() from None
        if not isinstance(found, dict):
            raise BadBody("The JSON body must be an object, with the photo as base64 under `photo`.", code="bad_json")
        if self._has_photo:
            for name in PHOTO_FIELDS:
                found.pop(name, None)
        return found

    @property
    def has_photo(self) -> bool:
        """Whether a photo's text was found."""
        return self._has_photo

    def _keep(self, data: bytes) -> None:
        self._rest += data
        if len(self._rest) > MOST_OPTION_BYTES:
            raise BadBody("There is too much beside the photo in this body.", code="too_many_options")

    def _between(self, chunk: bytes, at: int) -> tuple[int, bytes]:
        """Outside strings."""
        mark = _MARKS.search(chunk, at)
        end = mark.end() if mark else len(chunk)
        self._keep(chunk[at:end])
        if mark:
            self._step(mark.group())
        return end, b""

    def _step(self, mark: bytes) -> None:
        if mark == b'"':
            self._open_string()
        elif mark in b"{[":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise not_json()
            self._expects_value = False
        elif mark in b"}]":
            self._depth -= 1
        elif self._depth == 1:
            self._expects_value = mark == b":"
            if mark == b",":
                self._key = None

    def _open_string(self) -> None:
        if self._depth == 1 and self._expects_value and self._key in PHOTO_FIELDS:
            if self._has_photo:
                raise two_photos()
            self._has_photo, self._photo = True, Base64Stream()
            self._reader = self._in_photo
        else:
            self._string_from = len(self._rest)
            self._reader = self._in_string

    def _in_string(self, chunk: bytes, at: int) -> tuple[int, bytes]:
        if self._escape:
            self._escape = b""
            self._keep(chunk[at : at + 1])
            return at + 1, b""
        end = _STRING_END.search(chunk, at)
        if not end:
            self._keep(chunk[at:])
            return len(chunk), b""
        self._keep(chunk[at : end.end()])
        if end.group() == b"\\":
            self._escape = b"\\"
        else:
            self._close_string()
        return end.end(), b""

    def _close_string(self) -> None:
        self._reader = self._between
        if self._depth == 1 and not self._expects_value:
            try:
                self._key = str(json.loads(b'"' + bytes(self._rest[self._string_from :])))
            except ValueError:
                raise not_json() from None

    def _in_photo(self, chunk: bytes, at: int) -> tuple[int, bytes]:
        assert self._photo is not None
        end = chunk.find(b'"', at)
        stop = end if end >= 0 else len(chunk)
        text, self._escape = self._escape + chunk[at:stop], b""
        if b"\\" in text:
            text, self._escape = _unescaped(text)
        data = self._photo.feed(text)
        if end < 0:
            return stop, data
        if self._escape:
            raise broken()
        self._keep(b'"')
        self._reader = self._between
        return end + 1, data + self._photo.finish()


def not_json() -> BadBody:
    """What to say to a body that is not JSON."""
    return BadBody("The body is not valid JSON, or ends too early.", code="bad_json")


def _unescaped(text: bytes) -> tuple[bytes, bytes]:
    """The text with its JSON escapes resolved, and an escape at its end that is not whole yet.

    Base64 has neither backslashes nor quotes, so every escape stands for one of its signs or for a line's end.
    """
    if b"\\\\" in text:
        raise broken()
    last = text.rfind(b"\\")
    tail = text[last:]
    whole = len(tail) >= 6 or (len(tail) >= 2 and tail[1:2] != b"u")
    if not whole:
        text = text[:last]
    text = text.replace(b"\\/", b"/").replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\t", b"")
    text = _CODE_POINT.sub(lambda match: chr(int(match[1], 16)).encode(), text)
    if b"\\" in text:
        raise broken()
    return text, b"" if whole else tail
