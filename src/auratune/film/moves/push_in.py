"""Push in: the camera comes closer, evenly, and lands softly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.film.camera import View, between
from auratune.film.easing import sine

if TYPE_CHECKING:
    from auratune.core.storyboard import Move
    from auratune.film.moment import Moment


def push_in(move: Move, moment: Moment) -> View:
    """From the start framing to the narrower end framing."""
    return View(between(move.start, move.end, sine(moment.progress)))
