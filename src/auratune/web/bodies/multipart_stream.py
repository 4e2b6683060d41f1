"""A multipart form read as it comes: the file's bytes go straight on, small fields are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from auratune.web.bodies.fields import FILE_FIELDS, MOST_OPTION_BYTES, two_photos
from auratune.web.errors import BadBody

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_PARTS = 64


class MultipartStream:
    """Feed it the body; it yields the file's bytes and keeps the fields for `options`."""

    def __init__(self, content_type: str) -> None:
        _, parameters = parse_options_header(content_type)
        boundary = parameters.get(b"boundary", b"")
        if not boundary:
            raise BadBody("The multipart Content-Type names no boundary.", code="bad_form")
        self._parser = _parser(boundary, self)
        self._fields: dict[str, bytearray] = {}
        self._kept = 0
        self._parts = 0
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._field: bytearray | None = None
        self._pieces: list[bytes] = []
        self._in_file = False
        self._ended = False
        self.has_photo = False
        self.filename = ""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The file's bytes in this piece of the body. Raises `BadBody`."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _not_a_form() from None
        pieces, self._pieces = self._pieces, []
        yield from pieces

    def options(self) -> dict[str, Any]:
        """The fields, after the whole body was fed. Raises `BadBody` when the form does not end properly."""
        # The parser itself is content with a body that was cut off.
        if not self._ended:
            raise BadBody("The form ends before its closing boundary; it was cut off on the way.", code="bad_form")
        try:
            options: dict[str, Any] = {name: bytes(value).decode() for name, value in self._fields.items()}
        except UnicodeDecodeError:
            raise _not_a_form() from None
        if self.filename:
            options.setdefault("filename", self.filename)
        return options

    def on_part_begin(self) -> None:
        """A part begins."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise BadBody("The form has too many parts.", code="too_many_options")
        self._headers = {}
        self._in_file, self._field = False, None

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's name."""
        self._header_name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's value."""
        self._header_value += data[start:end]

    def on_header_end(self) -> None:
        """A header is whole."""
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def on_headers_finished(self) -> None:
        """All headers of a part are known: it is the photo, a field, or nothing to us."""
        _, disposition = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = disposition.get(b"name", b"").decode(errors="replace")
        is_file = b"filename" in disposition or self._headers.get(b"content-type", b"").startswith(b"image/")
        if name in FILE_FIELDS and (is_file or name == "file"):
            if self.has_photo:
                raise two_photos()
            self.has_photo = self._in_file = True
            self.filename = disposition.get(b"filename", b"").decode(errors="replace")
        elif is_file:
            # A file under a name that means nothing to us is passed over.
            self._in_file = False
        else:
            self._field = self._fields.setdefault(name, bytearray())
            self._field.clear()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """A piece of a part's body."""
        if self._in_file:
            self._pieces.append(data[start:end])
        elif self._field is not None:
            self._kept += end - start
            if self._kept > MOST_OPTION_BYTES:
                raise BadBody("There is too much beside the photo in this form.", code="too_many_options")
            self._field += data[start:end]

    def on_end(self) -> None:
        """The closing boundary has come."""
        self._ended = True


def _parser(boundary: bytes, stream: MultipartStream) -> MultipartParser:
    try:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": stream.on_part_begin,
                "on_part_data": stream.on_part_data,
                "on_header_field": stream.on_header_field,
                "on_header_value": stream.on_header_value,
                "on_header_end": stream.on_header_end,
                "on_headers_finished": stream.on_headers_finished,
                "on_end": stream.on_end,
            },
        )
    except FormParserError:
        raise _not_a_form() from None


def _not_a_form() -> BadBody:
    return BadBody("The body is not a valid multipart form.", code="bad_form")
