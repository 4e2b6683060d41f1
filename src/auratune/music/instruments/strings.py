"""A string section: six players a note, each with a vibrato of their own, and a bow that takes its time."""

from __future__ import annotations

import math

import numpy as np

from auratune.music.instruments.synthesis import (
    RATE,
    Sound,
    SoundCache,
    Stroke,
    band_pass,
    hz,
    noise,
    oscillate,
    stereo,
    swell,
    taper,
    vibrato,
    wave_table,
)

_CENTS = (-7.0, 1.5, 6.0)
_LEVEL = 0.16


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One bowed note, (2, frames)."""
    fundamental = hz(stroke.pitch)
    attack = min(0.32, max(0.05, 0.34 * stroke.hold_seconds)) * (1.25 - 0.6 * stroke.velocity)
    envelope = swell(stroke.hold_seconds, attack, 0.42)
    frames = len(envelope)
    soft = wave_table(_bowed(fundamental, 1900.0 + 1700.0 * stroke.brightness), 21)
    full = wave_table(_bowed(fundamental, 3800.0 + 5200.0 * stroke.brightness), 21)
    press = np.float32(stroke.velocity) * (0.45 + 0.55 * np.minimum(1.0, envelope * 1.1))
    sides = []
    for side in (0, 1):
        voice = np.zeros(frames, dtype=np.float32)
        for index, cents in enumerate(_CENTS):
            seat = index + 3 * side
            swing = vibrato(
                frames,
                4.9 + 0.23 * seat + 0.07 * stroke.take,
                9.0,
                delay_seconds=0.12 + 0.05 * index,
                phase=1.7 * seat + stroke.take + 0.31 * stroke.pitch,
            )
            detuned = fundamental * 2.0 ** (cents * (1.0 if side else -1.1) / 1200)
            phase = (0.29 * seat + 0.17 * stroke.take) % 1.0
            table = full if index % 2 else soft
            wave = oscillate(table, detuned, frames, phase=phase, bend=swing)
            voice += wave * press if index % 2 else wave
        voice += cache.get(_bow, math.ceil(frames / RATE), side, stroke.take)[:frames]
        sides.append(voice * envelope)
    return stereo(*sides) * np.float32(_LEVEL * stroke.velocity)


def _bow(seconds: int, side: int, take: int) -> Sound:
    """The bow's hiss; in whole seconds, so that few lengths serve many notes."""
    return band_pass(noise(seconds * RATE, 90 + side + 2 * take), 1800.0, 5200.0) * np.float32(0.018)


def _bowed(fundamental_hz: float, cutoff_hz: float) -> tuple[float, ...]:
    """A saw through the body of a fiddle: air near 280 Hz, wood near 480, the bridge's hill near 2.4 kHz."""
    count = max(1, min(200, int(18000.0 / fundamental_hz)))
    number = np.arange(1, count + 1)
    partial_hz = number * fundamental_hz
    body = 0.55 + sum(
        gain * np.exp(-0.5 * (np.log2(partial_hz / centre) / width) ** 2)
        for centre, width, gain in ((280.0, 0.35, 0.5), (480.0, 0.3, 0.6), (1100.0, 0.5, 0.25), (2400.0, 0.5, 0.7))
    )
    amplitudes = body / number / np.sqrt(1.0 + (partial_hz / cutoff_hz) ** 3) * taper(partial_hz)
    return tuple(float(f"{value:.3g}") for value in amplitudes)
