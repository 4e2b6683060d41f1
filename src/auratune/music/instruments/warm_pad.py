"""A warm pad: five slowly drifting saws a side behind a soft filter that opens as the note swells."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    filtered_harmonics,
    frames_of,
    hz,
    oscillate,
    stereo,
    swell,
    wave_table,
)

_CENTS = (-9.0, 4.0, 0.0, -4.0, 9.0)
_LEVEL = 0.17


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """One held key, (2, frames)."""
    fundamental = hz(stroke.pitch)
    attack = 0.09 + 0.35 * (1 - stroke.velocity) * min(1.0, stroke.hold_seconds / 2)
    envelope = swell(stroke.hold_seconds, attack, 0.7, sag=0.12)
    frames = len(envelope)
    closed = 420.0 + 900.0 * stroke.brightness
    dark = wave_table(filtered_harmonics(fundamental, closed, order=1.6), 11)
    light = wave_table(filtered_harmonics(fundamental, closed * 2.6, order=1.3), 11)
    opening = _opening(frames, stroke.hold_seconds)
    sides = []
    for side in (0, 1):
        voice = np.zeros(frames, dtype=np.float32)
        for index, cents in enumerate(_CENTS[side : side + 4 : 1]):
            detuned = fundamental * 2.0 ** (cents * (1.15 if side else 1.0) / 1200)
            phase = (0.37 * index + 0.21 * side + 0.13 * stroke.take + 0.05 * stroke.pitch) % 1.0
            table = dark if index % 2 else light
            wave = oscillate(table, detuned, frames, phase=phase)
            voice += wave if index % 2 else wave * opening
        sides.append(voice * envelope)
    return stereo(*sides) * np.float32(_LEVEL * stroke.velocity)


def _opening(frames: int, hold_seconds: float) -> Sound:
    top = min(frames, frames_of(min(1.6, 0.6 * hold_seconds)))
    shape = np.full(frames, 0.85, dtype=np.float32)
    shape[:top] = np.linspace(0.35, 0.85, top, dtype=np.float32)
    return shape
