"""What leads from one section to the next: a riser, a cymbal swell, an impact, a fall."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    RATE,
    Sound,
    SoundCache,
    Stroke,
    band_pass,
    decay,
    fade_edges,
    frames_of,
    high_pass,
    low_pass,
    noise,
    stereo,
    times,
)

RISER, SWELL, IMPACT, FALL = 1, 2, 3, 4


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """One sound, (2, frames); the pitch says which. Risers and swells reach their top at the end of their hold."""
    sound = _SOUNDS[stroke.pitch](max(0.3, stroke.hold_seconds), stroke.brightness)
    return sound * np.float32(stroke.velocity)


def _riser(seconds: float, brightness: float) -> Sound:
    frames = frames_of(seconds)
    rise = np.linspace(0.0, 1.0, frames, dtype=np.float32)
    sides = []
    for side in (0, 1):
        hiss = noise(frames, 3100 + side)
        # Three bands handed over one after the other sound like one filter that opens.
        low = band_pass(hiss, 300.0, 900.0) * np.clip(1.0 - np.abs(rise - 0.25) * 2.6, 0, 1)
        middle = band_pass(hiss, 900.0, 2800.0) * np.clip(1.0 - np.abs(rise - 0.6) * 2.6, 0, 1)
        high = band_pass(hiss, 2800.0, 6500.0 + 3000.0 * brightness) * np.clip(1.0 - np.abs(rise - 0.98) * 2.2, 0, 1)
        sides.append((low + middle + high) * rise**1.7 * np.float32(0.22))
    return fade_edges(stereo(*sides).astype(np.float32), 0.02, 0.015)


def _swell(seconds: float, brightness: float) -> Sound:
    frames = frames_of(seconds)
    sides = []
    for side in (0, 1):
        shimmer = high_pass(noise(frames, 3200 + side), 2400.0 + 200 * side)
        sides.append(low_pass(shimmer, 7000.0 + 5000.0 * brightness) * decay(frames, seconds * 0.9)[::-1])
    return fade_edges(stereo(*sides) * np.float32(0.20), 0.02, 0.02)


def _impact(seconds: float, brightness: float) -> Sound:
    frames = frames_of(min(2.6, seconds + 1.0))
    time = times(frames)
    sweep_hz = 38.0 + 42.0 * np.exp(-time * np.float32(9.0))
    boom = np.sin(np.cumsum(sweep_hz) * np.float32(2 * np.pi / RATE)) * decay(frames, 1.6) * np.float32(0.40)
    sides = [
        boom
        + low_pass(noise(frames, 3300 + side), 1200.0 + 1500.0 * brightness) * decay(frames, 1.1) * np.float32(0.10)
        for side in (0, 1)
    ]
    return fade_edges(stereo(*sides), 0.002, 0.3)


def _fall(seconds: float, brightness: float) -> Sound:
    return np.ascontiguousarray(_riser(seconds, brightness)[:, ::-1])


_SOUNDS = {RISER: _riser, SWELL: _swell, IMPACT: _impact, FALL: _fall}
