"""A grand piano: stiff strings in pairs, a felt hammer that brightens with the touch, a damper at the end."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    damp,
    decay,
    enough_seconds,
    fade_edges,
    frames_of,
    hz,
    low_pass,
    noise,
    oscillate,
    stereo,
    wave_table,
)

_LEVEL = 0.30
_STRIKE = 1 / 7.5
"""Where the hammer meets the string."""


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One struck key, (2, frames)."""
    seconds = enough_seconds(stroke.hold_seconds, min(4.2, max(1.6, 5.4 - stroke.pitch * 0.045)))
    string = cache.get(_string, stroke.pitch, round(stroke.velocity * 5) / 5, round(stroke.brightness, 1), seconds)
    return damp(string, stroke.hold_seconds, 0.25) * np.float32(stroke.velocity**1.3)


def _string(pitch: int, velocity: float, brightness: float, seconds: float) -> Sound:
    fundamental = hz(pitch)
    frames = frames_of(seconds)
    stiffness = 0.00017 * 2.0 ** ((pitch - 45) / 14.0)
    hammer_hz = (500.0 + 3600.0 * velocity**1.6) * (0.6 + 0.8 * brightness) * 2.0 ** ((pitch - 60) / 40.0)
    count = max(1, min(20, int(9000.0 / fundamental)))
    ring = 9.5 * 2.0 ** (-(pitch - 48) / 18.0)
    left = np.zeros(frames, dtype=np.float32)
    right = np.zeros(frames, dtype=np.float32)
    sine = wave_table((1.0,))
    for number in range(1, count + 1):
        partial_hz = fundamental * number * float(np.sqrt(1.0 + stiffness * number * number))
        level = abs(np.sin(np.pi * number * _STRIKE)) / number**0.55 / (1.0 + (partial_hz / hammer_hz) ** 2)
        if level < 2e-4:
            continue
        # Two-stage decay: the pair of strings first sounds together and gives way, then rings on out of phase.
        prompt = ring / (1.0 + 0.28 * number) * 0.55
        shape = decay(frames, prompt) * np.float32(0.78 * level)
        shape += decay(frames, prompt * 2.8) * np.float32(0.22 * level)
        left += shape * oscillate(sine, partial_hz * 1.0002, frames, phase=0.13 * number)
        right += shape * oscillate(sine, partial_hz * 0.9997, frames, phase=0.13 * number + 0.06)
    knock = frames_of(0.07)
    felt = (
        low_pass(noise(knock, 60 + pitch), 500.0 + 900.0 * velocity) * decay(knock, 0.05) * np.float32(0.09 * velocity)
    )
    left[:knock] += felt
    right[:knock] += felt * np.float32(0.8)
    # Low notes sound from the left of the keyboard, high ones from the right.
    lean = np.float32(max(-0.25, min(0.25, (pitch - 64) / 100.0)))
    return fade_edges(stereo(left * (1 - lean), right * (1 + lean)) * np.float32(_LEVEL), 0.0015, 0.3)
