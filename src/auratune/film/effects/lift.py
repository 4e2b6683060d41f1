"""Lift: more exposure for a dark photo, applied to the photo once, with its noise held down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from auratune.film.effects.base import FilmEffect
from auratune.film.pixels import Pixels

_MOST_GAIN = 8.0
_STRIP_PX, _MARGIN_PX = 256, 12
_SMOOTHED_PX = 9
_NOISE_SIGMAS = 2.5
_LEAST_SIGMA = 0.6
"""In levels of 255: rounding alone makes that much."""
_COLOUR_BLUR_PX = 4.0


@dataclass(frozen=True, slots=True)
class Lift(FilmEffect):
    """`gain` (1 to 8) is how much brighter the deepest shadows become; white stays white."""

    gain: float = 1.0

    def on_source(self, picture: Pixels) -> Pixels:
        """The photo along the curve 1 - (1 - x) ** gain of its luma, smoothed where there is nothing but noise."""
        gain = min(_MOST_GAIN, max(1.0, self.gain))
        if gain < 1.01:
            return picture
        lifted = np.empty_like(picture)
        for top in range(0, picture.shape[0], _STRIP_PX):
            above = min(_MARGIN_PX, top)
            strip = picture[top - above : top + _STRIP_PX + _MARGIN_PX]
            rows = min(_STRIP_PX, picture.shape[0] - top)
            lifted[top : top + rows] = _lifted(strip, gain)[above : above + rows]
        return lifted


def _lifted(picture: Pixels, gain: float) -> Pixels:
    planes = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2YCrCb)
    sigma = max(_LEAST_SIGMA / 255, _noise_of(planes[..., 0]))
    # The noise is measured before the lift, which makes all of it larger.
    luma = cv2.bilateralFilter(np.ascontiguousarray(planes[..., 0]), _SMOOTHED_PX, _NOISE_SIGMAS * sigma, 3.0)
    colour = cv2.GaussianBlur(planes[..., 1:], (0, 0), _COLOUR_BLUR_PX) - 0.5
    bright = 1 - (1 - luma.clip(0, 1)) ** gain
    # Colour grows with the light but a little less: much of the colour of the dark is noise.
    growth = (bright / np.maximum(luma, 1 / 255)) ** 0.85
    merged = np.dstack([bright, colour * growth[..., None] + 0.5]).astype(np.float32)
    back = cv2.cvtColor(merged, cv2.COLOR_YCrCb2BGR)
    return np.asarray(np.clip(back * 255 + 0.5, 0, 255), np.uint8)


def _noise_of(luma: npt.NDArray[Any]) -> float:
    """Standard deviation of the noise, by the median of second differences: edges are few (Immerkaer 1996)."""
    second = luma[:, :-2] - 2 * luma[:, 1:-1] + luma[:, 2:]
    return float(np.median(np.abs(second)) / 0.6745 / 6**0.5)
