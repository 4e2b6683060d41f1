"""Tilt: the camera looks up or down, and holds a moment at either end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.film.easing import sine
from auratune.film.viewport import View, between

if TYPE_CHECKING:
    from auratune.core.storyboard import Move
    from auratune.film.frame_time import FrameTime


def tilt(move: Move, moment: FrameTime) -> View:
    """From the start framing to the end framing, mostly up or down, held for `hold` (0.06) of the shot at each end."""
    hold = min(0.4, max(0.0, float(move.settings.get("hold", 0.06))))
    return View(between(move.start, move.end, sine(min(1.0, max(0.0, (moment.progress - hold) / (1 - 2 * hold))))))
