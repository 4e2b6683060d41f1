"""Light sweep: a band of light travels along the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from auratune.film.easing import sine
from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class LightSweep(FilmEffect):
    """From `first_frame` up to `end_frame`, from left to right unless `rightward` is false; `strength` (0.6)."""

    first_frame: int = 0
    end_frame: int = 0
    strength: float = 0.6
    rightward: bool = True

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """The rest of the picture is a little darker while the light passes."""
        t = (time.frame + 0.5 - self.first_frame) / max(1, self.end_frame - self.first_frame)
        if not 0 < t < 1:
            return post
        there = math.sin(math.pi * t)
        at = -0.2 + 1.4 * (sine(t) if self.rightward else 1 - sine(t))
        return replace(post, gain=post.gain * (1 - 0.3 * there), sweep=self.strength * min(1.0, 2 * there), sweep_at=at)
