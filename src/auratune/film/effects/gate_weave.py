"""Gate weave: the picture wanders a little, as film does whose holes are worn."""

from __future__ import annotations

import math
from dataclasses import dataclass

from auratune.core.storyboard import Framing
from auratune.film.effects.base import FilmEffect
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class GateWeave(FilmEffect):
    """`amount` is how far it wanders, in frame widths, at most 0.005."""

    amount: float = 0.002

    def on_framing(self, framing: Framing, time: FrameTime) -> Framing:
        """Mostly up and down; the window is narrowed by as much, so that it stays inside the picture."""
        amount = min(0.005, max(0.0, self.amount))
        t = time.seconds
        across = 0.4 * math.sin(9.1 * t) + 0.3 * math.sin(23.7 * t + 1)
        down = 0.6 * math.sin(13.3 * t + 2) + 0.4 * math.sin(31.1 * t)
        width = framing.width * (1 - 2 * amount)
        return Framing(
            framing.centre_x + amount * width * across, framing.centre_y + amount * width * 0.7 * down, width
        )
