"""Match zoom: zooms into one shot and on into the next."""

from __future__ import annotations

from auratune.core.storyboard import Transition
from auratune.film.easing import smooth
from auratune.film.transitions.base import TransitionMix, TransitionSide


def match_zoom(transition: Transition, t: float) -> TransitionMix:
    """Both shots come closer without a break; `zoom` (1.35, at most 1.8) is how far the first goes."""
    zoom = min(1.8, max(1.05, float(transition.settings.get("zoom", 1.35))))
    return TransitionMix(
        mix=smooth((t - 0.3) / 0.4),
        outgoing=TransitionSide(zoom=zoom ** (t * t * 1.3)),
        incoming=TransitionSide(zoom=zoom ** -((1 - t) ** 2)),
    )
