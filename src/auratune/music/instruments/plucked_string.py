"""A steel-string guitar: bright, long strings over a small wooden body."""

from __future__ import annotations

import numpy as np

from auratune.music.karplus import pluck
from auratune.music.synthesis import (
    Sound,
    Stroke,
    band_pass,
    damp,
    fade_edges,
    frames_of,
    high_pass,
    hz,
    remembered,
    stereo,
)

_LEVEL = 0.36


def play(stroke: Stroke) -> Sound:
    """One plucked string, (2, frames)."""
    string = _string(stroke.pitch, round(stroke.velocity * 4) / 4, round(stroke.brightness, 1), stroke.take % 3)
    return damp(string, stroke.hold_seconds, 0.22) * np.float32(stroke.velocity)


@remembered
def _string(pitch: int, velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(2.6 if pitch < 60 else 1.9)
    edge_hz = (1400.0 + 3800.0 * velocity) * (0.6 + 0.8 * brightness)
    ring = 3.4 - 0.022 * (pitch - 40)
    string = pluck(
        hz(pitch), frames, ring_seconds=ring, edge_hz=edge_hz, loss=0.32, position=0.17, seed=pitch * 7 + take
    )
    # Top and air of the body lie near 105 and 205 Hz; the pick's own noise above.
    body = string + np.float32(0.5) * band_pass(string, 85.0, 250.0)
    body = high_pass(body, 70.0)
    second = pluck(
        hz(pitch) * 1.0012,
        frames,
        ring_seconds=ring,
        edge_hz=edge_hz * 0.8,
        loss=0.36,
        position=0.2,
        seed=pitch * 7 + take + 3,
    )
    return fade_edges(stereo(body + 0.45 * second, body * 0.55 + second) * np.float32(_LEVEL), 0.0006, 0.2)
