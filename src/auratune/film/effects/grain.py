"""Grain: fine noise on the luma that changes with every frame, so that flat skies neither band nor look painted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auratune.film.effects.base import FilmEffect, PostSettings

if TYPE_CHECKING:
    from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class Grain(FilmEffect):
    """`sigma` in levels of 255, 0 to 1.6; the encoder pays dearly for more, and nobody sees it."""

    sigma: float = 1.2

    def on_finish(self, finish: PostSettings, moment: FrameTime) -> PostSettings:
        """The stronger of two grains wins."""
        del moment
        return replace(finish, grain_sigma=max(finish.grain_sigma, min(1.6, max(0.0, self.sigma))))
