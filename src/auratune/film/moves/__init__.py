"""Camera moves, one file each. A move is a pure function from a frame's time to its view, in real numbers."""

from __future__ import annotations

from collections.abc import Callable

from auratune.core.storyboard import Move
from auratune.film.frame_time import FrameTime
from auratune.film.moves.depth_dolly import depth_dolly
from auratune.film.moves.drift import drift
from auratune.film.moves.focus_pull import focus_pull
from auratune.film.moves.handheld import handheld
from auratune.film.moves.layered_drift import layered_drift
from auratune.film.moves.pan import pan
from auratune.film.moves.pull_out import pull_out
from auratune.film.moves.push_in import push_in
from auratune.film.moves.rack_focus import rack_focus
from auratune.film.moves.tilt import tilt
from auratune.film.viewport import View

MOVES: dict[str, Callable[[Move, FrameTime], View]] = {
    "push_in": push_in,
    "pull_out": pull_out,
    "pan": pan,
    "tilt": tilt,
    "drift": drift,
    "layered_drift": layered_drift,
    "handheld": handheld,
    "focus_pull": focus_pull,
    "depth_dolly": depth_dolly,
    "rack_focus": rack_focus,
}

DEPTH_MOVES = frozenset({"layered_drift", "depth_dolly", "rack_focus"})
"""Moves that show the subject apart from its background; without a mask they are plain moves."""
