"""Applies a look to a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.film.looks.base import Colour, Look
from auratune.film.pixels import Pixels, pixels

_STRIP_PX = 128
"""Rows graded at once: floats of a whole large photo would cost hundreds of megabytes."""
_LUMA = np.array([0.0722, 0.7152, 0.2126], np.float32)
"""BT.709, for blue, green, red."""
_LEAST_SKIN_SATURATION = 0.7
"""Skin without colour looks ill; noir has no colours to keep."""


def grade(picture: Pixels, look: Look, amount: float = 1.0) -> Pixels:
    """A picture (height, width, 3: blue, green, red, sRGB) in a look, mixed in by `amount` (0 to 1); the same shape."""
    graded = np.empty_like(picture)
    tables = _Tables(look)
    for top in range(0, picture.shape[0], _STRIP_PX):
        strip = picture[top : top + _STRIP_PX]
        graded[top : top + _STRIP_PX] = _grade_strip(strip, look, tables)
    if amount >= 1.0:
        return graded
    return pixels(cv2.addWeighted(graded, amount, picture, 1 - amount, 0))


class _Tables:
    """What depends on one number only, worked out for its 256 values."""

    def __init__(self, look: Look) -> None:
        x = np.linspace(0, 1, 256, dtype=np.float32)
        opened = x + look.lift * 6.4 * x * np.clip(1 - x / 0.7, 0, 1) ** 2
        opened = opened + look.exposure * 4 * opened**2 * (1 - opened)
        self.tone = (look.matte + (1 - look.matte) * _s_curve(opened, look.contrast)).astype(np.float32)
        luma = x[:, None]
        # Each tint is nothing at white; the shadows' tint is nothing at black as well unless black is raised.
        dark = np.clip(1 - luma / 0.55, 0, 1) ** 1.2 * np.clip(luma / 0.08, 0.25 if look.matte else 0.0, 1)
        bright = np.clip((luma - 0.45) / 0.4, 0, 1) * np.clip((1 - luma) / 0.12, 0, 1)
        middle = np.clip(1 - np.abs(luma - 0.45) / 0.4, 0, 1)
        tint = dark * _bgr(look.shadows) + middle * _bgr(look.middle) + bright * _bgr(look.highlights)
        self.tint = tint.reshape(256, 1, 3).astype(np.float32)


def _bgr(colour: Colour) -> NDArray[np.float32]:
    return np.array(colour[::-1], np.float32)


def _s_curve(x: NDArray[np.float32], amount: float) -> NDArray[np.float32]:
    """From (0, 0) to (1, 1), steeper in the middle for positive amounts and flatter for negative ones."""
    return x + amount * (x * x * (3 - 2 * x) - x)


def _grade_strip(strip: Pixels, look: Look, tables: _Tables) -> Pixels:
    skin = np.minimum(1, 1.7 * _skin(strip))[..., None] * np.float32(look.keeps_skin)
    mixed = _mixed(strip, look, skin) if look.mixer else strip
    toned = tables.tone[mixed]
    luma = toned @ _LUMA
    colour = toned - luma[..., None]
    strength = np.abs(colour).max(axis=2)
    saturation = look.saturation + look.vibrance * np.clip(1 - strength / 0.35, 0, 1)
    saturation = saturation + np.maximum(0, _LEAST_SKIN_SATURATION - saturation) * skin[..., 0]
    tint = tables.tint[(np.clip(luma, 0, 1) * 255).astype(np.uint8), 0]
    # On skin only the part of the tint along the skin's own colour is left: more or less of it, but no other hue.
    along = (tint * colour).sum(axis=2) / np.maximum((colour * colour).sum(axis=2), 1e-4)
    tint = tint + skin * (colour * np.clip(along, -0.4, 0.8)[..., None] - tint)
    result = luma[..., None] + colour * saturation[..., None] + tint
    return pixels(np.clip(result * 255 + 0.5, 0, 255).astype(np.uint8))


def _mixed(strip: Pixels, look: Look, skin: NDArray[np.float32]) -> Pixels:
    """The channels mixed anew, but for skin."""
    assert look.mixer is not None
    matrix = np.array([row[::-1] for row in look.mixer[::-1]], np.float64)
    mixed = cv2.transform(strip, matrix).astype(np.float32)
    return pixels((mixed + (strip - mixed) * skin + 0.5).astype(np.uint8))


def _skin(strip: Pixels) -> NDArray[np.float32]:
    """How skin-like each pixel is, 0 to 1: nearness to the skin locus in Cb and Cr, which holds for all complexions."""
    chroma = cv2.cvtColor(strip, cv2.COLOR_BGR2YCrCb)[..., 1:].astype(np.float32)
    red, blue = chroma[..., 0] - 152, chroma[..., 1] - 108
    likeness: NDArray[np.float32] = np.exp(-(red * red) / (2 * 9.0**2) - (blue * blue) / (2 * 11.0**2))
    return likeness
