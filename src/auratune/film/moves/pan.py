"""Pan: sideways."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import sine
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def pan(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing, mostly sideways."""
    return View(between(move.start, move.end, sine(time.progress)))
