"""Reads from a photo's EXIF what the film can use: which way is up and when it was taken. Places are never read.

Cameras write nonsense here (glasses write orientation 0 and zeros for names), so whatever cannot be understood counts
as not said.
"""

from __future__ import annotations

import struct
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image

if TYPE_CHECKING:
    from collections.abc import Mapping

Fields = dict[int, Any]

_UNREADABLE = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, struct.error,
)  # fmt: skip
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_OLDEST_YEAR = 1990
_FARTHEST_OFFSET_HOURS = 14


def read(image: Image.Image) -> tuple[Fields, Fields]:
    """The main and the camera fields of a loaded image; empty where there are none or they are broken."""
    try:
        exif = image.getexif()
        main = dict(exif)
    except _UNREADABLE:
        return {}, {}
    try:
        return main, dict(exif.get_ifd(ExifTags.IFD.Exif))
    except _UNREADABLE:
        return main, {}


def upright(image: Image.Image, main: Mapping[int, Any]) -> Image.Image:
    """The image turned the way it was seen; an illegal orientation means as is."""
    value = main.get(ExifTags.Base.Orientation)
    turn = _TURNS.get(value) if isinstance(value, int) else None
    return image if turn is None else image.transpose(turn)


def taken_at(main: Mapping[int, Any], camera: Mapping[int, Any]) -> datetime | None:
    """When the shutter opened, by the camera's own clock, with its offset from UTC where it is told."""
    for fields, tag in (
        (camera, ExifTags.Base.DateTimeOriginal),
        (camera, ExifTags.Base.DateTimeDigitized),
        (main, ExifTags.Base.DateTime),
    ):
        try:
            moment = datetime.strptime(_text(fields.get(tag)), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 -- zone unknown
        except ValueError:
            continue
        if moment.year >= _OLDEST_YEAR:
            return moment.replace(tzinfo=_offset(_text(camera.get(ExifTags.Base.OffsetTimeOriginal))))
    return None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\x00 ") if isinstance(value, str) else ""


def _offset(text: str) -> timezone | None:
    try:
        hours, minutes = int(text[:3]), int(text[0] + text[4:6])
    except (ValueError, IndexError):
        return None
    return timezone(timedelta(hours=hours, minutes=minutes)) if abs(hours) <= _FARTHEST_OFFSET_HOURS else None
