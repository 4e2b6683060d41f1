"""Focus pull: from blurred to sharp while the window hardly moves."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import gentle, smooth
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def focus_pull(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing, sharp from `seconds` (1.1) on or after six tenths of the shot.

    `blur` (0.012, at most 0.03) is the radius at the start as a fraction of the frame's width.
    """
    blur = min(0.03, max(0.0, float(move.settings.get("blur", 0.012))))
    seconds = min(0.6 * time.shot_seconds, max(0.2, float(move.settings.get("seconds", 1.1))))
    soft = 1 - smooth(time.progress * time.shot_seconds / max(1e-6, seconds))
    return View(between(move.start, move.end, gentle(time.progress)), blur=blur * soft)
