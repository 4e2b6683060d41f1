"""Film burn: the film seems to catch fire at one edge, and the next shot comes out of the light."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class FilmBurn(FilmEffect):
    """Hottest at `frame`, where the cut is; both shots carry it. `frames` (18) is its length on either side."""

    frame: int = 0
    frames: int = 18
    from_left: bool = True

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """An amber leak that flickers as it grows, and white at its height."""
        near = 1 - abs(time.frame + 0.5 - self.frame) / max(1, self.frames)
        if near <= 0:
            return post
        flicker = 1 + 0.18 * math.sin(2.1 * time.frame) * math.sin(0.7 * time.frame + 1)
        heat = min(1.0, near * flicker)
        at = 1.1 * (1 - near) - 0.1 if self.from_left else 1.1 - 1.1 * (1 - near)
        return replace(
            post,
            leak=max(post.leak, min(1.0, 1.2 * heat**0.7)),
            leak_at=at,
            white=max(post.white, 0.75 * max(0.0, heat - 0.55) / 0.45),
        )
