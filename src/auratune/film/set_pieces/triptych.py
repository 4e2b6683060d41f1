"""Triptych: the frame in three strips, each a detail that is cut in on a beat of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from auratune.film.effects.base import FilmEffect, PostSettings, Strip
from auratune.film.frame_time import FrameTime
from auratune.film.strips import CLOSING


@dataclass(frozen=True, slots=True)
class Triptych(FilmEffect):
    """Centres and widths of three windows in fractions of the photo, and the frames in which they are cut in."""

    x1: float = 0.3
    y1: float = 0.4
    x2: float = 0.5
    y2: float = 0.5
    x3: float = 0.7
    y3: float = 0.6
    width: float = 0.5
    """Width of a window as wide as the frame; a strip shows a third of it."""
    frame1: int = 0
    frame2: int = 0
    frame3: int = 0

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """Three strips, those whose beat has come lit, the rest dark."""
        strips = []
        beats = ((self.x1, self.y1, self.frame1), (self.x2, self.y2, self.frame2), (self.x3, self.y3, self.frame3))
        for index, (x, y, frame) in enumerate(beats):
            late = time.frame - frame
            light = 0.0 if late < 0 else 1 + 0.5 * math.exp(-late / 3)
            # Each strip closes in slowly, the middle one opens.
            width = self.width * (1 - CLOSING * (time.progress if index != 1 else 1 - time.progress))
            strips.append(Strip(x, y, width, light))
        return replace(post, strips=tuple(strips))
