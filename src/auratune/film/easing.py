"""How a movement starts and lands: smooth curves from 0 to 1 over 0 to 1, none of which ever turns back."""

from __future__ import annotations

import math


def sine(t: float) -> float:
    """Starts and lands softly; at its quickest 1.57 times as fast as an even movement."""
    return 0.5 - 0.5 * math.cos(math.pi * t)


def gentle(t: float) -> float:
    """An even movement with its ends rounded over a fifth of the way: for drifts that should never seem to stop."""
    edge = 0.2
    scale = 1.0 / (1.0 - edge)
    if t < edge:
        return scale * t * t / (2 * edge)
    if t > 1 - edge:
        return 1 - scale * (1 - t) * (1 - t) / (2 * edge)
    return scale * (t - edge / 2)


def settle(t: float) -> float:
    """Sets off at once and lands softly, as a camera that comes to rest."""
    return 1 - (1 - t) ** 2 * (1 + 0.5 * t)


def smooth(t: float) -> float:
    """Hermite's smoothstep, with values outside 0 to 1 held at the ends."""
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)
