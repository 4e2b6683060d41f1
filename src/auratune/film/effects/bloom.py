"""Bloom: a soft glow around highlights, applied to the photo once."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from auratune.film.effects.base import FilmEffect
from auratune.film.pixels import Pixels, pixels

_SMALL_PX = 480
_STRIP_PX = 256
"""Rows done at once, so that a large photo is not held four times."""
_RADIUS = 0.02
"""Of the picture's longer edge."""
_KNEE = 0.72
"""Only what is brighter than this share of white glows."""


@dataclass(frozen=True, slots=True)
class Bloom(FilmEffect):
    """`amount` is the strength of the glow, 0 to 1."""

    amount: float = 0.25

    def on_source(self, picture: Pixels) -> Pixels:
        """Screens the blurred highlights over the picture, so white stays white and nothing clips."""
        amount = min(1.0, max(0.0, self.amount))
        if amount == 0:
            return picture
        height, width = picture.shape[:2]
        shrink = min(1.0, _SMALL_PX / max(height, width))
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        brightest = small.max(axis=2, keepdims=True)
        glow = small * np.clip((brightest - _KNEE) / (1 - _KNEE), 0, 1) ** 2
        glow = cv2.GaussianBlur(glow, (0, 0), max(0.5, _RADIUS * max(size)))
        wide = pixels(cv2.resize(np.clip(glow * amount * 255, 0, 255).astype(np.uint8), (width, height)))
        for top in range(0, height, _STRIP_PX):
            strip, glow_strip = picture[top : top + _STRIP_PX], wide[top : top + _STRIP_PX]
            screened = cv2.multiply(glow_strip, cv2.bitwise_not(strip), scale=1 / 255)
            wide[top : top + _STRIP_PX] = cv2.add(strip, screened)
        return wide
