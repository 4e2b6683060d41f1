"""A plucked synthesiser: a stack of saws whose filter closes at once, for arpeggios and stabs."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    damp,
    decay,
    fade_edges,
    filtered_harmonics,
    frames_of,
    hz,
    oscillate,
    stereo,
    wave_table,
)

_LEVEL = 0.17


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One note, (2, frames)."""
    velocity = round(stroke.velocity * 4) / 4
    sound = cache.get(_pluck, stroke.pitch, velocity, round(stroke.brightness, 1), stroke.take % 3)
    return damp(sound, stroke.hold_seconds, 0.12) * np.float32(stroke.velocity)


def _pluck(pitch: int, velocity: float, brightness: float, take: int) -> Sound:
    fundamental = hz(pitch)
    frames = frames_of(1.3)
    shut_hz = 420.0 + 500.0 * brightness
    open_hz = (1800.0 + 3000.0 * velocity) * (0.45 + 0.9 * brightness)
    shut = wave_table(filtered_harmonics(fundamental, shut_hz, order=1.8), 41)
    wide = wave_table(filtered_harmonics(fundamental, open_hz, order=1.8), 41)
    fall = decay(frames, 1.25)
    snap = decay(frames, 0.34)
    sides = []
    for side in (0, 1):
        voice = np.zeros(frames, dtype=np.float32)
        for index, cents in enumerate((-8.0, 0.0, 8.0)):
            detuned = fundamental * 2.0 ** (cents * (1.0 if side else -0.9) / 1200)
            phase = (0.31 * index + 0.47 * side + 0.11 * take) % 1.0
            voice += oscillate(shut, detuned, frames, phase=phase) * fall
            voice += oscillate(wide, detuned, frames, phase=phase) * snap
        sides.append(voice)
    return fade_edges(stereo(*sides) * np.float32(_LEVEL), 0.002, 0.1)
