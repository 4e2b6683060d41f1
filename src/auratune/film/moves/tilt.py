"""Tilt: up or down, held at either end."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import sine
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def tilt(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing, mostly up or down, held for `hold` (0.06) of the shot at each end."""
    hold = min(0.4, max(0.0, float(move.settings.get("hold", 0.06))))
    return View(between(move.start, move.end, sine(min(1.0, max(0.0, (time.progress - hold) / (1 - 2 * hold))))))
