"""Layered drift: sideways, with parallax between the subject and its background."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import gentle
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def layered_drift(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing, with the subject sliding against its background.

    `depth` (0.018, -0.03 to 0.03) is how far it slides in all, in frame widths, to the right when positive.
    """
    # From minus half to plus half, so that the middle of the shot shows the photo as it was taken.
    depth = min(0.03, max(-0.03, float(move.settings.get("depth", 0.018))))
    t = gentle(time.progress)
    return View(between(move.start, move.end, t), parallax=depth * (t - 0.5))
