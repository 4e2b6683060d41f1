"""A lead synthesiser: two detuned saws and a square, a soft edge, vibrato on notes that last."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    decay,
    filtered_harmonics,
    hz,
    oscillate,
    stereo,
    swell,
    vibrato,
    wave_table,
)

_LEVEL = 0.17


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """One note, (2, frames)."""
    fundamental = hz(stroke.pitch)
    envelope = swell(stroke.hold_seconds, 0.018, 0.22, sag=0.2)
    frames = len(envelope)
    base_hz = 900.0 + 1500.0 * stroke.brightness
    saw_soft = wave_table(filtered_harmonics(fundamental, base_hz, order=1.6), 31)
    saw_open = wave_table(filtered_harmonics(fundamental, base_hz * 2.4, order=1.6), 31)
    square = wave_table(filtered_harmonics(fundamental, base_hz, order=1.6, odd_only=True), 32)
    bend = vibrato(frames, 5.3, 11.0, delay_seconds=0.28, phase=stroke.take)
    edge = np.float32(stroke.velocity) * (0.35 + 0.65 * decay(frames, 0.8))
    middle = np.float32(0.5) * oscillate(square, fundamental, frames, bend=bend)
    sides = []
    for side, cents in ((0, -6.0), (1, 6.0)):
        detuned = fundamental * 2.0 ** (cents / 1200)
        phase = 0.2 + 0.45 * side
        soft = oscillate(saw_soft, detuned, frames, phase=phase, bend=bend)
        sides.append(
            (middle + soft + edge * oscillate(saw_open, detuned, frames, phase=phase + 0.3, bend=bend)) * envelope
        )
    return stereo(*sides) * np.float32(_LEVEL * stroke.velocity)
