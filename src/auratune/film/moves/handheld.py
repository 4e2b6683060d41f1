"""Handheld: the slow sway of a camera on a shoulder."""

from __future__ import annotations

import math

from auratune.core.storyboard import Framing, Move
from auratune.film.easing import gentle
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between, narrowed

# Breath, sway and weight shift, in cycles a second; no ratio of two is simple, so the path never repeats in a shot.
_SWAY = ((0.23, 0.55), (0.41, 0.30), (0.71, 0.15))


def handheld(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing, with a sway around the way.

    `sway` (0.006, at most 0.02) is the farthest the camera strays, in fractions of the window's width; the window is
    narrowed by as much, so the sway never leaves the picture. `phase` (0 to 1) tells one shot's sway from another's.
    """
    sway = min(0.02, max(0.0, float(move.settings.get("sway", 0.006))))
    phase = float(move.settings.get("phase", 0.0))
    steady = narrowed(between(move.start, move.end, gentle(time.progress)), 1 - 2 * sway)
    across, down = _wander(time.seconds, phase), _wander(time.seconds, phase + 0.37)
    return View(
        Framing(
            steady.centre_x + sway * steady.width * across, steady.centre_y + sway * steady.width * down, steady.width
        )
    )


def _wander(seconds: float, phase: float) -> float:
    return sum(
        share * math.sin(2 * math.pi * (hertz * seconds + phase * (1 + index)))
        for index, (hertz, share) in enumerate(_SWAY)
    )
