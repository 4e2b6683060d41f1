"""Boxes around what stands out, of a size and shape that make good close-ups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auratune.core.geometry import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIZES = (0.26, 0.34, 0.44)
"""Square roots of the share of the picture that a box covers: from a close detail to a medium shot."""
_SHAPES = (0.62, 1.0, 1.6)
"""Width to height of a box, in the picture's own units (1 is a box of the picture's aspect)."""
_MARGIN = 0.03
_MOST = 5
_LEAST_SCORE = 0.10
_BEARABLY_EMPTY = 0.08
_LARGEST_SHARED = 0.12


@dataclass(frozen=True, slots=True)
class Region:
    """A box and how much it stands out from what is around it, 0 to 1."""

    box: Box
    score: float


def regions_of(
    saliency: NDArray[np.float32], emptiness: NDArray[np.float32], taken: tuple[Box, ...] = ()
) -> tuple[Region, ...]:
    """At most five boxes that hardly overlap one another or those `taken`, most striking first.

    A box is good when it is full of saliency, the ring around it is not, what it holds sits in its middle rather than
    on its rim, where a close-up would cut it, and little of it is empty. Both maps have the same shape. Boxes are tried
    at all places of a fixed lattice; the best is kept, then the best of those that leave it alone, and so on.
    """
    candidates = sorted(
        _candidates(saliency, emptiness), key=lambda region: (-region.score, region.box.top, region.box.left)
    )
    kept: list[Region] = []
    for candidate in candidates:
        if len(kept) == _MOST or candidate.score < _LEAST_SCORE:
            break
        others = [*taken, *(region.box for region in kept)]
        if all(_apart(candidate.box, other) for other in others):
            kept.append(candidate)
    return tuple(kept)


def _apart(one: Box, other: Box) -> bool:
    smaller = min(one.area, other.area)
    return smaller <= 0 or one.overlap(other) <= _LARGEST_SHARED * smaller


def _candidates(saliency: NDArray[np.float32], emptiness: NDArray[np.float32]) -> list[Region]:
    sums, empty = _sums(saliency), _sums(emptiness)
    found = []
    for size in _SIZES:
        for shape in _SHAPES:
            width, height = size * shape**0.5, size / shape**0.5
            found += _sweep(sums, empty, width, height)
    return found


def _sums(plane: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sums over all rectangles from the top left corner, so that any box is summed with four look-ups."""
    sums: NDArray[np.float64] = np.pad(plane.astype(np.float64), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    return sums


def _sweep(sums: NDArray[np.float64], empty: NDArray[np.float64], width: float, height: float) -> list[Region]:
    """Every place on the lattice for one size of box."""
    tops = np.arange(_MARGIN, 1 - _MARGIN - height + 1e-9, height / 8)
    lefts = np.arange(_MARGIN, 1 - _MARGIN - width + 1e-9, width / 8)
    if not len(tops) or not len(lefts):
        return []
    top, left = (grid.ravel() for grid in np.meshgrid(tops, lefts, indexing="ij"))
    whole = _mean(sums, left, top, width, height)
    heart = _mean(sums, left + width / 4, top + height / 4, width / 2, height / 2)
    wide = _mean(sums, left - width / 4, top - height / 4, width * 1.5, height * 1.5)
    ring = np.maximum(0.0, (wide * 2.25 - whole) / 1.25)
    # Larger boxes average more emptiness in, so a small bonus for size keeps all sizes in the race.
    score = (0.6 * whole + 0.6 * heart - 0.55 * ring) * (width * height) ** 0.15
    # A close-up of a small photo sees half of it, so emptiness beside the box will be in the picture, too.
    seen_empty = _mean(empty, left - width / 2, top - height / 2, width * 2, height * 2)
    score *= np.maximum(0.0, 1 - 2.0 * np.maximum(0.0, seen_empty - _BEARABLY_EMPTY))
    return [
        Region(Box(float(x), float(y), float(x + width), float(y + height)), float(value))
        for x, y, value in zip(left, top, score, strict=True)
    ]


def _mean(
    sums: NDArray[np.float64], left: NDArray[np.float64], top: NDArray[np.float64], width: float, height: float
) -> NDArray[np.float64]:
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    x0 = np.clip(np.round(left * columns), 0, columns).astype(int)
    x1 = np.clip(np.round((left + width) * columns), 0, columns).astype(int)
    y0 = np.clip(np.round(top * rows), 0, rows).astype(int)
    y1 = np.clip(np.round((top + height) * rows), 0, rows).astype(int)
    area = np.maximum(1, (x1 - x0) * (y1 - y0))
    means: NDArray[np.float64] = (sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]) / area
    return means
