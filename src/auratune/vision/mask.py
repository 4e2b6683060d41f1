"""The outline of the main subject by U2-Net-p (Qin et al. 2020), and how far it can be trusted.

Nothing where its weights are not installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.core.geometry import Box
from auratune.vision import image_ops
from auratune.vision.weights import U2NETP, weights_path

MASK_EDGE_PX = 256
"""Measured with one thread: 0.5 CPU s and 210 MB at 256, 0.85 s and 300 MB at 320."""
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_LEAST_PEAK = 0.3
"""A raw maximum below this means "no subject": measured 0.198 on a crowded hall."""
_INSIDE = 128
_LEAST_AREA, _MOST_AREA = 0.02, 0.6
_CLEAR_EDGE, _BLURRED_EDGE = 1.5, 9.0
"""Half-transparent cells over the perimeter: 1.5-3.7 on outlines that are right, 9 and more on wrong ones."""
_EDGE_CELLS, _COMPARED_CELLS = 2, 5
_SAME_COLOUR = 8.0
"""CIE L*a*b* difference across the outline below which it follows nothing that can be seen."""
_CLEAR_SHARE, _UNCLEAR_SHARE = 0.2, 0.4
"""Of the outline without contrast: at most 0.12 on outlines that are right, 0.38 on a colonnade."""
_cv: Any = cv2


@dataclass(frozen=True, slots=True)
class Mask:
    """Where the subject is."""

    alpha: NDArray[np.uint8]
    """(256, 256), 0 background to 255 subject, stretched over the whole picture."""
    box: Box
    area: float
    """Share of the picture."""
    trust: float
    """0 (do not cut along it) to 1 (a clean outline)."""

    def part_in(self, box: Box) -> Box | None:
        """The bounds of the connected part that shares most with a box; None where the box lies outside the mask."""
        labels = _cv.connectedComponents((self.alpha >= _INSIDE).astype(np.uint8))[1]
        rows = slice(int(box.top * MASK_EDGE_PX), int(np.ceil(box.bottom * MASK_EDGE_PX)))
        columns = slice(int(box.left * MASK_EDGE_PX), int(np.ceil(box.right * MASK_EDGE_PX)))
        counts = np.bincount(labels[rows, columns].ravel())
        if len(counts) < 2 or not counts[1:].max():
            return None
        return _bounds(labels == 1 + int(counts[1:].argmax()))


def _bounds(inside: NDArray[np.bool_]) -> Box:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    sides = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return Box(*(float(side) / MASK_EDGE_PX for side in sides))


def mask_of(picture: NDArray[np.uint8]) -> Mask | None:
    """The mask of an RGB picture; None without a subject or without the weights."""
    path = weights_path(U2NETP)
    raw = _predict(path, picture) if path else None
    if raw is None or float(raw.max()) < _LEAST_PEAK:
        return None
    low, high = float(raw.min()), float(raw.max())
    alpha = _largest_parts(np.rint((raw - low) / (high - low) * 255).astype(np.uint8))
    inside = alpha >= _INSIDE
    if not inside.any():
        return None
    area = float(inside.mean())
    trust = _trust(alpha, area)
    if trust:
        faint = _share_without_contrast(picture, inside)
        trust *= min(1.0, max(0.0, (_UNCLEAR_SHARE - faint) / (_UNCLEAR_SHARE - _CLEAR_SHARE)))
    return Mask(alpha, _bounds(inside), area, round(trust, 3))


def _predict(path: str, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    net = _cv.dnn.readNetFromONNX(path)
    small = _cv.resize(picture, (MASK_EDGE_PX, MASK_EDGE_PX), interpolation=_cv.INTER_AREA).astype(np.float32)
    scaled = (small / max(1.0, float(small.max())) - np.array(_MEAN, np.float32)) / np.array(_SPREAD, np.float32)
    net.setInput(np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], np.float32))
    return np.asarray(net.forward(net.getUnconnectedOutLayersNames()[0])[0, 0], np.float32)


def _largest_parts(alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mask without specks: parts that are a tenth as large as the largest stay."""
    count, labels, stats, _ = _cv.connectedComponentsWithStats((alpha >= _INSIDE).astype(np.uint8))
    if count <= 2:
        return alpha
    areas = stats[1:, 4]
    small = np.isin(labels, 1 + np.flatnonzero(areas < 0.1 * areas.max()))
    # The soft edge of a speck goes with it.
    near = _cv.dilate(small.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    kept = (alpha >= _INSIDE) & ~small
    return np.where(near & ~kept, 0, alpha).astype(np.uint8)


def _trust(alpha: NDArray[np.uint8], area: float) -> float:
    if not _LEAST_AREA <= area <= _MOST_AREA:
        return 0.0
    contours, _ = _cv.findContours((alpha >= _INSIDE).astype(np.uint8), _cv.RETR_LIST, _cv.CHAIN_APPROX_NONE)
    perimeter = sum(len(contour) for contour in contours)
    blurred = float(((alpha > 0.15 * 255) & (alpha < 0.85 * 255)).sum()) / max(1, perimeter)
    return round(min(1.0, max(0.0, (_BLURRED_EDGE - blurred) / (_BLURRED_EDGE - _CLEAR_EDGE))), 3)


def _share_without_contrast(picture: NDArray[np.uint8], inside: NDArray[np.bool_]) -> float:
    """How much of the outline (0 to 1) has much the same colour on either side; the picture's own edges left out."""
    small = _cv.resize(picture, (MASK_EDGE_PX, MASK_EDGE_PX), interpolation=_cv.INTER_AREA)
    colours = image_ops.lab(np.asarray(small, np.uint8))
    subject, cell = inside.astype(np.uint8), np.ones((3, 3), np.uint8)
    sides = (
        _cv.erode(subject, cell, iterations=_EDGE_CELLS),
        1 - _cv.dilate(subject, cell, iterations=_EDGE_CELLS),
    )
    window = (2 * _COMPARED_CELLS + 1,) * 2
    outline = (subject - _cv.erode(subject, cell)) > 0
    outline[:_EDGE_CELLS], outline[-_EDGE_CELLS:] = False, False
    outline[:, :_EDGE_CELLS], outline[:, -_EDGE_CELLS:] = False, False
    means = []
    for side in sides:
        weight = _cv.blur(side.astype(np.float32), window)
        outline &= weight > 0.05
        means.append(_cv.blur(colours * side[..., None], window) / np.maximum(weight, 1e-3)[..., None])
    difference = np.linalg.norm(means[0] - means[1], axis=2)[outline]
    return float((difference < _SAME_COLOUR).mean()) if len(difference) else 1.0
