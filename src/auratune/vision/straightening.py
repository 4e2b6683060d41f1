"""The geometry of a straightened photo: its size, and where a box of the photo lies in it. Needs no picture."""

from __future__ import annotations

import math

from auratune.core.geometry import Box


def straightened_size(width: int, height: int, degrees: float) -> tuple[int, int]:
    """Width and height of what is left of a picture turned by `degrees`, in the picture's own shape."""
    scale = _kept_share(width, height, degrees)
    return max(1, round(width * scale)), max(1, round(height * scale))


def straightened_box(box: Box, degrees: float, width: int, height: int) -> Box:
    """Where a box of the picture lies in the straightened one, in fractions; it may reach over the edge."""
    scale = _kept_share(width, height, degrees)
    turn = math.radians(degrees)
    corners = []
    for x in (box.left, box.right):
        for y in (box.top, box.bottom):
            dx, dy = (x - 0.5) * width, (y - 0.5) * height
            across = dx * math.cos(turn) - dy * math.sin(turn)
            down = dx * math.sin(turn) + dy * math.cos(turn)
            corners.append((0.5 + across / (width * scale), 0.5 + down / (height * scale)))
    xs, ys = zip(*corners, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def _kept_share(width: int, height: int, degrees: float) -> float:
    cos, sin = math.cos(math.radians(abs(degrees))), math.sin(math.radians(abs(degrees)))
    return min(width / (width * cos + height * sin), height / (width * sin + height * cos))
