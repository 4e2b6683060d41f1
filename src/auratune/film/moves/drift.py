"""Drift: along a shallow arc at a nearly even speed."""

from __future__ import annotations

import math

from auratune.core.storyboard import Framing, Move
from auratune.film.easing import gentle
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def drift(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing along an arc.

    `arc` (0.12, -0.5 to 0.5) is the height of the bow as a share of the way: positive bows to the left of the way.
    """
    arc = min(0.5, max(-0.5, float(move.settings.get("arc", 0.12))))
    t = gentle(time.progress)
    straight = between(move.start, move.end, t)
    bow = math.sin(math.pi * t) * arc
    return View(
        Framing(
            straight.centre_x + bow * (move.end.centre_y - move.start.centre_y),
            straight.centre_y - bow * (move.end.centre_x - move.start.centre_x),
            straight.width,
        )
    )
