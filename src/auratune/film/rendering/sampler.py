"""Draws what a window shows: each pixel of a frame is read from the plate at a real-valued place.

Places follow the pixel grid exactly: pixel k covers k to k + 1 and its centre is k + 0.5. Chroma samples lie between
two rows and on the left luma column of each pair, as H.264 takes for granted when nothing else is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.core.geometry import Box
from auratune.film.pixels import Pixels
from auratune.film.rendering.plates import Plate
from auratune.film.viewport import Window

Floats = NDArray[np.float32]

_BORDER = cv2.BORDER_REFLECT_101
_NEARNESS_REACH = 0.6
"""How far a hill reaches out on either side of its top, in lengths of the top."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Places along one axis: pixel `i` of the frame is read at `start + i * step` of the plate."""

    start: float
    step: float

    def at(self, count: int) -> Floats:
        """The places of the first `count` pixels."""
        return (self.start + self.step * np.arange(count, dtype=np.float64)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SampleGrid:
    """Where the pixels of a frame are read: luma and chroma, across and down."""

    y_across: Axis
    y_down: Axis
    uv_across: Axis
    uv_down: Axis


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
class PostArrays:
    """How luma is finished: `(y - 16) * gain * (shade + 1) / 256 + grain + offset`; the arrays are (height, width)."""

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


def parallax_map(
    plate: Plate, grid: SampleGrid, near: Box, still: tuple[int, int], slide: float, film: tuple[int, int]
) -> ParallaxMap:
    """Hills over what is near, a box in fractions of a still of (width, height), slid by pixels of the still."""
    width, height = still

    def across(line: Axis, scale: float, count: int) -> Floats:
        return _nearness((line.at(count) + 0.5) / scale + plate.left, near.left * width, near.right * width)

    def down(line: Axis, scale: float, count: int) -> Floats:
        return _nearness((line.at(count) + 0.5) / scale + plate.top, near.top * height, near.bottom * height)

    return ParallaxMap(
        across(grid.y_across, plate.scale_x, film[0]),
        down(grid.y_down, plate.scale_y, film[1]),
        slide * plate.scale_x,
        across(grid.uv_across, plate.uv_scale_x, film[0] // 2),
        down(grid.uv_down, plate.uv_scale_y, film[1] // 2),
        slide * plate.uv_scale_x,
    )


def _nearness(places: Floats, low: float, high: float) -> Floats:
    reach = max(1.0, _NEARNESS_REACH * (high - low))
    outside = np.maximum(low - places, places - high) / reach
    t = np.clip(1 - np.maximum(outside, 0), 0, 1)
    return np.ascontiguousarray(t * t * (3 - 2 * t), np.float32)


class PlaneDrawer(Protocol):
    """What the compiled kernel does."""

    def draw(
        self,
        plate: tuple[Pixels, Pixels],
        grid: SampleGrid,
        parallax: ParallaxMap | None,
        target: tuple[Pixels, Pixels],
        arrays: PostArrays | None,
    ) -> None:
        """Draw luma and chroma of a plate into those of a frame, at the grid's places; a arrays finishes the luma."""
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
        parallax: ParallaxMap | None = None,
        arrays: PostArrays | None = None,
    ) -> None:
        """Draw a frame's luma (height, width) and interleaved chroma (half as high and wide, 2) into the arrays.

        With a arrays, the frame is finished as well.
        """
        if self._kernel:
            self._kernel.draw((plate.y, plate.uv), grid, parallax, (y, uv), arrays)
            if arrays:
                apply_post_to_chroma(uv, arrays)
            return
        if parallax:
            _remap(plate.y, grid.y_across, grid.y_down, parallax.y_across, parallax.y_down, parallax.y_slide, y)
            _remap(plate.uv, grid.uv_across, grid.uv_down, parallax.uv_across, parallax.uv_down, parallax.uv_slide, uv)
        else:
            _warp(plate.y, grid.y_across, grid.y_down, y)
            _warp(plate.uv, grid.uv_across, grid.uv_down, uv)
        if arrays:
            apply_post_to_luma(y, arrays)
            apply_post_to_chroma(uv, arrays)


def _warp(source: Pixels, across: Axis, down: Axis, target: Pixels) -> None:
    matrix = np.array([[across.step, 0.0, across.start], [0.0, down.step, down.start]])
    size = target.shape[1], target.shape[0]
    cv2.warpAffine(source, matrix, size, target, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=_BORDER)


def _remap(
    source: Pixels, across: Axis, down: Axis, columns: Floats, rows: Floats, slide: float, target: Pixels
) -> None:
    x_places = np.outer(rows, -slide * columns)
    x_places += across.at(target.shape[1])
    y_places = np.repeat(down.at(target.shape[0])[:, None], target.shape[1], axis=1)
    cv2.remap(source, x_places, y_places, cv2.INTER_LINEAR, target, borderMode=_BORDER)


def apply_post_to_luma(y: Pixels, arrays: PostArrays) -> None:
    """Finish luma in place."""
    cv2.multiply(y, arrays.shade, y, scale=arrays.gain / 255)
    # Black stays black under the shade: what it took off 16 is given back along with the constant part.
    black = 16 * arrays.gain
    cv2.addWeighted(arrays.shade, -black / 255, y, 1.0, arrays.offset, y)
    cv2.add(y, arrays.grain, y)


def apply_post_to_chroma(uv: Pixels, arrays: PostArrays) -> None:
    """Finish chroma in place: it fades with the light, about grey."""
    if arrays.chroma_gain != 1.0:
        cv2.convertScaleAbs(uv, uv, arrays.chroma_gain, 128 * (1 - arrays.chroma_gain))
