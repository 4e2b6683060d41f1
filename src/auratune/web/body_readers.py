"""The three bodies that a photo comes in, told apart by Content-Type: JSON, a form, and the bytes themselves."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from auratune.web.base64_reader import read_base64
from auratune.web.request_errors import BadBody

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence

PHOTO_FIELDS = ("photo", "image", "photo_base64", "image_base64", "photo_data", "image_data", "data")
"""Names of the photo's text in JSON."""
FILE_FIELDS = ("file", "photo", "image")
"""Names of the photo's file in a form."""
MAX_OPTION_BYTES = 64 * 1024
"""The most that may come beside the photo."""
_MAX_PARTS = 64
_IN_MEMORY_BYTES = 4 * 1024 * 1024
_PIECE_BYTES = 256 * 1024
_BOM = b"\xef\xbb\xbf"


class Body(NamedTuple):
    """A body that has been read to its end."""

    photo: Iterator[bytes] | None
    """The photo's bytes in pieces; None where the body has no field for it. Reading them may raise `BadBody`."""
    options: dict[str, Any]
    files: Sequence[IO[bytes]] = ()
    """Temporary files, to be closed after use."""


class BodyKind(NamedTuple):
    """How to read a kind of body, and how much larger than the photo it may be."""

    read: Callable[[str, AsyncGenerator[bytes, None]], Awaitable[Body]]
    growth: float


async def read_json(content_type: str, chunks: AsyncGenerator[bytes, None]) -> Body:
    """A JSON object with the photo as base64. Raises `BadBody`."""
    del content_type
    body = bytearray()
    async for chunk in chunks:
        body += chunk
    start = len(_BOM) if body.startswith(_BOM) else 0
    try:
        # Raw values are views of the body: the photo's text is never copied whole.
        found = msgspec.json.decode(memoryview(body)[start:], type=dict[str, msgspec.Raw])
        texts = [memoryview(found.pop(name)) for name in PHOTO_FIELDS if name in found]
        if sum(len(memoryview(value)) for value in found.values()) > MAX_OPTION_BYTES:
            raise BadBody("There is too much beside the photo in this body.", code="too_many_options")
        options = {name: msgspec.json.decode(value) for name, value in found.items()}
    except msgspec.ValidationError:
        raise BadBody(
            "The JSON body must be an object, with the photo as base64 under `photo`.", code="bad_json"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadBody("The body is not valid JSON, or ends too early.", code="bad_json") from None
    photos = [text[1:-1] for text in texts if text[:1].tobytes() == b'"']
    if len(photos) > 1:
        raise _two_photos()
    return Body(read_base64(photos[0]) if photos else None, options)


async def read_form(content_type: str, chunks: AsyncGenerator[bytes, None]) -> Body:
    """A multipart form with the photo as a file. Raises `BadBody`."""
    parser = _FormParser(Headers({"content-type": content_type}), chunks, max_part_size=MAX_OPTION_BYTES)
    try:
        return parser.body(await parser.parse())
    except MultiPartException:
        raise BadBody("The body is not a valid multipart form.", code="bad_form") from None
    except BadBody:
        parser.close_files()
        raise


async def read_raw(content_type: str, chunks: AsyncGenerator[bytes, None]) -> Body:
    """A body that is the photo itself; options are in the query."""
    del content_type
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 -- read after this function returns
    upload = UploadFile(file, size=0)
    try:
        async for chunk in chunks:
            await upload.write(chunk)
        await upload.seek(0)
    except BaseException:
        file.close()
        raise
    return Body(_pieces(file) if upload.size else None, {}, [file])


BODIES = {
    "application/json": BodyKind(read_json, 1.5),
    "multipart/form-data": BodyKind(read_form, 1.0),
    "image/*": BodyKind(read_raw, 1.0),
}
"""Base64 takes four characters for three bytes, and escapes and line ends come on top."""


def body_kind(content_type: str) -> BodyKind | None:
    """The kind of body behind a Content-Type, or None."""
    plain = content_type.partition(";")[0].strip().lower()
    return BODIES.get("image/*" if plain.startswith("image/") else plain)


class _FormParser(MultiPartParser):
    """Starlette's parser, which spools files to the disk; also notes whether the closing boundary came."""

    spool_max_size = _IN_MEMORY_BYTES
    ended = False
    _parts = 0

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise BadBody("The form has too many parts.", code="too_many_options")
        super().on_part_begin()

    def on_headers_finished(self) -> None:
        part = self._current_part
        disposition = part.content_disposition or b""
        is_image = any(name == b"content-type" and value.startswith(b"image/") for name, value in part.item_headers)
        if b"filename" not in disposition and (is_image or b'name="file"' in disposition):
            # Some clients send the photo without a file name.
            part.content_disposition = disposition + b'; filename=""'
        super().on_headers_finished()

    def on_end(self) -> None:
        self.ended = True

    def body(self, form: FormData) -> Body:
        """The photo and the options in a parsed form. Raises `BadBody`."""
        options: dict[str, Any] = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        files = [file for name, file in form.multi_items() if isinstance(file, UploadFile) and name in FILE_FIELDS]
        if not self.ended:
            # Starlette accepts a form that was cut off.
            raise BadBody("The form ends before its closing boundary; it was cut off on the way.", code="bad_form")
        if sum(len(value) for value in options.values()) > MAX_OPTION_BYTES:
            raise BadBody("There is too much beside the photo in this form.", code="too_many_options")
        if len(files) > 1:
            raise _two_photos()
        if not files:
            return Body(None, options, self._files_to_close_on_error)
        if files[0].filename:
            options.setdefault("filename", files[0].filename)
        return Body(_pieces(files[0].file), options, self._files_to_close_on_error)

    def close_files(self) -> None:
        """Close every file of the form."""
        for file in self._files_to_close_on_error:
            file.close()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE_BYTES):
        yield piece


def _two_photos() -> BadBody:
    return BadBody("Send one photo at a time; this body holds two.", code="more_than_one_photo")
