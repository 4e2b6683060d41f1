"""A steel-string guitar: bright, long strings over a small wooden body."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.karplus_strong import pluck
from auratune.music.instruments.synthesis import (
    RATE,
    Sound,
    SoundCache,
    Stroke,
    band_pass,
    damp,
    enough_seconds,
    fade_edges,
    frames_of,
    high_pass,
    hz,
    stereo,
)

_LEVEL = 0.36


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One plucked string, (2, frames)."""
    seconds = enough_seconds(stroke.hold_seconds, 2.6 if stroke.pitch < 60 else 1.9)
    hard = round(stroke.velocity * 4) / 4
    string = cache.get(_string, stroke.pitch, hard, round(stroke.brightness, 1), stroke.take % 3, seconds)
    string = damp(string, stroke.hold_seconds, 0.22)
    # A second microphone a little further away hears the same string later and, as strings sway, not quite in tune.
    places = np.arange(len(string), dtype=np.float32) * np.float32(1.0009) - np.float32(0.004 * RATE)
    other = np.interp(places, np.arange(len(string), dtype=np.float32), string, left=0.0, right=0.0).astype(np.float32)
    return stereo(string + 0.4 * other, string * 0.55 + 0.8 * other) * np.float32(_LEVEL * stroke.velocity)


def _string(pitch: int, velocity: float, brightness: float, take: int, seconds: float) -> Sound:
    string = pluck(
        hz(pitch),
        frames_of(seconds),
        ring_seconds=3.4 - 0.022 * (pitch - 40),
        edge_hz=(1400.0 + 3800.0 * velocity) * (0.6 + 0.8 * brightness),
        loss=0.32,
        position=0.17,
        seed=pitch * 7 + take,
    )
    # Top and air of the body lie near 105 and 205 Hz.
    string = high_pass(string + np.float32(0.5) * band_pass(string, 85.0, 250.0), 70.0)
    return fade_edges(string, 0.0006, 0.1)
