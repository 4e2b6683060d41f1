"""Silhouette reveal: the subject stands dark before its background until a beat lights it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auratune.film.easing import smooth
from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class SilhouetteReveal(FilmEffect):
    """Dark up to `frame`, lit within `frames` (8) after it. Without layers the whole picture is dim instead."""

    frame: int = 0
    frames: int = 8

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """The subject from nearly black to itself, and a breath of white on the beat."""
        t = smooth((time.frame - self.frame) / max(1, self.frames))
        flash = 4 * t * (1 - t)
        return replace(
            post,
            subject_gain=post.subject_gain * (0.06 + 0.94 * t),
            gain=post.gain * (0.8 + 0.2 * t),
            white=max(post.white, 0.16 * flash),
        )
