"""Base64 to bytes piece by piece, in every form that clients send it."""

from __future__ import annotations

import binascii

import pybase64

from auratune.web.errors import BadBody

_URL_SAFE_TO_PLAIN = bytes.maketrans(b"-_", b"+/")
_SPACE = b" \t\r\n\f\v"
_HEAD_BYTES = 256
_QUANTUM = 4


class Base64Stream:
    """Decodes plain, url-safe, unpadded and line-wrapped base64, with or without a `data:` URL around it."""

    def __init__(self) -> None:
        self._head: bytes | None = b""
        self._rest = b""
        self._padding = 0

    def feed(self, text: bytes) -> bytes:
        """The bytes that are complete so far. Raises `BadBody`."""
        if self._head is not None:
            text = self._behead(self._head + text)
        return self._decode(text)

    def finish(self) -> bytes:
        """The last bytes. Raises `BadBody` when the text ends in the middle."""
        last = b""
        if self._head:
            head, self._head = self._head, None
            # A `data:` URL that never came to its comma; its colon is no sign of base64.
            last = self._decode(head)
        held = len(self._rest)
        if held == 1 or (self._padding and (held + self._padding) != _QUANTUM):
            raise broken()
        return last + _decoded(self._rest + b"=" * (-held % _QUANTUM))

    def _behead(self, text: bytes) -> bytes:
        """Wait until it is known whether a `data:` URL begins here, and cut its head off."""
        text = text.lstrip(_SPACE)
        if not _may_be_data_url(text):
            self._head = None
            return text
        head, comma, tail = text.partition(b",")
        if comma:
            if not head.rstrip().lower().endswith(b";base64"):
                raise broken()
            self._head = None
            return tail
        if len(text) > _HEAD_BYTES:
            raise broken()
        self._head = text
        return b""

    def _decode(self, text: bytes) -> bytes:
        text = text.translate(_URL_SAFE_TO_PLAIN, _SPACE)
        if self._padding or b"=" in text:
            text = self._without_padding(text)
        text = self._rest + text
        whole = len(text) - len(text) % _QUANTUM
        self._rest = text[whole:]
        return _decoded(text[:whole])

    def _without_padding(self, text: bytes) -> bytes:
        body = b"" if self._padding else text.rstrip(b"=")
        self._padding += len(text) - len(body)
        # Nothing but the end may follow the first "=".
        if self._padding > 2 or b"=" in body or text[len(body) :].strip(b"="):
            raise broken()
        return body


def broken() -> BadBody:
    """What to say to base64 that is not."""
    return BadBody("The photo is not valid base64; encode the file's bytes again.", code="bad_base64")


def _may_be_data_url(text: bytes) -> bool:
    start = text[:5].lower()
    return b"data:".startswith(start) if len(start) < 5 else start == b"data:"


def _decoded(text: bytes) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise broken() from None
