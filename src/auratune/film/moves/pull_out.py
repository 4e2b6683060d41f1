"""Pull out: the camera steps back and the picture opens; it sets off at once and comes to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.film.easing import settle
from auratune.film.viewport import View, between

if TYPE_CHECKING:
    from auratune.core.storyboard import Move
    from auratune.film.frame_time import FrameTime


def pull_out(move: Move, moment: FrameTime) -> View:
    """From the start framing to the wider end framing."""
    return View(between(move.start, move.end, settle(moment.progress)))
