"""Brings any picture Pillow can open to 8-bit sRGB without transparency."""

from __future__ import annotations

import io

from PIL import Image, ImageCms, ImageStat

_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_DARK_GROUND = (20, 20, 24)
_LIGHT_GROUND = (244, 242, 238)


def to_eight_bit(image: Image.Image) -> Image.Image:
    """The image in a mode that can be resized smoothly: L, RGB, RGBA or CMYK."""
    if image.mode in _SIXTEEN_BIT:
        # Pillow cuts at 255 when it converts these; 16-bit grey has to be brought down first.
        return image.convert("F").point(lambda value: value / 256).convert("L")
    if image.mode in {"L", "RGB", "RGBA", "CMYK"}:
        return image
    return image.convert("RGBA" if image.has_transparency_data or "A" in image.mode.upper() else "RGB")


def to_srgb(image: Image.Image) -> Image.Image:
    """The image as opaque RGB, its ICC profile applied, transparency laid over a ground that lets it be seen."""
    profile = image.info.get("icc_profile")
    if image.mode == "L" and "transparency" in image.info:
        image = image.convert("RGBA")
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    opaque = image.convert("RGB") if alpha else image
    colours = _apply_profile(opaque, profile) if profile else opaque.convert("RGB")
    if alpha is None or alpha.getextrema() == (255, 255):
        return colours
    ground = Image.new("RGB", colours.size, _ground_for(colours, alpha))
    ground.paste(colours, mask=alpha)
    return ground


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image.convert("RGB")
        turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB")
    return turned or image.convert("RGB")


def _ground_for(colours: Image.Image, alpha: Image.Image) -> tuple[int, int, int]:
    """A light ground for what is dark and a dark one for what is light, so that no drawing drowns in it."""
    visible = ImageStat.Stat(colours.convert("L"), mask=alpha.point(lambda value: 255 if value > 127 else 0))
    light = visible.count[0] > 0 and visible.mean[0] > 150
    return _DARK_GROUND if light else _LIGHT_GROUND
