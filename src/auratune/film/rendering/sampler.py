"""Draws what a window shows: each pixel of a frame is read from the plate at a real-valued place.

Places follow the pixel grid exactly: pixel k covers k to k + 1 and its centre is k + 0.5. Chroma samples lie between
two rows and on the left luma column of each pair, as H.264 takes for granted when nothing else is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from auratune.film.pixels import Pixels
from auratune.film.rendering.plates import Plate, SubjectPlate
from auratune.film.viewport import Window

_BORDER = cv2.BORDER_REFLECT_101


@dataclass(frozen=True, slots=True)
class Axis:
    """Places along one axis: pixel `i` of the frame is read at `start + i * step` of the plate."""

    start: float
    step: float

    def beginning_at(self, pixel: int) -> Axis:
        """The same places for a frame that begins at this pixel."""
        return Axis(self.start + pixel * self.step, self.step)


@dataclass(frozen=True, slots=True)
class SampleGrid:
    """Where the pixels of a frame are read: luma and chroma, across and down."""

    y_across: Axis
    y_down: Axis
    uv_across: Axis
    uv_down: Axis


@dataclass(frozen=True, slots=True)
class PostArrays:
    """Luma becomes `(y - 16) * gain * (shade + 1) / 256 + grain + offset`; the arrays are (height, width)."""

    shade: Pixels
    grain: Pixels
    gain: float
    offset: float
    chroma_gain: float


def grid_of(plate: Plate, window: Window, film: tuple[int, int]) -> SampleGrid:
    """The places for a window of the still in a film of (width, height)."""
    x_step, y_step = window.width / film[0], window.height / film[1]
    left, top = window.left - plate.left, window.top - plate.top
    return SampleGrid(
        Axis((left + 0.5 * x_step) * plate.scale_x - 0.5, x_step * plate.scale_x),
        Axis((top + 0.5 * y_step) * plate.scale_y - 0.5, y_step * plate.scale_y),
        Axis((left + 0.5 * x_step) * plate.uv_scale_x - 0.5, 2 * x_step * plate.uv_scale_x),
        Axis((top + y_step) * plate.uv_scale_y - 0.5, 2 * y_step * plate.uv_scale_y),
    )


class PlaneDrawer(Protocol):
    """What the compiled kernel does."""

    def draw(
        self,
        plate: tuple[Pixels, Pixels],
        grid: SampleGrid,
        target: tuple[Pixels, Pixels],
        arrays: PostArrays | None,
    ) -> None:
        """Draw luma and chroma of a plate into those of a frame, at the grid's places; arrays post-process the luma."""
        ...


class Sampler:
    """Draws frames with the compiled kernel where there is one, and with OpenCV where there is not.

    Both agree within 4 levels.
    """

    def __init__(self, kernel: PlaneDrawer | None) -> None:
        self._kernel = kernel

    def draw(
        self,
        plate: Plate,
        grid: SampleGrid,
        y: Pixels,
        uv: Pixels,
        arrays: PostArrays | None = None,
    ) -> None:
        """Draw a frame's luma (height, width) and interleaved chroma (half as high and wide, 2) into the arrays.

        With arrays, the frame is post-processed as well.
        """
        if self._kernel:
            self._kernel.draw((plate.y, plate.uv), grid, (y, uv), arrays)
            if arrays:
                apply_post_to_chroma(uv, arrays)
            return
        _warp(plate.y, grid.y_across, grid.y_down, y)
        _warp(plate.uv, grid.uv_across, grid.uv_down, uv)
        if arrays:
            apply_post_to_luma(y, arrays)
            apply_post_to_chroma(uv, arrays)


def draw_subject(subject: SubjectPlate, window: Window, y: Pixels, uv: Pixels, gain: float = 1.0) -> None:
    """Lay a subject over a frame's luma and chroma, in place; only the rectangle that it fills is touched.

    `gain` below 1 darkens it towards a silhouette.
    """
    height, width = y.shape
    plate = subject.plate
    across, down = width / window.width, height / window.height
    left, right = (plate.left - window.left) * across, (plate.left - window.left + plate.width) * across
    top, bottom = (plate.top - window.top) * down, (plate.top - window.top + plate.height) * down
    # Even pixels, so that luma and chroma cover the same place; where the photo ends the subject is mirrored on.
    x0, x1 = _even_span(left - subject.beyond_left * width, right + subject.beyond_right * width, width)
    y0, y1 = _even_span(top, bottom + subject.beyond_bottom * height, height)
    if x0 >= x1 or y0 >= y1:
        return
    grid = grid_of(plate, window, (width, height))
    axes = grid.y_across.beginning_at(x0), grid.y_down.beginning_at(y0)
    uv_axes = grid.uv_across.beginning_at(x0 // 2), grid.uv_down.beginning_at(y0 // 2)
    black = 16 * (1 - gain)
    _lay(subject.plate.y, subject.alpha, axes, y[y0:y1, x0:x1], gain, black)
    spot = uv[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2]
    _lay(subject.plate.uv, subject.uv_alpha, uv_axes, spot, gain, 128 * (1 - gain))


def _lay(plate: Pixels, alpha: Pixels, axes: tuple[Axis, Axis], spot: Pixels, gain: float, offset: float) -> None:
    """Porter and Duff's over; the plate is multiplied by its alpha beforehand."""
    ink, cover = np.empty(spot.shape, np.uint8), np.empty(spot.shape, np.uint8)
    _warp(plate, *axes, ink)
    _warp(alpha, *axes, cover)
    if gain < 1.0:
        cv2.addWeighted(ink, gain, cover, offset / 255, 0, ink)
    uncovered = cv2.bitwise_not(cover)
    spot[:] = cv2.add(cv2.multiply(spot, uncovered, scale=1 / 255), ink)


def _even_span(low: float, high: float, most: int) -> tuple[int, int]:
    return max(0, math.floor(low / 2) * 2), min(most, math.ceil(high / 2) * 2)


def _warp(source: Pixels, across: Axis, down: Axis, target: Pixels) -> None:
    matrix = np.array([[across.step, 0.0, across.start], [0.0, down.step, down.start]])
    size = target.shape[1], target.shape[0]
    cv2.warpAffine(source, matrix, size, target, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=_BORDER)


def apply_post(y: Pixels, uv: Pixels, arrays: PostArrays) -> None:
    """Post-process a frame in place."""
    apply_post_to_luma(y, arrays)
    apply_post_to_chroma(uv, arrays)


def apply_post_to_luma(y: Pixels, arrays: PostArrays) -> None:
    """Post-process luma in place."""
    cv2.multiply(y, arrays.shade, y, scale=arrays.gain / 255)
    # Black stays black under the shade: what it took off 16 is given back along with the constant part.
    black = 16 * arrays.gain
    cv2.addWeighted(arrays.shade, -black / 255, y, 1.0, arrays.offset, y)
    cv2.add(y, arrays.grain, y)


def apply_post_to_chroma(uv: Pixels, arrays: PostArrays) -> None:
    """Post-process chroma in place: it fades with the light, about grey."""
    if arrays.chroma_gain != 1.0:
        cv2.convertScaleAbs(uv, uv, arrays.chroma_gain, 128 * (1 - arrays.chroma_gain))
