"""Two layers of a photo: the subject, cut out along its mask, and the background with the hole behind it filled.

The mask is refined along the photo's own edges by a guided filter (He, Sun and Tang 2010); the hole is filled at a
quarter of the size after A. Telea (2004), which is enough for the few percent that a depth move uncovers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.film.pixels import Pixels, pixels

_REFINED_EDGE_PX, _FILLED_EDGE_PX = 900, 420
_GUIDE_RADIUS, _GUIDE_EPSILON = 0.012, 1e-4
"""Of the width; and the variance below which the guide counts as flat."""
_CHOKE_FROM, _CHOKE_SPAN = 0.35, 0.5
_SPECK_SHARE = 0.003
_HOLE_MARGIN = 0.007
"""Of the width: the background keeps clear of the subject's soft edge."""
_LIFT_RADIUS = 0.03
_cv: Any = cv2


@dataclass(frozen=True, slots=True)
class Cutout:
    """The parts of a picture (height, width, 3)."""

    alpha: Pixels
    """(height, width): 0 background, 255 subject."""
    background: Pixels
    """The picture with the subject painted out."""


def refined_mask(picture: Pixels, mask: Pixels) -> Pixels:
    """The mask at the picture's size, its edge laid along the picture's own edges."""
    height, width = picture.shape[:2]
    shrink = min(1.0, _REFINED_EDGE_PX / max(height, width))
    size = max(2, round(width * shrink)), max(2, round(height * shrink))
    guide = _cv.cvtColor(_cv.resize(picture, size, interpolation=_cv.INTER_AREA), _cv.COLOR_BGR2GRAY)
    coarse = _cv.resize(mask, size, interpolation=_cv.INTER_LINEAR).astype(np.float32) / 255
    fine = _guided(guide.astype(np.float32) / 255, coarse, max(2, round(_GUIDE_RADIUS * size[0])))
    # Far from the coarse edge the guide has nothing to say.
    near = _cv.dilate(coarse, np.ones((9, 9), np.uint8))
    alpha = np.clip((np.minimum(fine, near) - _CHOKE_FROM) / _CHOKE_SPAN, 0, 1)
    alpha = _without_specks((alpha * 255).astype(np.uint8))
    return pixels(_cv.resize(alpha, (width, height), interpolation=_cv.INTER_LINEAR))


def cut_out(picture: Pixels, alpha: Pixels) -> Cutout:
    """Both layers of a picture along a refined mask."""
    height, width = picture.shape[:2]
    shrink = min(1.0, _FILLED_EDGE_PX / max(height, width))
    size = max(2, round(width * shrink)), max(2, round(height * shrink))
    small = _cv.resize(picture, size, interpolation=_cv.INTER_AREA)
    reach = 2 * max(1, round(_HOLE_MARGIN * size[0])) + 1
    hole = _cv.dilate(_cv.resize(alpha, size, interpolation=_cv.INTER_AREA), np.ones((reach, reach), np.uint8)) > 20
    filled = _cv.GaussianBlur(_cv.inpaint(small, hole.astype(np.uint8), 4, _cv.INPAINT_TELEA), (0, 0), 1.2)
    edge = _cv.GaussianBlur(_cv.resize(hole.astype(np.uint8) * 255, (width, height)), (0, 0), 1.0 + 0.001 * width)
    share = edge[..., None].astype(np.uint16)
    wide = _cv.resize(filled, (width, height), interpolation=_cv.INTER_CUBIC)
    background = ((picture * (255 - share) + wide * share + 127) // 255).astype(np.uint8)
    return Cutout(alpha, background)


def lifted(picture: Pixels, alpha: Pixels, amount: float) -> Pixels:
    """The picture with its subject brightened; `amount` (0 to 1) opens a face in the shade by about two stops.

    The edge is soft, wider than the mask's own, so that no halo shows; white stays white.
    """
    soft = _cv.GaussianBlur(alpha, (0, 0), max(1.0, _LIFT_RADIUS * picture.shape[1] / 3)).astype(np.float32) / 255
    soft *= np.float32(amount)
    tone = np.linspace(0, 1, 256, dtype=np.float32)
    opened = 1 - (1 - tone) ** 2.4
    table = np.clip((0.2 * tone + 0.8 * opened * (1 - 0.15 * (1 - tone))) * 255, 0, 255).astype(np.uint8)
    bright = table[picture]
    return pixels(picture + (bright.astype(np.float32) - picture) * soft[..., None] + 0.5)


def _guided(guide: NDArray[np.float32], mask: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    window = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean_mask = _cv.blur(guide, window), _cv.blur(mask, window)
    covariance = _cv.blur(guide * mask, window) - mean_guide * mean_mask
    variance = _cv.blur(guide * guide, window) - mean_guide * mean_guide
    slope = covariance / (variance + _GUIDE_EPSILON)
    offset = mean_mask - slope * mean_guide
    return np.asarray(_cv.blur(slope, window) * guide + _cv.blur(offset, window), np.float32)


def _without_specks(alpha: Pixels) -> Pixels:
    count, labels, stats, _ = _cv.connectedComponentsWithStats((alpha > 40).astype(np.uint8))
    specks = [part for part in range(1, count) if stats[part, 4] < _SPECK_SHARE * alpha.size]
    return pixels(np.where(np.isin(labels, specks), 0, alpha)) if specks else alpha
