"""Dissolve: one shot melts into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.film.easing import smooth
from auratune.film.join import Join

if TYPE_CHECKING:
    from auratune.core.storyboard import Transition


def dissolve(transition: Transition, t: float) -> Join:
    """Mixes evenly, with soft ends."""
    del transition
    return Join(mix=smooth(t))
