"""Dissolve: a crossfade."""

from __future__ import annotations

from auratune.core.storyboard import Transition
from auratune.film.easing import smooth
from auratune.film.transitions.base import TransitionMix


def dissolve(transition: Transition, t: float) -> TransitionMix:
    """Mixes evenly, with soft ends."""
    del transition
    return TransitionMix(mix=smooth(t))
