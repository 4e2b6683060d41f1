"""Dip to black: fades to black and up to the next shot."""

from __future__ import annotations

from auratune.core.storyboard import Transition
from auratune.film.easing import smooth
from auratune.film.transitions.base import TransitionMix


def dip_black(transition: Transition, t: float) -> TransitionMix:
    """Darkest in the middle."""
    del transition
    return TransitionMix(mix=0.0 if t < 0.5 else 1.0, gain=smooth(abs(2 * t - 1)))
