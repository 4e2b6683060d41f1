"""Match cut: the shot dives into a detail, and the next shot begins where the dive ends."""

from __future__ import annotations

from dataclasses import dataclass

from auratune.core.storyboard import Framing
from auratune.film.effects.base import FilmEffect
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class MatchCut(FilmEffect):
    """The last `frames` (10) before `frame` close in on a framing of `centre_x`, `centre_y` and `width`."""

    frame: int = 0
    frames: int = 10
    centre_x: float = 0.5
    centre_y: float = 0.5
    width: float = 0.5

    def on_framing(self, framing: Framing, time: FrameTime) -> Framing:
        """Faster and faster towards the detail."""
        left = self.frame - time.frame
        if not 0 <= left < self.frames:
            return framing
        t = (1 - left / self.frames) ** 2
        width = framing.width * (min(self.width, framing.width) / framing.width) ** t
        return Framing(
            framing.centre_x + (self.centre_x - framing.centre_x) * t,
            framing.centre_y + (self.centre_y - framing.centre_y) * t,
            width,
        )
