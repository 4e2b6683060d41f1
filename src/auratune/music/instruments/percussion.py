"""Hand percussion: shaker, tambourine, congas, bongos, claves, triangle, each a little different every time."""

from __future__ import annotations

from functools import partial

import numpy as np

from auratune.music.instruments.synthesis import (
    RATE,
    Sound,
    band_pass,
    decay,
    drum_kit,
    fade_edges,
    frames_of,
    high_pass,
    low_pass,
    noise,
    stereo,
    times,
)


def _shaker(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.11)
    # Beads gather before they strike: a rise of a few hundredths, not an edge.
    rise = frames_of(0.028 - 0.012 * velocity + 0.002 * take)
    shape = np.exp(-np.maximum(times(frames) - rise / RATE, 0) * np.float32(70.0))
    shape[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32) ** 1.5
    grains = band_pass(noise(frames, 2100 + take), 4200.0, 8500.0 + 4500.0 * brightness)
    sound = grains * shape * np.float32(0.30)
    return fade_edges(stereo(sound, sound * np.float32(0.7)), 0.001, 0.02)


def _tambourine(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.28)
    time = times(frames)
    jingles = np.zeros(frames, dtype=np.float32)
    for number, partial_hz in enumerate((5610.0, 6870.0, 8120.0, 9350.0)):
        jingles += np.sin(np.float32(2 * np.pi * (partial_hz + 31 * take)) * time) * decay(frames, 0.22 - 0.03 * number)
    rattle = high_pass(noise(frames, 2200 + take), 5200.0) * decay(frames, 0.14)
    sound = low_pass(jingles * np.float32(0.05) + rattle * np.float32(0.28), 9000.0 + 5000.0 * brightness)
    return fade_edges(stereo(sound * np.float32(0.7), sound) * np.float32(0.8 + 0.2 * velocity), 0.001, 0.05)


def _skin(pitch_hz: float, ring_seconds: float, slap: float, velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(ring_seconds * 1.4)
    time = times(frames)
    tuned = pitch_hz * (1.0 + 0.004 * take)
    sweep_hz = tuned * (1.0 + 0.18 * velocity * np.exp(-time * np.float32(45.0)))
    turn = np.cumsum(sweep_hz) * np.float32(2 * np.pi / RATE)
    sound = np.sin(turn) * decay(frames, ring_seconds)
    # The second mode of a round skin lies at 1.59 times the first.
    sound += np.float32(0.3) * np.sin(turn * np.float32(1.59)) * decay(frames, ring_seconds * 0.5)
    hand = band_pass(noise(frames, 2300 + take), 700.0, 4200.0) * decay(frames, 0.03 + 0.03 * slap)
    sound = sound * np.float32(0.36 * (1 - 0.5 * slap)) + hand * np.float32(0.10 + 0.22 * slap)
    return fade_edges(stereo(sound * np.float32(0.85), sound), 0.0008, 0.03)


def _clave(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.12)
    time = times(frames)
    sound = np.sin(np.float32(2 * np.pi * (2480.0 + 5 * take)) * time) * decay(frames, 0.07)
    sound = sound * np.float32(0.16 + 0.06 * velocity * brightness)
    return fade_edges(stereo(sound, sound * np.float32(0.8)), 0.0006)


def _triangle(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(1.2)
    time = times(frames)
    sound = np.zeros(frames, dtype=np.float32)
    for partial_hz, ring in ((4170.0, 1.4), (6720.0, 1.0), (9140.0, 0.7)):
        sound += np.sin(np.float32(2 * np.pi * (partial_hz + take)) * time) * decay(frames, ring)
    return fade_edges(
        stereo(sound * np.float32(0.6), sound) * np.float32(0.035 + 0.02 * velocity * brightness), 0.0008, 0.2
    )


play = drum_kit(
    {
        54: _tambourine,
        60: partial(_skin, 415.0, 0.16, 0.2),
        61: partial(_skin, 310.0, 0.22, 0.1),
        62: partial(_skin, 265.0, 0.10, 0.9),
        63: partial(_skin, 240.0, 0.28, 0.15),
        64: partial(_skin, 178.0, 0.34, 0.05),
        70: _shaker,
        75: _clave,
        81: _triangle,
    },
    takes=5,
    touch=1.2,
)
