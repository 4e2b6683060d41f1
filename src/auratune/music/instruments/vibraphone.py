"""A vibraphone: tuned metal bars with a slow fan under them."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    damp,
    decay,
    fade_edges,
    frames_of,
    hz,
    low_pass,
    noise,
    oscillate,
    stereo,
    times,
    wave_table,
)

# Vibraphone bars are tuned to 1 : 4, with a third mode near 10.
_PARTIALS = ((1.0, 1.0, 3.2), (4.0, 0.20, 1.1), (9.9, 0.05, 0.3))
_LEVEL = 0.27


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One struck bar, (2, frames)."""
    bar = cache.get(_bar, stroke.pitch, round(stroke.velocity * 4) / 4, round(stroke.brightness, 1), stroke.take % 3)
    return damp(bar, stroke.hold_seconds + 0.2, 0.4) * np.float32(stroke.velocity**1.1)


def _bar(pitch: int, velocity: float, brightness: float, take: int) -> Sound:
    fundamental = hz(pitch)
    frames = frames_of(2.2)
    sine = wave_table((1.0,))
    sound = np.zeros(frames, dtype=np.float32)
    for ratio, level, ring in _PARTIALS:
        if fundamental * ratio < 12000:
            colour = level if ratio == 1.0 else level * (0.3 + 0.6 * velocity + 0.7 * brightness)
            sound += oscillate(sine, fundamental * ratio, frames) * decay(frames, ring) * np.float32(colour)
    mallet = frames_of(0.02)
    sound[:mallet] += low_pass(noise(mallet, 75 + take), 2500.0) * decay(mallet, 0.015) * np.float32(0.15 * velocity)
    fan = np.float32(0.22) * np.sin(times(frames) * np.float32(2 * np.pi * 4.8) + np.float32(2.1 * take))
    return fade_edges(stereo(sound * (1 + fan), sound * (1 - fan)) * np.float32(_LEVEL), 0.001, 0.3)
