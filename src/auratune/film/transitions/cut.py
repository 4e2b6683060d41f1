"""Cut: one shot ends, the next begins."""

from __future__ import annotations

from auratune.core.storyboard import Transition
from auratune.film.transitions.base import TransitionMix


def cut(transition: Transition, t: float) -> TransitionMix:
    """Changes in the middle."""
    del transition
    return TransitionMix(mix=0.0 if t < 0.5 else 1.0)
