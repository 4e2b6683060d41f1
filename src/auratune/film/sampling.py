"""Draws what a window shows: each pixel of a frame is read from the plate at a real-valued place.

Places follow the pixel grid exactly: pixel k covers k to k + 1 and its centre is k + 0.5. Chroma samples lie between
two rows and on the left luma column of each pair, as H.264 takes for granted when nothing else is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from auratune.film.pixels import Pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.core.geometry import Box
    from auratune.film.camera import Window
    from auratune.film.planes import Plate

_FLAGS = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
_BORDER = cv2.BORDER_REFLECT_101


@dataclass(frozen=True, slots=True)
class Line:
    """Places along one axis: pixel `i` of the frame is read at `start + i * step` of the plate."""

    start: float
    step: float

    def at(self, count: int) -> NDArray[np.float32]:
        """The places of the first `count` pixels."""
        return (self.start + self.step * np.arange(count, dtype=np.float64)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the pixels of a frame are read: luma and chroma, across and down."""

    y_across: Line
    y_down: Line
    uv_across: Line
    uv_down: Line


def grid_of(plate: Plate, window: Window, film: tuple[int, int]) -> Grid:
    """The places for a window of the still in a film of (width, height)."""
    x_step, y_step = window.width / film[0], window.height / film[1]
    left, top = window.left - plate.left, window.top - plate.top
    return Grid(
        Line((left + 0.5 * x_step) * plate.scale_x - 0.5, x_step * plate.scale_x),
        Line((top + 0.5 * y_step) * plate.scale_y - 0.5, y_step * plate.scale_y),
        Line((left + 0.5 * x_step) * plate.uv_scale_x - 0.5, 2 * x_step * plate.uv_scale_x),
        Line((top + y_step) * plate.uv_scale_y - 0.5, 2 * y_step * plate.uv_scale_y),
    )


def draw(plate: Plate, grid: Grid, y: Pixels, uv: Pixels) -> None:
    """Draw a frame's luma (height, width) and interleaved chroma (half, half, 2) into the given arrays."""
    _warp(plate.y, grid.y_across, grid.y_down, y)
    _warp(plate.uv, grid.uv_across, grid.uv_down, uv)


def _warp(source: Pixels, across: Line, down: Line, target: Pixels) -> None:
    matrix = np.array([[across.step, 0.0, across.start], [0.0, down.step, down.start]])
    size = target.shape[1], target.shape[0]
    cv2.warpAffine(source, matrix, size, target, flags=_FLAGS, borderMode=_BORDER)


@dataclass(frozen=True, slots=True)
class Slide:
    """What is near slides against the rest: a soft hill over a box of the still, in its pixels."""

    left: float
    top: float
    right: float
    bottom: float
    x: float
    """How far the hill's top has slid, in pixels of the still."""
    y: float


def slide_of(box: Box, still: tuple[int, int], x: float, y: float) -> Slide:
    """The slide of a box in fractions of the still (width, height)."""
    width, height = still
    return Slide(box.left * width, box.top * height, box.right * width, box.bottom * height, x, y)


def draw_layered(plate: Plate, grid: Grid, slide: Slide, y: Pixels, uv: Pixels) -> None:
    """As `draw`, with a part of the picture slid aside; around it the picture stretches smoothly, with no seam."""
    for source, across, down, target, scale_x, scale_y in (
        (plate.y, grid.y_across, grid.y_down, y, plate.scale_x, plate.scale_y),
        (plate.uv, grid.uv_across, grid.uv_down, uv, plate.uv_scale_x, plate.uv_scale_y),
    ):
        columns, rows = across.at(target.shape[1]), down.at(target.shape[0])
        hill = np.outer(
            _hill((rows + 0.5) / scale_y + plate.top, slide.top, slide.bottom),
            _hill((columns + 0.5) / scale_x + plate.left, slide.left, slide.right),
        )
        x_places = cv2.addWeighted(hill, -slide.x * scale_x, np.broadcast_to(columns, hill.shape), 1.0, 0.0)
        y_places = cv2.addWeighted(hill, -slide.y * scale_y, np.broadcast_to(rows[:, None], hill.shape), 1.0, 0.0)
        cv2.remap(source, x_places, y_places, cv2.INTER_LINEAR, target, borderMode=_BORDER)


def _hill(places: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """1 inside low to high, falling smoothly to 0 over six tenths of the length on either side."""
    reach = max(1.0, 0.6 * (high - low))
    outside = np.maximum(low - places, places - high) / reach
    t = np.clip(1 - np.maximum(outside, 0), 0, 1)
    hill: NDArray[np.float32] = (t * t * (3 - 2 * t)).astype(np.float32)
    return hill
