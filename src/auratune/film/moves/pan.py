"""Pan: the camera turns from side to side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.film.camera import View, between
from auratune.film.easing import sine

if TYPE_CHECKING:
    from auratune.core.storyboard import Move
    from auratune.film.moment import Moment


def pan(move: Move, moment: Moment) -> View:
    """From the start framing to the end framing, mostly sideways."""
    return View(between(move.start, move.end, sine(moment.progress)))
