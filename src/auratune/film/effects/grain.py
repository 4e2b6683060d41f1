"""Grain: fine noise on the luma that changes with every frame, which hides banding in flat skies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class Grain(FilmEffect):
    """`sigma` in levels of 255, 0 to 1.6; more costs bit rate and cannot be seen."""

    sigma: float = 1.2

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """Keeps the stronger of two grains."""
        del time
        return replace(post, grain_sigma=max(post.grain_sigma, min(1.6, max(0.0, self.sigma))))
