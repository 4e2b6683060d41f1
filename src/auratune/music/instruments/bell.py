"""A glockenspiel with a little celesta in it: bar partials that ring and fade, highest first."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    damp,
    decay,
    fade_edges,
    hz,
    noise,
    stereo,
    times,
)

# Partials of a free bar (1 : 2.76 : 5.40 : 8.93), which a maker tunes only in part; the octave adds the celesta.
_PARTIALS = ((1.0, 1.0, 2.6), (2.0, 0.16, 1.7), (2.76, 0.22, 1.1), (5.40, 0.10, 0.5), (8.93, 0.04, 0.25))
_LEVEL = 0.22


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One struck bar, (2, frames); it rings on for a while after the key is up."""
    velocity = round(stroke.velocity * 4) / 4
    struck = cache.get(_struck, stroke.pitch, velocity, round(stroke.brightness, 1), stroke.take % 2)
    return damp(struck, stroke.hold_seconds + 0.5, 0.6) * np.float32(stroke.velocity**1.1)


def _struck(pitch: int, velocity: float, brightness: float, take: int) -> Sound:
    fundamental = hz(pitch)
    frames = int(44100 * 2.4)
    time = times(frames)
    left = np.zeros(frames, dtype=np.float32)
    right = np.zeros(frames, dtype=np.float32)
    for number, (ratio, level, ring) in enumerate(_PARTIALS):
        partial_hz = fundamental * ratio
        if partial_hz > 13000:
            continue
        colour = level if number == 0 else level * (0.35 + 0.5 * velocity + 0.6 * brightness)
        wave = np.sin(np.float32(2 * np.pi * partial_hz) * time) * decay(frames, ring * 1.2)
        left += wave * np.float32(colour * (1.0 + 0.12 * (-1) ** number))
        right += wave * np.float32(colour * (1.0 - 0.12 * (-1) ** number))
    tap = noise(300, 70 + take) * decay(300, 0.006) * np.float32(0.12 * velocity)
    left[:300] += tap
    right[:300] += tap
    return fade_edges(stereo(left, right) * np.float32(_LEVEL), 0.0008, 0.3)
