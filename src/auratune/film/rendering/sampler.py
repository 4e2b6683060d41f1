"""Draws what a window shows: each pixel of a frame is read from the plate at a real-valued place.

Places follow the pixel grid exactly: pixel k covers k to k + 1 and its centre is k + 0.5. Chroma samples lie between
two rows and on the left luma column of each pair, as H.264 takes for granted when nothing else is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.core.geometry import Box
    from auratune.film.pixels import Pixels
    from auratune.film.rendering.plates import Plate
    from auratune.film.viewport import Window

    Floats = NDArray[np.float32]

_BORDER = cv2.BORDER_REFLECT_101
_HILL_REACH = 0.6
"""How far a hill reaches out on either side of its top, in lengths of the top."""


@dataclass(frozen=True, slots=True)
class Line:
    """Places along one axis: pixel `i` of the frame is read at `start + i * step` of the plate."""

    start: float
    step: float

    def at(self, count: int) -> Floats:
        """The places of the first `count` pixels."""
        return (self.start + self.step * np.arange(count, dtype=np.float64)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the pixels of a frame are read: luma and chroma, across and down."""

    y_across: Line
    y_down: Line
    uv_across: Line
    uv_down: Line


@dataclass(frozen=True, slots=True)
class ParallaxMap:
    """What is near slides sideways against the rest: each pixel by the slide times its column's and row's height.

    Slides are in pixels of the plate; heights are 0 (far) to 1 (near) and fall off smoothly, so nothing tears.
    """

    y_across: Floats
    y_down: Floats
    y_slide: float
    uv_across: Floats
    uv_down: Floats
    uv_slide: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """How luma is finished: `(y - 16) * gain * (shade + 1) / 256 + grain + offset`; the arrays are (height, width)."""

    shade: Pixels
    grain: Pixels
    gain: float
    offset: float
    chroma_gain: float


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


def hills_of(
    plate: Plate, grid: Grid, near: Box, still: tuple[int, int], slide: float, film: tuple[int, int]
) -> ParallaxMap:
    """Hills over what is near, a box in fractions of a still of (width, height), slid by pixels of the still."""
    width, height = still

    def across(line: Line, scale: float, count: int) -> Floats:
        return _hill((line.at(count) + 0.5) / scale + plate.left, near.left * width, near.right * width)

    def down(line: Line, scale: float, count: int) -> Floats:
        return _hill((line.at(count) + 0.5) / scale + plate.top, near.top * height, near.bottom * height)

    return ParallaxMap(
        across(grid.y_across, plate.scale_x, film[0]),
        down(grid.y_down, plate.scale_y, film[1]),
        slide * plate.scale_x,
        across(grid.uv_across, plate.uv_scale_x, film[0] // 2),
        down(grid.uv_down, plate.uv_scale_y, film[1] // 2),
        slide * plate.uv_scale_x,
    )


def _hill(places: Floats, low: float, high: float) -> Floats:
    reach = max(1.0, _HILL_REACH * (high - low))
    outside = np.maximum(low - places, places - high) / reach
    t = np.clip(1 - np.maximum(outside, 0), 0, 1)
    return np.ascontiguousarray(t * t * (3 - 2 * t), np.float32)


class PlaneDrawer(Protocol):
    """What the compiled kernel does."""

    def draw(
        self,
        plate: tuple[Pixels, Pixels],
        grid: Grid,
        hills: ParallaxMap | None,
        target: tuple[Pixels, Pixels],
        recipe: Recipe | None,
    ) -> None:
        """Draw luma and chroma of a plate into those of a frame, at the grid's places; a recipe finishes the luma."""
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
        grid: Grid,
        y: Pixels,
        uv: Pixels,
        hills: ParallaxMap | None = None,
        recipe: Recipe | None = None,
    ) -> None:
        """Draw a frame's luma (height, width) and interleaved chroma (half as high and wide, 2) into the arrays.

        With a recipe, the frame is finished as well.
        """
        if self._kernel:
            self._kernel.draw((plate.y, plate.uv), grid, hills, (y, uv), recipe)
            if recipe:
                finish_chroma(uv, recipe)
            return
        if hills:
            _remap(plate.y, grid.y_across, grid.y_down, hills.y_across, hills.y_down, hills.y_slide, y)
            _remap(plate.uv, grid.uv_across, grid.uv_down, hills.uv_across, hills.uv_down, hills.uv_slide, uv)
        else:
            _warp(plate.y, grid.y_across, grid.y_down, y)
            _warp(plate.uv, grid.uv_across, grid.uv_down, uv)
        if recipe:
            finish_luma(y, recipe)
            finish_chroma(uv, recipe)


def _warp(source: Pixels, across: Line, down: Line, target: Pixels) -> None:
    matrix = np.array([[across.step, 0.0, across.start], [0.0, down.step, down.start]])
    size = target.shape[1], target.shape[0]
    cv2.warpAffine(source, matrix, size, target, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=_BORDER)


def _remap(
    source: Pixels, across: Line, down: Line, columns: Floats, rows: Floats, slide: float, target: Pixels
) -> None:
    x_places = np.outer(rows, -slide * columns)
    x_places += across.at(target.shape[1])
    y_places = np.repeat(down.at(target.shape[0])[:, None], target.shape[1], axis=1)
    cv2.remap(source, x_places, y_places, cv2.INTER_LINEAR, target, borderMode=_BORDER)


def finish_luma(y: Pixels, recipe: Recipe) -> None:
    """Finish luma in place."""
    cv2.multiply(y, recipe.shade, y, scale=recipe.gain / 255)
    # Black stays black under the shade: what it took off 16 is given back along with the constant part.
    black = 16 * recipe.gain
    cv2.addWeighted(recipe.shade, -black / 255, y, 1.0, recipe.offset, y)
    cv2.add(y, recipe.grain, y)


def finish_chroma(uv: Pixels, recipe: Recipe) -> None:
    """Finish chroma in place: it fades with the light, about grey."""
    if recipe.chroma_gain != 1.0:
        cv2.convertScaleAbs(uv, uv, recipe.chroma_gain, 128 * (1 - recipe.chroma_gain))
