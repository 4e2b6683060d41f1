"""A coarse map of where a picture is busy and where it is bright, for placing type and telling calm from crowded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.core.scene import DetailMap
from auratune.vision import image_ops

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CELLS = 192
_PIXELS_A_CELL = 24
_BUSY_GRADIENT = 24.0
_FEWEST, _MOST = 4, 48


def detail_of(picture: NDArray[np.uint8]) -> DetailMap:
    """About 192 cells, nearly square whatever the picture's aspect: 12 columns by 16 rows for a 3:4 portrait."""
    height, width = picture.shape[:2]
    columns = min(_MOST, max(_FEWEST, round((_CELLS * width / height) ** 0.5)))
    rows = min(_MOST, max(_FEWEST, round(columns * height / width)))
    small = image_ops.grey(image_ops.shrink(picture, _PIXELS_A_CELL * max(columns, rows)))
    strength = image_ops.gradient(small).clip(0, _BUSY_GRADIENT).astype(np.float32)
    busyness = image_ops.resize(strength, columns, rows) / _BUSY_GRADIENT
    brightness = image_ops.resize(small.astype(np.float32), columns, rows) / 255
    return DetailMap(
        columns=columns,
        rows=rows,
        busyness=tuple(round(float(value), 3) for value in np.clip(busyness, 0, 1).ravel()),
        brightness=tuple(round(float(value), 3) for value in np.clip(brightness, 0, 1).ravel()),
    )
