"""Drift: the camera floats along a shallow arc and never seems to stop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from auratune.core.storyboard import Framing
from auratune.film.easing import gentle
from auratune.film.viewport import View, between

if TYPE_CHECKING:
    from auratune.core.storyboard import Move
    from auratune.film.frame_time import FrameTime


def drift(move: Move, moment: FrameTime) -> View:
    """From the start framing to the end framing along an arc.

    `arc` (0.12, -0.5 to 0.5) is the height of the bow as a share of the way: positive bows to the left of the way.
    """
    arc = min(0.5, max(-0.5, float(move.settings.get("arc", 0.12))))
    t = gentle(moment.progress)
    straight = between(move.start, move.end, t)
    bow = math.sin(math.pi * t) * arc
    return View(
        Framing(
            straight.centre_x + bow * (move.end.centre_y - move.start.centre_y),
            straight.centre_y - bow * (move.end.centre_x - move.start.centre_x),
            straight.width,
        )
    )
