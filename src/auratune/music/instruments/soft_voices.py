"""A choir far away: many voices on `oo` that open towards `ah`."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    band_pass,
    hz,
    noise,
    oscillate,
    stereo,
    swell,
    vibrato,
    wave_table,
)

_OO = ((320.0, 0.35, 1.0), (800.0, 0.3, 0.25), (2300.0, 0.25, 0.03))
_AH = ((680.0, 0.35, 1.0), (1150.0, 0.25, 0.55), (2600.0, 0.25, 0.12))
_LEVEL = 0.20


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """One held note, (2, frames)."""
    fundamental = hz(stroke.pitch)
    attack = min(0.5, max(0.07, 0.3 * stroke.hold_seconds))
    envelope = swell(stroke.hold_seconds, attack, 0.8)
    frames = len(envelope)
    closed = wave_table(_sung(fundamental, _OO), 51)
    open_ = wave_table(_sung(fundamental, _AH), 51)
    mouth = np.float32(0.25 + 0.6 * stroke.brightness) * envelope
    sides = []
    for side in (0, 1):
        voice = np.zeros(frames, dtype=np.float32)
        for index, cents in enumerate((-7.0, 0.0, 7.0)):
            seat = index + 3 * side
            bend = vibrato(frames, 4.6 + 0.31 * seat, 13.0, delay_seconds=0.2, phase=1.3 * seat + stroke.pitch)
            detuned = fundamental * 2.0 ** (cents * (1.0 if side else -1.0) / 1200)
            wave = oscillate(open_ if index == 1 else closed, detuned, frames, phase=(0.27 * seat) % 1, bend=bend)
            voice += wave * (mouth if index == 1 else np.float32(0.8))
        breath = band_pass(noise(frames, 80 + side), 2500.0, 7000.0) * np.float32(0.008)
        sides.append((voice + breath) * envelope)
    return stereo(*sides) * np.float32(_LEVEL * stroke.velocity)


def _sung(fundamental_hz: float, formants: tuple[tuple[float, float, float], ...]) -> tuple[float, ...]:
    number = np.arange(1, max(2, min(200, int(15000.0 / fundamental_hz))) + 1)
    partial_hz = number * fundamental_hz
    hills = sum(gain * np.exp(-0.5 * (np.log2(partial_hz / centre) / width) ** 2) for centre, width, gain in formants)
    amplitudes = (hills + 0.10) / number**0.9 / (1.0 + (partial_hz / 4500.0) ** 4)
    return tuple(float(f"{value:.3g}") for value in amplitudes)
