"""Faces by YuNet (Wu et al. 2023), with landmarks; nothing where its weights are not installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.core.geometry import Box
from auratune.vision import image_ops
from auratune.vision.weights import YUNET, weights_path

_EDGES_PX = (1440, 480)
"""Long edges of the searched picture: YuNet finds faces of about 10 to 300 pixels, so a portrait needs the second."""
_LEAST_SCORES = (0.8, 0.9)
"""Measured on glasses photos at 1440 px: every hit above 0.8 is a head."""
_SAME_FACE = 0.3
_SMALLEST_SHARE = 0.012
"""Smaller faces, as a share of the long edge, are passers-by whom nobody sees."""
MOST_FACES = 40
"""So that a picture of a stadium is planned in time."""
_cv: Any = cv2


@dataclass(frozen=True, slots=True)
class Face:
    """A face: its box in fractions of the picture, the detector's score, and where it looks."""

    box: Box
    score: float
    gaze: float
    """-1 (to the left edge of the picture) over 0 (at the camera) to 1 (to the right), by nose and eyes."""


def faces_in(picture: NDArray[np.uint8]) -> tuple[Face, ...] | None:
    """Faces of an RGB picture, largest first; None without the weights."""
    path = weights_path(YUNET)
    if path is None:
        return None
    found: list[Face] = []
    for edge_px, least in zip(_EDGES_PX, _LEAST_SCORES, strict=True):
        small = np.ascontiguousarray(image_ops.shrink(picture, edge_px)[..., ::-1])
        found += [
            face
            for face in _detect(path, small, least)
            if all(face.box.likeness(other.box) < _SAME_FACE for other in found)
        ]
    return tuple(sorted(found, key=lambda face: -face.box.area)[:MOST_FACES])


def _detect(path: str, picture: NDArray[np.uint8], least: float) -> list[Face]:
    height, width = picture.shape[:2]
    detector = _cv.FaceDetectorYN.create(path, "", (width, height), score_threshold=least, nms_threshold=0.3)
    rows = detector.detect(picture)[1]
    faces = [_face(row, width, height) for row in (rows if rows is not None else ())]
    smallest = _SMALLEST_SHARE * max(width, height)
    return [face for face in faces if min(face.box.width * width, face.box.height * height) >= smallest]


def _face(row: NDArray[np.float32], width: int, height: int) -> Face:
    """A row of YuNet: box, then right eye, left eye, nose, mouth corners as (x, y), then the score; in pixels."""
    left, top, across, down = (float(value) for value in row[:4])
    box = Box(left / width, top / height, (left + across) / width, (top + down) / height).clipped()
    eyes_x, nose_x, eye_distance = float(row[4] + row[6]) / 2, float(row[8]), abs(float(row[6] - row[4]))
    gaze = (nose_x - eyes_x) / max(eye_distance, 0.12 * across)
    return Face(box, float(row[14]), min(1.0, max(-1.0, 1.6 * gaze)))
