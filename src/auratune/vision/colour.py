"""Brings any picture Pillow can open to 8-bit sRGB without transparency.

What takes numpy is imported where it is needed: most photos are sRGB, and the process that decodes them stays small.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageCms, ImageStat

if TYPE_CHECKING:
    from auratune.vision.colour_tags import ColourTags

_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_DARK_GROUND = (20, 20, 24)
_LIGHT_GROUND = (244, 242, 238)
_SAME_LEVELS = 2
"""Profiles that change no colour by more than this many levels of 255 are left out."""


def to_eight_bit(image: Image.Image, depth: int) -> Image.Image:
    """The image in a mode that can be resized smoothly: L, RGB, RGBA or CMYK; a transparent colour becomes alpha.

    `depth` is the number of bits of a channel in the file.
    """
    key = image.info.pop("transparency", None) if image.mode in {"L", "RGB", *_SIXTEEN_BIT} else None
    if image.mode in _SIXTEEN_BIT:
        image = _sixteen_to_eight_bit(image)
        depth = 16
    if key is not None:
        levels = [_level(value, depth) for value in (key if isinstance(key, tuple) else (key,))]
        image.info["transparency"] = levels[0] if image.mode == "L" else tuple(levels)
        return image.convert("RGBA")
    if image.mode in {"L", "RGB", "RGBA", "CMYK"}:
        return image
    return image.convert("RGBA" if image.has_transparency_data or "A" in image.mode.upper() else "RGB")


def to_srgb(image: Image.Image, tags: ColourTags) -> Image.Image:
    """The image as opaque RGB in sRGB, transparency laid over a ground that lets it be seen."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = _convert(image.convert("RGB") if alpha else image, tags)
    if alpha is None or alpha.getextrema() == (255, 255):
        return colours
    ground = Image.new("RGB", colours.size, _ground_for(colours, alpha))
    ground.paste(colours, mask=alpha)
    return ground


def _convert(image: Image.Image, tags: ColourTags) -> Image.Image:
    """Colours by the tags, or by the ICC profile, or as they are."""
    profile = image.info.get("icc_profile")
    if image.mode != "CMYK" and not tags.is_srgb and (tags.is_hdr or not profile):
        from auratune.vision import wide_colour

        return wide_colour.to_srgb(image.convert("RGB"), tags)
    converted = _apply_profile(image, profile) if profile else None
    if converted is None and image.mode == "CMYK":
        from auratune.vision import cmyk

        return cmyk.to_rgb(image)
    return converted or image.convert("RGB")


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The image by its profile's content, whatever its name; None where the profile cannot be used."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), image.mode, "RGB")
        if image.mode == "RGB" and _changes_nothing(transform):
            return image
        return ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    cube = Image.new("RGB", (1, 216))
    cube.putdata([(51 * (index // 36), 51 * (index // 6 % 6), 51 * (index % 6)) for index in range(216)])
    after = ImageCms.applyTransform(cube, transform)
    assert after is not None
    extrema = ImageChops.difference(cube, after).getextrema()
    return all(high <= _SAME_LEVELS for _, high in extrema)  # type: ignore[misc]


def _sixteen_to_eight_bit(image: Image.Image) -> Image.Image:
    # Pillow cuts at 255 when it converts these; 16-bit grey has to be brought down first.
    return image.point(lambda value: value * (1 / 256)).convert("L")


def _level(value: int, depth: int) -> int:
    """A channel's value in the file as a level of 255."""
    return value >> 8 if depth == 16 else value * 255 // (2**depth - 1)


def _ground_for(colours: Image.Image, alpha: Image.Image) -> tuple[int, int, int]:
    """A light ground for what is dark and a dark one for what is light, so that every drawing stays visible."""
    visible = ImageStat.Stat(colours.convert("L"), mask=alpha.point(lambda value: 255 if value > 127 else 0))
    light = visible.count[0] > 0 and visible.mean[0] > 150
    return _DARK_GROUND if light else _LIGHT_GROUND
