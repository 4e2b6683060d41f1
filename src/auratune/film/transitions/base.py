"""What a transition returns for one frame: how two shots are mixed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TransitionSide:
    """What a transition does to one of its shots."""

    shift: float = 0.0
    """How far the camera is thrown aside, in frame widths."""
    zoom: float = 1.0
    """Above 1 closer, below 1 wider as far as the picture reaches."""
    smear: float = 0.0
    """Length of the motion blur across, in frame widths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionMix:
    """One frame of a transition."""

    mix: float
    """0 shows only the outgoing shot, 1 only the incoming one."""
    outgoing: TransitionSide = field(default_factory=TransitionSide)
    incoming: TransitionSide = field(default_factory=TransitionSide)
    gain: float = 1.0
    white: float = 0.0
    leak: float = 0.0
    """Strength of a warm light leak, 0 to 1."""
    leak_at: float = 0.5
    """Where the leak stands: 0 at the left edge, 1 at the right."""
