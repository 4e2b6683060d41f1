"""A nylon-string guitar: a fingertip's round attack and a short, woody ring."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.karplus_strong import pluck
from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    band_pass,
    damp,
    decay,
    enough_seconds,
    fade_edges,
    frames_of,
    high_pass,
    hz,
    low_pass,
    noise,
    stereo,
)

_LEVEL = 0.42


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One plucked string, (2, frames)."""
    seconds = enough_seconds(stroke.hold_seconds, 1.8 if stroke.pitch < 62 else 1.4)
    hard = round(stroke.velocity * 4) / 4
    string = cache.get(_string, stroke.pitch, hard, round(stroke.brightness, 1), stroke.take % 3, seconds)
    return damp(string, stroke.hold_seconds, 0.16) * np.float32(stroke.velocity)


def _string(pitch: int, velocity: float, brightness: float, take: int, seconds: float) -> Sound:
    frames = frames_of(seconds)
    edge_hz = (700.0 + 1700.0 * velocity) * (0.6 + 0.8 * brightness)
    string = pluck(
        hz(pitch),
        frames,
        ring_seconds=2.2 - 0.015 * (pitch - 40),
        edge_hz=edge_hz,
        loss=0.46,
        position=0.28,
        seed=500 + pitch * 7 + take,
    )
    string += np.float32(0.55) * band_pass(string, 95.0, 230.0) + np.float32(0.25) * band_pass(string, 350.0, 520.0)
    touch = frames_of(0.05)
    string[:touch] += np.float32(0.10 * velocity) * low_pass(noise(touch, 820 + take), 1500.0) * decay(touch, 0.04)
    string = high_pass(string, 65.0)
    # The room's first reflection off the floor gives the mono string a little width.
    late = frames_of(0.0052)
    other = np.concatenate((np.zeros(late, dtype=np.float32), string[:-late]))
    return fade_edges(stereo(string + 0.18 * other, string * 0.9 - 0.18 * other) * np.float32(_LEVEL), 0.0012, 0.2)
