"""Pull out: to a wider window; starts at full speed and comes to rest."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import settle
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def pull_out(move: Move, time: FrameTime) -> View:
    """From the start framing to the wider end framing."""
    return View(between(move.start, move.end, settle(time.progress)))
