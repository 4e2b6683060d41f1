"""The far edge of water in a photo: level in the world, though what stands on the shore breaks it into short pieces.

No line of it is long, so it is looked for along the whole width at once: a row, sheared by each tilt, that grows
lighter (or darker) in most columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auratune.vision import image_ops

_COLUMNS = 64
_REACH_PX = 4
"""Rows above and below an edge whose means are compared."""
_LEAST_STEP = 8.0
"""Grey levels, 0 to 255, between the two."""
_LEAST_COVERED = 0.7
"""Of the columns."""
_CALM = 0.7
"""Water has this much of the mean step that the shore has, at most."""
_STRIP = 0.06
"""Height, in fractions of the picture, of what is compared of water and shore."""
_STEP_DEGREES = 0.2
_OFF_PX = 2.0
"""How far the edge in a column may lie from the line through all of them."""


class Shoreline(NamedTuple):
    """Degrees by which the edge falls towards the right, and the share of the width in which it is seen."""

    degrees: float
    covered: float


def shoreline_of(grey: NDArray[np.uint8], most_degrees: float) -> Shoreline | None:
    """The shoreline in a grey picture of shape (height, width), tilted by up to `most_degrees`; None without one."""
    height, width = grey.shape
    columns = image_ops.resize(grey.astype(np.float32), _COLUMNS, height)
    steps = _steps(columns)
    across = (np.arange(_COLUMNS) + 0.5) / _COLUMNS * width - width / 2
    best = (0.0, 0.0, 0, 1)
    for degrees in np.arange(-most_degrees, most_degrees + 1e-9, _STEP_DEGREES):
        fall = np.tan(np.radians(degrees)) * across
        margin = int(np.abs(fall).max()) + _REACH_PX + 1
        rows = np.arange(margin, height - margin)
        if not len(rows):
            continue
        found = steps[np.round(rows[:, None] + fall).astype(int), np.arange(_COLUMNS)]
        for sign in (1, -1):
            covered = (found * sign > _LEAST_STEP).mean(axis=1)
            at = int(covered.argmax())
            if covered[at] > best[0]:
                best = (float(covered[at]), float(degrees), int(rows[at]), sign)
    covered, degrees, row, sign = best
    if covered < _LEAST_COVERED or not _is_calm_below(steps, np.tan(np.radians(degrees)) * across + row):
        return None
    return Shoreline(_refined(steps * sign, across, degrees, row), covered)


def _steps(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much lighter each place is below than above."""
    summed = np.vstack([np.zeros((1, columns.shape[1]), np.float32), columns.cumsum(axis=0)])
    rows = np.arange(_REACH_PX, len(columns) - _REACH_PX)
    steps = np.zeros_like(columns)
    steps[rows] = (summed[rows + _REACH_PX] + summed[rows - _REACH_PX] - 2 * summed[rows]) / _REACH_PX
    return steps


def _is_calm_below(steps: NDArray[np.float32], edge: NDArray[np.float64]) -> bool:
    strip = np.arange(2 * _REACH_PX, 2 * _REACH_PX + max(4, round(_STRIP * len(steps))))
    change = np.abs(steps)
    above, below = (
        change[np.clip(np.round(edge[None, :] + side * strip[:, None]).astype(int), 0, len(steps) - 1), range(_COLUMNS)]
        for side in (-1, 1)
    )
    return float(below.mean()) < _CALM * float(above.mean())


def _refined(steps: NDArray[np.float32], across: NDArray[np.float64], degrees: float, row: int) -> float:
    """The tilt of the line through the strongest steps near the edge, without the columns that are off."""
    near = np.arange(-2 * _REACH_PX, 2 * _REACH_PX + 1)
    rows = np.clip(np.round(row + np.tan(np.radians(degrees)) * across + near[:, None]).astype(int), 0, len(steps) - 1)
    found = steps[rows, np.arange(_COLUMNS)]
    places = rows[found.argmax(axis=0), np.arange(_COLUMNS)].astype(np.float64)
    used = found.max(axis=0) > _LEAST_STEP
    slope, offset = np.polyfit(across[used], places[used], 1)
    for _ in range(3):
        used &= np.abs(places - slope * across - offset) < _OFF_PX
        if used.sum() < _COLUMNS // 3:
            return degrees
        slope, offset = np.polyfit(across[used], places[used], 1)
    return float(np.degrees(np.arctan(slope)))
