"""Freeze and flash: at the end of a chorus the picture stops dead in a flash of light, and hangs there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class FreezeFlash(FilmEffect):
    """From `frame` on the shot stands still; the flash decays within `frames` (14)."""

    frame: int = 0
    frames: int = 14

    def on_time(self, time: FrameTime) -> FrameTime:
        """The movement stops; the grain goes on."""
        late = max(0, time.frame - self.frame)
        if not late:
            return time
        frames = max(1.0, time.shot_seconds * time.frames_per_second - 1)
        return replace(time, progress=max(0.0, time.progress - late / frames), beat_phase=0.999)

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """White at once, then back, a little darker and paler than before."""
        late = time.frame - self.frame
        if late < 0:
            return post
        flash = math.exp(-3.5 * late / max(1, self.frames))
        return replace(post, white=max(post.white, 0.85 * flash), saturation=post.saturation * 0.75)
