"""Fade out: the film sinks into black, and its last frame is black."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auratune.film.easing import sine
from auratune.film.finish import FilmEffect, Finish

if TYPE_CHECKING:
    from auratune.film.moment import Moment


@dataclass(frozen=True, slots=True)
class FadeOut(FilmEffect):
    """`frames` is the length, counted back from the last frame of the film."""

    frames: int = 30

    def on_finish(self, finish: Finish, moment: Moment) -> Finish:
        """Darkens the last frames."""
        if moment.frames_left >= self.frames:
            return finish
        return replace(finish, fade=finish.fade * sine(moment.frames_left / self.frames))
