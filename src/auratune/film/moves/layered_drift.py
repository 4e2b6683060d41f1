"""Layered drift: a drift with parallax between the subject's box and the rest."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import gentle
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def layered_drift(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing, with the subject sliding `depth` of the frame's width against it.

    Settings: `left`, `top`, `right`, `bottom`, the subject's box in fractions of the photo; `depth` (0.012, -0.03 to
    0.03), how far the subject slides in all, to the right when positive.
    """
    # The slide goes from minus half to plus half, so the middle of the shot shows the photo as it was taken.
    depth = min(0.03, max(-0.03, float(move.settings.get("depth", 0.012))))
    t = gentle(time.progress)
    return View(between(move.start, move.end, t), parallax=depth * (t - 0.5))
