"""Beat punch: on each beat of a fill the picture jumps closer and falls back."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from auratune.core.storyboard import Framing
from auratune.film.easing import smooth
from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import narrowed


@dataclass(frozen=True, slots=True)
class BeatPunch(FilmEffect):
    """From `first_frame` up to `end_frame`; `amount` (0.05, at most 0.1) is how much closer."""

    first_frame: int = 0
    end_frame: int = 0
    amount: float = 0.05

    def on_framing(self, framing: Framing, time: FrameTime) -> Framing:
        """Closer on the beat; only ever inwards, so the picture's edge is never seen."""
        return narrowed(framing, 1 - min(0.1, max(0.0, self.amount)) * self._punch(time))

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """A little brighter with it."""
        return replace(post, gain=post.gain * (1 + 0.12 * self._punch(time)))

    def _punch(self, time: FrameTime) -> float:
        if not self.first_frame <= time.frame < self.end_frame:
            return 0.0
        since = time.beat_phase * time.beat_seconds
        return smooth(since / 0.05) * math.exp(-max(0.0, since - 0.05) / 0.14) * smooth((1 - time.beat_phase) * 5)
