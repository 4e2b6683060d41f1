"""Turns whatever was sent into the one picture everything else works from: upright, sRGB, clean of EXIF, not too large.

Runs in a child process that is kept warm, so it imports Pillow and nothing heavier.
"""

from __future__ import annotations

import importlib
import struct
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from auratune.core.errors import InvalidPhoto, ServiceBusy
from auratune.core.photo import Photo, seed_of
from auratune.vision import animation, colour, colour_tags, exif, formats, wholeness

if TYPE_CHECKING:
    from datetime import datetime

LARGEST_MEGAPIXELS = 60
_LARGEST_MEGAPIXELS_OF: Final = {"WEBP": 24, "AVIF": 30, "HEIF": 50, "GIF": 40}
_LARGEST_COSTLY_MEGAPIXELS = 30
_LARGEST_DEEP_HEIF_MEGAPIXELS = 24
"""Formats, and kinds of pictures, that take more memory for a pixel than others: all stay below 512 MB."""
SHORTEST_EDGE_PX = 32
LONGEST_TO_SHORTEST = 20
KEPT_LONG_EDGE_PX = 3840
KEPT_SHORT_EDGE_PX = 2160
"""A film is at most 1920x1080 and its closest shots see half of the picture: more pixels would never be seen. Both
edges keep what they need, so that a tall screenshot stays sharp."""
KEPT_MEGAPIXELS = 18
_MOST_JPEG_SCANS = 100
_MOST_SCANNED_MEGAPIXELS = 1500
"""Scans times megapixels of a progressive JPEG: ordinary ones have about ten scans."""

_JPEG_QUALITY = 95
_DAMAGED = "The photo is damaged or was cut short. Send it again."
# Named here so that they are loaded with this module: otherwise Pillow loads all its plugins while a photo waits.
_PLUGINS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
# What Pillow and its codecs were seen to raise on thousands of damaged files: nearly anything.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
)

# The header is checked against our own limit before anything is decoded; Pillow's warns and does not refuse.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False


def normalise(source_path: str, target_path: str, key: str, content_hash: str) -> Photo:
    """Check the file at `source_path` by its content and write the picture as a JPEG to `target_path`.

    The JPEG has at most `KEPT_MEGAPIXELS`, 4:4:4, sRGB, without any metadata. `content_hash` is the sha256 of the file
    in hex; `key` names the JPEG in the store. The time is read from the EXIF before it is dropped.

    Raises `InvalidPhoto` with one of the codes `photo_empty`, `photo_not_an_image`, `photo_unsupported_format`,
    `photo_truncated`, `photo_too_many_pixels`, `photo_too_small` or `photo_too_narrow`; `ServiceBusy` (`disk_full`).
    """
    with Path(source_path).open("rb") as file:
        head = file.read(formats.HEAD_BYTES)
    kind = formats.recognise(head)
    if size := formats.size_in_header(head):
        _check_size(size, kind)
    if kind == "HEIF":
        _allow_heif()
    try:
        # Pillow warns of broken metadata; here it counts as not said.
        with warnings.catch_warnings(action="ignore"):
            picture, taken_at = _read(source_path, kind, head)
    except _BROKEN as error:
        raise InvalidPhoto(_DAMAGED, code="photo_truncated") from error
    try:
        picture.save(target_path, format="JPEG", quality=_JPEG_QUALITY, subsampling=0)
    except OSError as error:
        raise ServiceBusy("The disk is full; send the photo again later.", code="disk_full") from error
    return Photo(
        key=key,
        width_px=picture.width,
        height_px=picture.height,
        content_hash=content_hash,
        seed=seed_of(content_hash),
        taken_at=taken_at,
    )


def _read(path: str, kind: str, head: bytes) -> tuple[Image.Image, datetime | None]:
    """The picture as it is kept, and when it was taken."""
    try:
        with Image.open(path, formats=[kind]) as image:
            return _picture(path, image, kind, head)
    except _BROKEN:
        data = wholeness.mended(Path(path).read_bytes(), kind)
        if data is None:
            raise
    with wholeness.open_mended(data, kind) as image:
        return _picture(path, image, kind, head)


