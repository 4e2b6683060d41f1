"""Colour arrives: the shot begins in black and white, and its colours come in with a beat."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auratune.film.easing import smooth
from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class ColourArrives(FilmEffect):
    """Grey up to `frame`; the colours take `frames` (20) to come, and glow a little on the way."""

    frame: int = 0
    frames: int = 20

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """Saturation from 0 to 1, with a short overshoot."""
        t = smooth((time.frame - self.frame) / max(1, self.frames))
        glow = 4 * t * (1 - t)
        return replace(post, saturation=post.saturation * (t + 0.25 * glow), gain=post.gain * (1 + 0.1 * glow))
