"""Fade in: from black."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auratune.film.easing import sine
from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class FadeIn(FilmEffect):
    """`frames` is the length, counted from the first frame of the film."""

    frames: int = 15

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """Darkens the first frames."""
        if time.frame >= self.frames:
            return post
        return replace(post, fade=post.fade * sine((time.frame + 0.5) / self.frames))
