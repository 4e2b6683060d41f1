"""How large each kind of type is, so that planning and setting agree. Light on purpose: the editor plans with it."""

from __future__ import annotations

import math

from auratune.core.storyboard import TypeRole

SIZES: dict[TypeRole, float] = {"title": 0.088, "lyric": 0.047, "end": 0.058}
"""Of `base_px`."""
SMALL_SIZE = 0.0225
"""Credits in small capitals, of `base_px`."""
BEHIND_SCALE = 1.9
"""A title behind the subject is this much larger: part of it is covered."""
LEADING = 1.22
"""Distance of baselines, in sizes."""


def base_px(width_px: int, height_px: int) -> float:
    """What type is measured by: the short edge, and a little more where the picture is wide and there is room."""
    return min(1.2 * height_px, math.sqrt(max(1.0, width_px / height_px)) * height_px, float(width_px))
