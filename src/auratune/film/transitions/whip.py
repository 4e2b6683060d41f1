"""Whip: a fast pan with motion blur from one shot into the next."""

from __future__ import annotations

from auratune.core.storyboard import Transition
from auratune.film.easing import smooth
from auratune.film.transitions.base import TransitionMix, TransitionSide

_THROW = 0.45
"""Frame widths that each shot moves."""


def whip(transition: Transition, t: float) -> TransitionMix:
    """Both shots move the same way, `direction` (`right`, or `left`); the streaks are as long as it is fast."""
    way = -1.0 if transition.settings.get("direction") == "left" else 1.0
    before, after = min(1.0, 2 * t), max(0.0, 2 * t - 1)
    speed = 1 - abs(2 * t - 1)
    smear = 0.34 * speed * speed
    return TransitionMix(
        mix=smooth((t - 0.4) / 0.2),
        outgoing=TransitionSide(shift=way * _THROW * before**3, smear=smear),
        incoming=TransitionSide(shift=-way * _THROW * (1 - after) ** 3, smear=smear),
    )
