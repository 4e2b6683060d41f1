"""A synthesiser bass: a saw over a square an octave down, behind a filter that snaps shut."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    decay,
    fade_edges,
    filtered_harmonics,
    hz,
    oscillate,
    swell,
    wave_table,
)

_LEVEL = 0.40


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """One note, (frames,)."""
    fundamental = hz(stroke.pitch)
    envelope = swell(stroke.hold_seconds, 0.004, 0.05, sag=0.25)
    frames = len(envelope)
    open_hz = (900.0 + 2600.0 * stroke.velocity) * (0.5 + stroke.brightness)
    shut = wave_table(filtered_harmonics(fundamental, 240.0 + 160.0 * stroke.brightness, order=2.0))
    wide = wave_table(filtered_harmonics(fundamental, open_hz, order=2.0))
    square = wave_table(filtered_harmonics(fundamental, 320.0, order=2.0, odd_only=True))
    snap = decay(frames, 0.55) * np.float32(0.85)
    low = oscillate(shut, fundamental, frames)
    sound = low + snap * (oscillate(wide, fundamental * 1.002, frames) - low)
    sound += np.float32(0.5) * oscillate(square, fundamental, frames, phase=0.25)
    return fade_edges(np.tanh(sound * np.float32(0.9)) * envelope * np.float32(_LEVEL * stroke.velocity**0.8), 0.002)
