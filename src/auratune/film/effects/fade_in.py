"""Fade in: the film rises out of black."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auratune.film.easing import sine
from auratune.film.effects.base import FilmEffect, PostSettings

if TYPE_CHECKING:
    from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class FadeIn(FilmEffect):
    """`frames` is the length, counted from the first frame of the film."""

    frames: int = 15

    def on_finish(self, finish: PostSettings, moment: FrameTime) -> PostSettings:
        """Darkens the first frames."""
        if moment.frame >= self.frames:
            return finish
        return replace(finish, fade=finish.fade * sine((moment.frame + 0.5) / self.frames))
