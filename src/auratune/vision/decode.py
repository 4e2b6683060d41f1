"""Turns whatever was sent into the one picture everything else works from: upright, sRGB, clean of EXIF, not too large.

Runs in a child process that is kept warm, so it imports Pillow and nothing heavier.
"""

from __future__ import annotations

import importlib
import struct
import warnings
import zlib
from pathlib import Path

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

from auratune.core.errors import InvalidPhoto
from auratune.core.photo import Photo, seed_of
from auratune.vision import colour, exif, formats

LARGEST_MEGAPIXELS = 60
SHORTEST_EDGE_PX = 32
LONGEST_TO_SHORTEST = 20
KEPT_LONG_EDGE_PX = 3840
"""A film is at most 1920 px long and its closest shot sees half of the picture: more pixels would never be seen."""

_JPEG_QUALITY = 95
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
    struct.error,
    zlib.error,
)

# The header is checked against our own limit before anything is decoded; Pillow's warns and does not refuse.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False


def normalise(source_path: str, target_path: str, key: str, content_hash: str) -> Photo:
    """Check the file at `source_path` by its content and write the picture as a JPEG to `target_path`.

    The JPEG is at most `KEPT_LONG_EDGE_PX` long, 4:4:4, without any metadata. `content_hash` is the sha256 of the file
    in hex; `key` names the JPEG in the store. Time and place are read from the EXIF before it is dropped.

    Raises `InvalidPhoto` with one of the codes `photo_empty`, `photo_not_an_image`, `photo_unsupported_format`,
    `photo_truncated`, `photo_too_many_pixels`, `photo_too_small` or `photo_too_narrow`.
    """
    with Path(source_path).open("rb") as file:
        head = file.read(formats.HEAD_BYTES)
    kind = formats.recognise(head)
    if size := formats.size_in_header(head):
        _check_size(size)
    if kind == "HEIF":
        _allow_heif()
    try:
        # Pillow warns of broken metadata; here it counts as not said.
        with warnings.catch_warnings(action="ignore"), Image.open(source_path, formats=[kind]) as image:
            _check_size(image.size)
            room = _load(image)
            # After loading: Pillow itself loads a PNG to look for its EXIF, and a failure there would go unheard.
            main, camera, gps = exif.read(image)
            picture = _clean(image, room, main)
    except _BROKEN as error:
        raise InvalidPhoto("The photo is damaged or was cut short. Send it again.", code="photo_truncated") from error
    picture.save(target_path, format="JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return Photo(
        key=key,
        width_px=picture.width,
        height_px=picture.height,
        content_hash=content_hash,
        seed=seed_of(content_hash),
        taken_at=exif.taken_at(main, camera),
        place=exif.place(gps),
    )


def _load(image: Image.Image) -> tuple[int, int]:
    """Decode the image and return the size it is to be kept at."""
    shrink = min(1.0, KEPT_LONG_EDGE_PX / max(image.size))
    room = (max(1, round(image.width * shrink)), max(1, round(image.height * shrink)))
    # A JPEG is decoded at half, a quarter or an eighth of its size where that is still enough.
    image.draft(None, room)
    image.load()
    return room


def _clean(image: Image.Image, room: tuple[int, int], main: exif.Fields) -> Image.Image:
    picture = colour.to_eight_bit(image)
    if picture.size != room:
        picture = picture.resize(room, Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture = exif.upright(colour.to_srgb(picture), main)
    picture.info = {}  # Pillow would write a comment found here into the new file
    return picture


def _check_size(size: tuple[int, int]) -> None:
    width_px, height_px = size
    short_px, long_px = min(size), max(size)
    if width_px * height_px > LARGEST_MEGAPIXELS * 1_000_000:
        raise InvalidPhoto(
            f"The photo has {width_px * height_px / 1e6:.0f} megapixels; send one of at most {LARGEST_MEGAPIXELS}.",
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
    for name in ("pi_heif", "pillow_heif"):
        try:
            importlib.import_module(name).register_heif_opener()
        except ImportError:
            continue
        return
    raise InvalidPhoto(
        "HEIC photos can be used once the optional extra is installed: pip install 'auratune[heic]'. "
        "Until then send a JPEG, PNG, WebP, AVIF or GIF.",
        code="photo_unsupported_format",
    )
