"""Fade out: to black; the last frame is black."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auratune.film.easing import sine
from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class FadeOut(FilmEffect):
    """`frames` is the length, counted back from the last frame of the film."""

    frames: int = 30

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """Darkens the last frames."""
        if time.frames_left >= self.frames:
            return post
        return replace(post, fade=post.fade * sine(time.frames_left / self.frames))
