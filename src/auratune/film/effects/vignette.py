"""Vignette: corners a little darker than the middle, as a lens leaves them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class Vignette(FilmEffect):
    """`amount` is the light that the corners lose, 0 to 0.6."""

    amount: float = 0.18

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """Adds to whatever vignette there is."""
        del time
        return replace(post, vignette=min(0.6, post.vignette + max(0.0, self.amount)))
