"""The type of pictures, and the one place where OpenCV's loose types are tied to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width) of one plane, or (height, width, channels)."""


def pixels(array: Any) -> Pixels:
    """What an OpenCV function returned, known to hold bytes; never a copy."""
    return np.asarray(array, np.uint8)