def _picture(path: str, image: Image.Image, kind: str, head: bytes) -> tuple[Image.Image, datetime | None]:
    _check_size(image.size, kind, _most_megapixels(image, kind))
    if kind == "JPEG":
        data = Path(path).read_bytes()
        _check_scans(data, image.size)
        if not wholeness.is_whole_jpeg(data):
            raise InvalidPhoto(_DAMAGED, code="photo_truncated")
    room = _room_for(image.size)
    # A JPEG is decoded at half, a quarter or an eighth of its size where that is still enough.
    image.draft(None, room)
    animation.show_first_picture(image)
    image.load()
    # After loading: Pillow itself loads a PNG to look for its EXIF, and a failure there would go unheard.
    main, camera = exif.read(image)
    tags = colour_tags.read(path, image)
    picture = colour.to_eight_bit(image, depth=head[24] if kind == "PNG" else 8)
    if picture.size != room:
        picture = picture.resize(room, Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture = exif.upright(colour.to_srgb(picture, tags), main)
    picture.info = {}  # Pillow would write a comment found here into the new file
    return picture, exif.taken_at(main, camera)


def _room_for(size: tuple[int, int]) -> tuple[int, int]:
    """The size a picture of this size is kept at."""
    shrink = min(1.0, max(KEPT_LONG_EDGE_PX / max(size), KEPT_SHORT_EDGE_PX / min(size)))
    shrink = min(shrink, (KEPT_MEGAPIXELS * 1_000_000 / (size[0] * size[1])) ** 0.5)
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def _check_scans(data: bytes, size: tuple[int, int]) -> None:
    """Refuse a JPEG whose passes would take for ever, before any is decoded."""
    scans = data.count(b"\xff\xda")
    if scans > _MOST_JPEG_SCANS or scans * size[0] * size[1] > _MOST_SCANNED_MEGAPIXELS * 1_000_000:
        raise InvalidPhoto(
            "The JPEG is written in too many passes; open it in a photo app, save it again and send that.",
            code="photo_unsupported_format",
        )


def _most_megapixels(image: Image.Image, kind: str) -> int:
    """What an opened picture may have."""
    most = _LARGEST_MEGAPIXELS_OF.get(kind, LARGEST_MEGAPIXELS)
    if kind == "HEIF" and image.info.get("bit_depth", 8) > 8:
        most = _LARGEST_DEEP_HEIF_MEGAPIXELS
    if image.has_transparency_data or (image.mode == "CMYK" and image.info.get("progressive")):
        most = min(most, _LARGEST_COSTLY_MEGAPIXELS)
    return most


def _check_size(size: tuple[int, int], kind: str, most: int = 0) -> None:
    width_px, height_px = size
    short_px, long_px = min(size), max(size)
    most = most or _LARGEST_MEGAPIXELS_OF.get(kind, LARGEST_MEGAPIXELS)
    if width_px * height_px > most * 1_000_000:
        raise InvalidPhoto(
            f"The photo has {width_px * height_px / 1e6:.0f} megapixels; send one of at most {most}."
            + ("" if most == LARGEST_MEGAPIXELS else f" A JPEG may have {LARGEST_MEGAPIXELS}."),
            code="photo_too_many_pixels",
        )
    if short_px < SHORTEST_EDGE_PX:
        raise InvalidPhoto(
            f"The photo is {width_px}x{height_px} pixels; send one of at least {SHORTEST_EDGE_PX}x{SHORTEST_EDGE_PX}.",
            code="photo_too_small",
        )
    if long_px > LONGEST_TO_SHORTEST * short_px:
        raise InvalidPhoto(
            f"The photo is more than {LONGEST_TO_SHORTEST} times as long as it is wide; crop it and send it again.",
            code="photo_too_narrow",
        )


def _allow_heif() -> None:
    try:
        pi_heif = importlib.import_module("pi_heif")
    except ImportError:
        raise InvalidPhoto(
            "This service does not read HEIC photos. Send the photo as JPEG: on an iPhone, choose Most Compatible "
            "under Settings, Camera, Formats, or share the photo by mail.",
            code="photo_unsupported_format",
        ) from None
    pi_heif.register_heif_opener()
