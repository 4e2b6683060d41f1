"""Depth dolly: towards the subject, which grows faster than its background."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import sine
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def depth_dolly(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing; the subject grows by `depth` (0.04, at most 0.06) more."""
    depth = min(0.06, max(0.0, float(move.settings.get("depth", 0.04))))
    t = sine(time.progress)
    return View(between(move.start, move.end, t), subject_zoom=1 + depth * t)
