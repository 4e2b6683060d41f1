"""Dissolve: one shot melts into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.film.easing import smooth
from auratune.film.transitions.base import TransitionMix

if TYPE_CHECKING:
    from auratune.core.storyboard import Transition


def dissolve(transition: Transition, t: float) -> TransitionMix:
    """Mixes evenly, with soft ends."""
    del transition
    return TransitionMix(mix=smooth(t))
