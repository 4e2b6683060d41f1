"""Beat pulse: on each beat the picture comes slightly closer or gets brighter, and falls back before the next."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from auratune.core.storyboard import Framing
from auratune.film.easing import smooth
from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime
from auratune.film.viewport import narrowed

_RISE_SECONDS = 0.07
_FALL_SECONDS = 0.16


def pulse(time: FrameTime) -> float:
    """Height of the pulse, 0 to 1: up within two frames, then an even decay; as tall as the song is loud."""
    since = time.beat_phase * time.beat_seconds
    rise = smooth(since / _RISE_SECONDS)
    fall = math.exp(-max(0.0, since - _RISE_SECONDS) / _FALL_SECONDS)
    # The tail is brought to nothing at the next beat, so that the picture never jumps back.
    return rise * fall * smooth((1 - time.beat_phase) * 4) * time.energy


@dataclass(frozen=True, slots=True)
class BeatPulse(FilmEffect):
    """`amount` (0 to 0.05) is how much closer (`kind` is `scale`) or brighter (`exposure`) the loudest beat is."""

    amount: float = 0.012
    kind: str = "scale"

    def on_framing(self, framing: Framing, time: FrameTime) -> Framing:
        """Closer on the beat; only ever inwards, so the picture's edge is never seen."""
        if self.kind != "scale":
            return framing
        return narrowed(framing, 1 - min(0.05, max(0.0, self.amount)) * pulse(time))

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """Brighter on the beat."""
        if self.kind != "exposure":
            return post
        return replace(post, gain=post.gain * (1 + min(0.05, max(0.0, self.amount)) * pulse(time)))
