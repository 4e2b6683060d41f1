"""Push in: to a narrower window, eased at both ends."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import sine
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def push_in(move: Move, time: FrameTime) -> View:
    """From the start framing to the narrower end framing."""
    return View(between(move.start, move.end, sine(time.progress)))
