"""Pan: the camera turns from side to side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.film.easing import sine
from auratune.film.viewport import View, between

if TYPE_CHECKING:
    from auratune.core.storyboard import Move
    from auratune.film.frame_time import FrameTime


def pan(move: Move, moment: FrameTime) -> View:
    """From the start framing to the end framing, mostly sideways."""
    return View(between(move.start, move.end, sine(moment.progress)))
