"""Light leak: warm light crosses the frame while the shots crossfade."""

from __future__ import annotations

import math

from auratune.core.storyboard import Transition
from auratune.film.easing import smooth
from auratune.film.transitions.base import TransitionMix


def light_leak(transition: Transition, t: float) -> TransitionMix:
    """The light crosses towards `direction` (`right`, or `left`), `strength` (0.85) in the middle."""
    strength = min(1.0, max(0.0, float(transition.settings.get("strength", 0.85))))
    at = 1.15 - 1.3 * t if transition.settings.get("direction") == "left" else 1.3 * t - 0.15
    return TransitionMix(mix=smooth((t - 0.25) / 0.5), leak=strength * math.sin(math.pi * t) ** 2, leak_at=at)
