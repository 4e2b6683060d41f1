"""What lies under the music: the dust of an old record, or air that moves."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    RATE,
    Sound,
    SoundCache,
    Stroke,
    band_pass,
    fade_edges,
    frames_of,
    high_pass,
    low_pass,
    noise,
    stereo,
    times,
)

DUST, AIR = 1, 2


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """A bed of noise as long as its hold, (2, frames); the pitch says which."""
    frames = frames_of(stroke.hold_seconds)
    sides = [_SOUNDS[stroke.pitch](frames, side, stroke.brightness) for side in (0, 1)]
    return fade_edges(stereo(*sides) * np.float32(stroke.velocity), 0.05, 0.3)


def _dust(frames: int, side: int, brightness: float) -> Sound:
    hiss = high_pass(noise(frames, 4100 + side), 1500.0, order=1)
    dice = np.random.default_rng(4200 + side)
    clicks = np.zeros(frames, dtype=np.float32)
    count = max(1, int(frames / RATE * 14))
    clicks[dice.integers(0, frames, count)] = dice.exponential(1.0, count) * dice.choice((-1.0, 1.0), count)
    crackle = band_pass(clicks, 900.0, 4500.0 + 3000.0 * brightness)
    return low_pass(hiss, 6500.0) * np.float32(0.010) + crackle * np.float32(0.55)


def _air(frames: int, side: int, brightness: float) -> Sound:
    time = times(frames)
    raw = noise(frames, 4300 + side)
    slow = 0.5 + 0.5 * np.sin(np.float32(2 * np.pi * 0.071) * time + np.float32(1.9 * side))
    low = band_pass(raw, 350.0, 1200.0) * (1.0 - np.float32(0.6) * slow)
    high = band_pass(raw, 2500.0, 6000.0 + 4000.0 * brightness) * (np.float32(0.25) + np.float32(0.5) * slow)
    air: Sound = (low + high) * np.float32(0.08)
    return air


_SOUNDS = {DUST: _dust, AIR: _air}
