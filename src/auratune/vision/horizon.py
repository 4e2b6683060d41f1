"""How far a photo is tilted, by its straight lines, and the straightened photo.

Lines that are nearly level vote for a tilt, and lines that are nearly upright vote too; upright lines may lean
together in proportion to their place, as they do when the camera looks up or down. Where water is seen, its far edge
counts as one level line, however much is built on the shore.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.core.geometry import Box
from auratune.vision import image_ops
from auratune.vision.shoreline import shoreline_of
from auratune.vision.straightening import straightened_box, straightened_size
from auratune.vision.surroundings import surroundings_of

LARGEST_TILT = 8.0
SMALLEST_TILT = 0.4
"""Degrees; less is left alone."""
_SEARCHED_EDGE_PX = 900
_LEAST_LENGTH = 0.05
"""Of the long edge."""
_WIDTH = 0.4
"""Degrees within which lines agree."""
_STEP = 0.1
_LEANS = np.linspace(-16.0, 16.0, 33)
"""Degrees by which upright lines differ between the left edge and the right."""
_LEAST_VOTES, _LEAST_HORIZON = 1.0, 0.3
"""Summed length of the agreeing lines, in long edges; and the length of one level line that is enough by itself."""
_CLEAR = 1.5
"""How many times more votes the best tilt has than any other that differs by over two degrees."""
_LARGEST_FACE = 0.2
"""A face this wide makes a portrait, which is left as it was taken."""
_cv: Any = cv2


def tilt_of(picture: NDArray[np.uint8], faces: tuple[Box, ...] = ()) -> float:
    """Degrees by which an RGB picture must be turned clockwise to be level; 0.0 where the evidence is not clear."""
    if any(max(face.width, face.height) > _LARGEST_FACE for face in faces):
        return 0.0
    small = _cv.GaussianBlur(image_ops.grey(image_ops.shrink(picture, _SEARCHED_EDGE_PX)), (0, 0), 1.2)
    level, upright = _lines(small)
    shore = shoreline_of(small, LARGEST_TILT) if surroundings_of(picture).water else None
    if shore:
        level = np.vstack([level, (shore.degrees, shore.covered * small.shape[1] / max(small.shape), 0.0)])
    tilts = np.arange(-LARGEST_TILT - 3, LARGEST_TILT + 3 + 1e-9, _STEP)
    votes = _votes(level[:, 0], level[:, 1], tilts)
    if len(upright):
        leaning = np.stack([_votes(upright[:, 0] - lean * upright[:, 2], upright[:, 1], tilts) for lean in _LEANS])
        # A strong lean is less likely than none.
        votes = votes + (leaning * np.exp(-((_LEANS[:, None] / 14.0) ** 2))).max(axis=0)
    best = int(votes.argmax())
    tilt = float(tilts[best])
    others = votes[np.abs(tilts - tilt) > 2.0]
    horizon = level[np.abs(level[:, 0] - tilt) < _WIDTH, 1].max(initial=0.0)
    if (votes[best] < _LEAST_VOTES and horizon < _LEAST_HORIZON) or votes[best] < _CLEAR * float(others.max()):
        return 0.0
    if not SMALLEST_TILT <= abs(tilt) <= LARGEST_TILT + 0.5:
        return 0.0
    turned = -round(tilt, 1)
    height, width = picture.shape[:2]
    kept = [straightened_box(face, turned, width, height) for face in faces]
    return turned if all(_inside(box) for box in kept) else 0.0


def _lines(grey: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Level and upright segments as rows of (degrees off, length in long edges, place across -0.5 to 0.5)."""
    found = _cv.createLineSegmentDetector().detect(grey)[0]
    edge, width = max(grey.shape), grey.shape[1]
    segments = np.zeros((0, 4)) if found is None else found.reshape(-1, 4).astype(np.float64)
    dx, dy = segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]
    length = np.hypot(dx, dy) / edge
    angle = np.degrees(np.arctan2(dy, dx))
    level_off = (angle + 90) % 180 - 90
    upright_off = angle % 180 - 90
    place = (segments[:, 0] + segments[:, 2]) / 2 / width - 0.5
    rows = np.stack([level_off, length, place], axis=1)
    reach = LARGEST_TILT + 4
    level = rows[(np.abs(level_off) < reach) & (length > _LEAST_LENGTH)]
    rows[:, 0] = upright_off
    return level, rows[(np.abs(upright_off) < reach + 6) & (length > _LEAST_LENGTH)]


def _votes(
    angles: NDArray[np.float64], lengths: NDArray[np.float64], tilts: NDArray[np.float64]
) -> NDArray[np.float64]:
    near = np.exp(-(((angles[None, :] - tilts[:, None]) / _WIDTH) ** 2))
    summed: NDArray[np.float64] = near @ lengths
    return summed


def straightened(picture: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """The picture turned clockwise by `degrees` and cropped so that no empty corner shows."""
    if degrees == 0:
        return picture
    height, width = picture.shape[:2]
    size = straightened_size(width, height, degrees)
    matrix = _cv.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), -degrees, 1.0)
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return np.asarray(
        _cv.warpAffine(picture, matrix, size, flags=_cv.INTER_CUBIC, borderMode=_cv.BORDER_REPLICATE), np.uint8
    )


def _inside(box: Box) -> bool:
    return box.left >= 0 and box.top >= 0 and box.right <= 1 and box.bottom <= 1
