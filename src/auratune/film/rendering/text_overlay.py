"""Lays words on frames: only the rectangle they fill is touched, and what can be worked out once is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.film.pixels import Pixels, pixels
from auratune.film.rendering.plates import to_yuv

_BLACK, _GREY = 16, 128
"""Luma and chroma of shade."""


class TextOverlay:
    """Rasterised words, ready to be laid on a frame at any opacity."""

    def __init__(
        self, rgba: Pixels, x_px: int, y_px: int, film: tuple[int, int], order: NDArray[np.float32] | None = None
    ) -> None:
        """Take words (height, width, 4: red, green, blue, straight alpha) with their top left corner in the film.

        What lies outside a film of (width, height) is left away.
        """
        width, height = film
        left, top = max(0, x_px) // 2 * 2, max(0, y_px) // 2 * 2
        right = min(width, -(-(x_px + rgba.shape[1]) // 2) * 2)
        bottom = min(height, -(-(y_px + rgba.shape[0]) // 2) * 2)
        self._rows, self._columns = slice(top, max(top, bottom)), slice(left, max(left, right))
        canvas = np.zeros((max(0, bottom - top), max(0, right - left), 4), np.uint8)
        self.is_empty = canvas.size == 0
        if self.is_empty:
            return
        source = rgba[max(0, top - y_px) :, max(0, left - x_px) :]
        down, over = max(0, y_px - top), max(0, x_px - left)
        source = source[: canvas.shape[0] - down, : canvas.shape[1] - over]
        canvas[down : down + source.shape[0], over : over + source.shape[1]] = source
        self.order: NDArray[np.float32] | None = None
        if order is not None:
            self.order = np.zeros(canvas.shape[:2], np.float32)
            part = order[max(0, top - y_px) :, max(0, left - x_px) :][: source.shape[0], : source.shape[1]]
            self.order[down : down + part.shape[0], over : over + part.shape[1]] = part
        self._alpha = np.ascontiguousarray(canvas[..., 3])
        yuv = to_yuv(pixels(cv2.cvtColor(canvas, cv2.COLOR_RGBA2BGR)))
        half = (canvas.shape[1] // 2, canvas.shape[0] // 2)
        small_alpha = cv2.resize(self._alpha, half, interpolation=cv2.INTER_AREA)
        self._uv_alpha = pixels(cv2.merge([small_alpha, small_alpha]))
        # What shade there is runs across the frame: it is what a row has where no letter stands.
        shade = np.repeat(self._alpha.min(axis=1, keepdims=True), canvas.shape[1], axis=1)
        small_shade = cv2.resize(shade, half, interpolation=cv2.INTER_AREA)
        self._shade, self._uv_shade = pixels(shade), pixels(cv2.merge([small_shade, small_shade]))
        self._uncovered = pixels(cv2.bitwise_not(self._alpha))
        self._uv_uncovered = pixels(cv2.bitwise_not(self._uv_alpha))
        # Colour times coverage, so that what lies under the edge of a letter does not bleed into its colour.
        self._ink = pixels(cv2.multiply(np.ascontiguousarray(yuv[..., 0]), self._alpha, scale=1 / 255))
        weighted = yuv[..., 1:].astype(np.float32) * (self._alpha[..., None] / np.float32(255))
        self._uv_ink = np.clip(cv2.resize(weighted, half, interpolation=cv2.INTER_AREA) + 0.5, 0, 255).astype(np.uint8)

    def draw(self, y: Pixels, uv: Pixels, opacity: float, shown: NDArray[np.float32] | None = None) -> None:
        """Lay the words on a frame's luma and interleaved chroma, in place; `opacity` is 0 to 1.

        `shown` tells for each pixel how much of it is there, 0 to 1; without it all of it is. The shade comes with the
        first letter, for the letters to come would leave bright holes in it.
        """
        if self.is_empty or opacity <= 0.002:
            return
        if shown is not None:
            self._draw_partly(y, uv, opacity, pixels((shown * 255).astype(np.uint8)))
            return
        spot = y[self._rows, self._columns]
        _over(spot, self._ink, self._alpha, self._uncovered, opacity)
        small = uv[self._rows.start // 2 : self._rows.stop // 2, self._columns.start // 2 : self._columns.stop // 2]
        _over(small, self._uv_ink, self._uv_alpha, self._uv_uncovered, opacity)

    def _draw_partly(self, y: Pixels, uv: Pixels, opacity: float, shown: Pixels) -> None:
        half = cv2.resize(shown, (shown.shape[1] // 2, shown.shape[0] // 2), interpolation=cv2.INTER_AREA)
        small = uv[self._rows.start // 2 : self._rows.stop // 2, self._columns.start // 2 : self._columns.stop // 2]
        begun = float(shown.max()) / 255
        for spot, ink, alpha, shade, mask, black in (
            (y[self._rows, self._columns], self._ink, self._alpha, self._shade, shown, _BLACK),
            (small, self._uv_ink, self._uv_alpha, self._uv_shade, cv2.merge([half, half]), _GREY),
        ):
            part, cover = (pixels(cv2.multiply(one, mask, scale=1 / 255)) for one in (ink, alpha))
            missing = cv2.subtract(cv2.convertScaleAbs(shade, alpha=begun), cover)
            part = pixels(cv2.add(part, cv2.convertScaleAbs(missing, alpha=black / 255)))
            cover = pixels(cv2.add(cover, missing))
            _over(spot, part, cover, pixels(cv2.bitwise_not(cover)), opacity)


def _over(spot: Pixels, ink: Pixels, alpha: Pixels, uncovered: Pixels, opacity: float) -> None:
    """Porter and Duff's over, with the ink already multiplied by its alpha, written where it is read."""
    if opacity < 1.0:
        ink = pixels(cv2.convertScaleAbs(ink, alpha=opacity))
        uncovered = pixels(cv2.bitwise_not(cv2.convertScaleAbs(alpha, alpha=opacity)))
    cv2.multiply(spot, uncovered, spot, scale=1 / 255)
    cv2.add(spot, ink, spot)
