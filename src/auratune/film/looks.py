"""The look book: what each look does to the colours of a photo.

A look is gentle by rule. Shadows are opened before anything else, curves run from black to white so that clipped
highlights stay white, tints fade out towards both ends, and colours near skin keep most of their hue.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.film.pixels import Pixels, pixels

_STRIP_PX = 128
"""Rows graded at once: floats of a whole large photo would cost hundreds of megabytes."""
_LUMA = np.array([0.0722, 0.7152, 0.2126], np.float32)
"""BT.709, for blue, green, red."""

Colour = tuple[float, float, float]
"""Red, green and blue, added at full strength; small numbers either side of 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look does."""

    lift: float = 0.0
    """Opens the shadows: added near black, fading out by the middle; black itself is kept unless `matte`."""
    matte: float = 0.0
    """Raises black itself, as faded prints do."""
    exposure: float = 0.0
    """Lightens or darkens the middle, -0.25 to 0.25; shadows and white stay."""
    contrast: float = 0.0
    """S-curve around the middle, -1 to 1."""
    saturation: float = 1.0
    vibrance: float = 0.0
    """More colour where there is little of it."""
    shadows: Colour = (0.0, 0.0, 0.0)
    middle: Colour = (0.0, 0.0, 0.0)
    highlights: Colour = (0.0, 0.0, 0.0)
    keeps_skin: float = 0.6
    """How much of a skin-like colour is left as it was, 0 to 1."""


LOOK_BOOK: dict[str, Look] = {
    "natural": Look(lift=0.035, contrast=0.08, vibrance=0.12),
    "golden": Look(
        lift=0.045,
        exposure=0.02,
        contrast=0.1,
        saturation=1.03,
        vibrance=0.08,
        shadows=(0.018, 0.002, -0.01),
        middle=(0.07, 0.014, -0.06),
        highlights=(0.044, 0.006, -0.07),
    ),
    "noir": Look(lift=0.1, contrast=0.5, saturation=0.0, shadows=(-0.003, 0.0, 0.008), keeps_skin=0.0),
    "teal-night": Look(
        lift=0.035,
        exposure=-0.16,
        contrast=0.14,
        saturation=0.88,
        shadows=(-0.045, 0.012, 0.04),
        middle=(-0.065, 0.004, 0.04),
        highlights=(0.012, 0.008, -0.01),
        keeps_skin=0.8,
    ),
    "pastel": Look(
        lift=0.07,
        matte=0.03,
        exposure=0.1,
        contrast=-0.16,
        saturation=0.84,
        vibrance=0.16,
        shadows=(0.012, 0.004, 0.03),
        middle=(0.042, 0.002, 0.02),
        highlights=(0.028, -0.006, -0.006),
    ),
    "film-print": Look(
        lift=0.06,
        matte=0.018,
        contrast=0.26,
        saturation=0.92,
        shadows=(-0.022, 0.012, 0.018),
        middle=(0.026, 0.006, -0.02),
        highlights=(0.04, 0.02, -0.045),
    ),
    "vivid": Look(lift=0.06, contrast=0.24, saturation=1.16, vibrance=0.34, keeps_skin=0.7),
}


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
    toned = tables.tone[strip]
    luma = toned @ _LUMA
    colour = toned - luma[..., None]
    strength = np.abs(colour).max(axis=2)
    saturation = look.saturation + look.vibrance * np.clip(1 - strength / 0.35, 0, 1)
    skin = _skin(strip) * look.keeps_skin if look.keeps_skin else None
    if skin is not None:
        saturation = saturation + (1.0 - saturation) * skin
    tint = tables.tint[(np.clip(luma, 0, 1) * 255).astype(np.uint8), 0]
    if skin is not None:
        tint = tint * (1 - skin)[..., None]
    result = luma[..., None] + colour * saturation[..., None] + tint
    return pixels(np.clip(result * 255 + 0.5, 0, 255).astype(np.uint8))


def _skin(strip: Pixels) -> NDArray[np.float32]:
    """How skin-like each pixel is, 0 to 1: nearness to the skin locus in Cb and Cr, which holds for all complexions."""
    chroma = cv2.cvtColor(strip, cv2.COLOR_BGR2YCrCb)[..., 1:].astype(np.float32)
    red, blue = chroma[..., 0] - 152, chroma[..., 1] - 108
    likeness: NDArray[np.float32] = np.exp(-(red * red) / (2 * 9.0**2) - (blue * blue) / (2 * 11.0**2))
    return likeness
