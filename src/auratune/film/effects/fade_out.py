"""Fade out: the film sinks into black, and its last frame is black."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auratune.film.easing import sine
from auratune.film.effects.base import FilmEffect, PostSettings

if TYPE_CHECKING:
    from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class FadeOut(FilmEffect):
    """`frames` is the length, counted back from the last frame of the film."""

    frames: int = 30

    def on_finish(self, finish: PostSettings, moment: FrameTime) -> PostSettings:
        """Darkens the last frames."""
        if moment.frames_left >= self.frames:
            return finish
        return replace(finish, fade=finish.fade * sine(moment.frames_left / self.frames))
