"""Rack focus: the background goes soft behind the subject and comes back."""

from __future__ import annotations

from auratune.core.storyboard import Move
from auratune.film.easing import gentle, smooth
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import View, between


def rack_focus(move: Move, time: FrameTime) -> View:
    """From the start framing to the end framing; `blur` (0.012, at most 0.03) is the softest, in frame widths.

    Sharp for the first fifth of the shot, soft from 0.45 to 0.75 of it, sharp again at its end.
    """
    blur = min(0.03, max(0.0, float(move.settings.get("blur", 0.012))))
    t = time.progress
    soft = smooth((t - 0.15) / 0.3) * (1 - smooth((t - 0.75) / 0.23))
    return View(
        between(move.start, move.end, gentle(t)), background_blur=blur * soft, subject_zoom=1 + 0.012 * gentle(t)
    )
