"""Reads from a photo's EXIF what the film can use: which way is up, when and where it was taken.

Cameras write nonsense here (glasses write orientation 0, zeros for names, places without a fix), so whatever cannot be
understood counts as not said.
"""

from __future__ import annotations

import math
import struct
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image

from auratune.core.photo import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

Fields = dict[int, Any]

_UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error)
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


def read(image: Image.Image) -> tuple[Fields, Fields, Fields]:
    """The main, camera and GPS fields of a loaded image; empty where there are none or they are broken."""
    try:
        exif = image.getexif()
        main = dict(exif)
    except _UNREADABLE:
        return {}, {}, {}
    return main, _folder(exif, ExifTags.IFD.Exif), _folder(exif, ExifTags.IFD.GPSInfo)


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


def place(gps: Mapping[int, Any]) -> Place | None:
    """Where the photo was taken, or None without a fix."""
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    except (*_UNREADABLE, ZeroDivisionError, OverflowError):
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude == 0 and longitude == 0):
        return None
    return Place(latitude, longitude)


def _folder(exif: Image.Exif, folder: int) -> Fields:
    try:
        return dict(exif.get_ifd(folder))
    except _UNREADABLE:
        return {}


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


def _degrees(parts: Any, reference: object, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if _text(reference).upper() == negative else value
