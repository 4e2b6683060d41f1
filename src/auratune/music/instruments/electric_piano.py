"""A tine piano by frequency modulation: a round body and a bell-like strike that grows with the touch."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    damp,
    decay,
    fade_edges,
    high_pass,
    hz,
    stereo,
    times,
)

_SECONDS = 3.2
_LEVEL = 0.30


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One struck key, (2, frames)."""
    layer = round(stroke.velocity * 6) / 6
    body = cache.get(_struck, stroke.pitch, layer, round(stroke.brightness, 1), stroke.take % 2)
    return damp(body, stroke.hold_seconds, 0.18) * np.float32(stroke.velocity**1.2)


def _struck(pitch: int, velocity: float, brightness: float, take: int) -> Sound:
    fundamental = hz(pitch)
    depth = 1.0 - 0.35 * max(0.0, (pitch - 60) / 30)
    frames = int(44100 * _SECONDS * min(1.0, 1.35 - pitch / 140))
    time = times(frames)
    turn = np.float32(2 * np.pi * fundamental) * time
    # Carrier and modulator at 1:1 give the body; a modulator near the 14th partial gives the tine, as in classic FM
    # electric pianos (after J. Chowning, 1973).
    body_index = np.float32((0.35 + 1.1 * velocity) * (0.6 + 0.7 * brightness) * depth)
    body = np.sin(turn + body_index * decay(frames, 2.4) * np.sin(turn + np.float32(0.4 * take)))
    tine_ratio = 14.0 if fundamental * 14 < 9000 else 7.0
    tine = np.sin(turn * np.float32(tine_ratio)) * decay(frames, 0.35 + 0.1 * take)
    tine_level = np.float32((0.02 + 0.16 * velocity**2) * (0.4 + 1.1 * brightness) * depth)
    octave = np.sin(turn * np.float32(2.001)) * decay(frames, 1.6) * np.float32(0.10)
    ring = decay(frames, 5.5 - pitch / 30)
    sound = (body + octave) * ring
    spread = np.float32(0.12) * np.sin(time * np.float32(2 * np.pi * 4.6))
    left = sound * (1 + spread) + tine_level * tine
    right = sound * (1 - spread) + tine_level * tine * np.float32(0.85)
    # A modulator in unison with its carrier leaves an offset.
    return fade_edges(high_pass(stereo(left, right), 45.0) * np.float32(_LEVEL), 0.002, 0.08)
