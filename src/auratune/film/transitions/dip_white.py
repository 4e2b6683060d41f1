"""Dip to white: a flash between two shots, quicker to rise than to fall."""

from __future__ import annotations

from auratune.core.storyboard import Transition
from auratune.film.easing import smooth
from auratune.film.transitions.base import TransitionMix


def dip_white(transition: Transition, t: float) -> TransitionMix:
    """Brightest in the middle; `peak` (0.9) is how white it gets, for a full white hurts in a dark room."""
    peak = min(1.0, max(0.0, float(transition.settings.get("peak", 0.9))))
    height = smooth(2 * t) ** 2 if t < 0.5 else smooth(2 - 2 * t)
    return TransitionMix(mix=0.0 if t < 0.5 else 1.0, white=peak * height)
