"""A soft acoustic kit: felt kick, brushed and rim snare, hats, toms, ride and crash, each with several takes."""

from __future__ import annotations

from functools import partial

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    band_pass,
    decay,
    drum_kit,
    fade_edges,
    frames_of,
    high_pass,
    low_pass,
    noise,
    ringing,
    stereo,
    times,
)


def _kick(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.42)
    time = times(frames)
    sweep_hz = 48.0 + 75.0 * np.exp(-time * np.float32(38.0 + take))
    sound = np.sin(np.cumsum(sweep_hz) * np.float32(2 * np.pi / 44100)) * decay(frames, 0.38)
    beater = low_pass(noise(frames, 100 + take), 1400 + 1800 * brightness) * decay(frames, 0.03)
    sound = np.tanh(sound * np.float32(1.6)) * np.float32(0.62) + beater * np.float32(0.05 + 0.08 * velocity)
    return fade_edges(stereo(sound, sound), 0.0006)


def _snare(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.42)
    time = times(frames)
    shell_hz = 182.0 + 2.0 * take
    shell = np.sin(2 * np.pi * shell_hz * time) * decay(frames, 0.22)
    shell += 0.5 * np.sin(2 * np.pi * shell_hz * 1.62 * time) * decay(frames, 0.14)
    sides = []
    for side in (0, 1):
        wires = band_pass(noise(frames, 200 + take + 20 * side), 650.0, 2300.0 + 2200.0 * brightness)
        body = wires * decay(frames, 0.24 + 0.12 * velocity) * np.float32(0.34 + 0.14 * velocity)
        sides.append(low_pass(shell * np.float32(0.42) + body, 6500.0 + 3000.0 * brightness))
    return fade_edges(stereo(*sides).astype(np.float32), 0.0006, 0.03)


def _rim(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.12)
    time = times(frames)
    sound = np.sin(2 * np.pi * (820.0 + 6 * take) * time) * decay(frames, 0.05)
    sound += 0.6 * np.sin(2 * np.pi * 1720.0 * time) * decay(frames, 0.03)
    sound += (
        band_pass(noise(frames, 300 + take), 1500.0, 4000.0 + 2500 * brightness)
        * decay(frames, 0.03)
        * (0.4 + velocity)
    )
    return fade_edges(stereo(sound * np.float32(0.30), sound * np.float32(0.26)).astype(np.float32), 0.0005)


def _hat(velocity: float, brightness: float, take: int, ring_seconds: float = 0.0) -> Sound:
    """Closed where `ring_seconds` is 0: a tick and a short tail; else open for about so long."""
    touch = 0.8 + 0.3 * velocity
    tail_seconds = (ring_seconds or 0.40) * touch
    frames = frames_of(min(1.7, tail_seconds * 0.8) + 0.02)
    shape = decay(frames, 0.08 * touch) + (np.float32(1.0) if ring_seconds else np.float32(0.22)) * decay(
        frames, tail_seconds
    )
    metal = ringing(
        frames,
        np.array([5230.0, 6110.0, 7430.0, 8890.0, 10170.0]) + 37 * take,
        np.full(5, 0.05),
        np.full(5, 30.0),
        np.arange(5) * 1.3,
    )[0]
    sides = [
        (high_pass(noise(frames, 400 + take + 30 * side), 5600.0 + 300 * take, order=3) * 0.5 + metal) * shape
        for side in (0, 1)
    ]
    sound = low_pass(stereo(sides[0] * np.float32(0.20), sides[1] * np.float32(0.32)), 8500.0 + 6000.0 * brightness)
    return fade_edges(sound.astype(np.float32), 0.0005, 0.03)


def _ride(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(1.1)
    time = times(frames)
    ping = np.zeros(frames, dtype=np.float32)
    for number, partial_hz in enumerate((2980.0, 3650.0, 4720.0, 5890.0, 7310.0)):
        ping += np.sin(np.float32(2 * np.pi * (partial_hz + 9 * take)) * time) * decay(frames, 0.8 - 0.1 * number)
    sides = []
    for side, gain in ((0, 1.0), (1, 0.7)):
        wash = high_pass(noise(frames, 500 + take + 20 * side), 4200.0) * decay(frames, 0.9)
        sides.append((ping * np.float32(0.035) + wash * np.float32(0.05 + 0.05 * velocity)) * np.float32(gain))
    return fade_edges(low_pass(stereo(*sides), 8000.0 + 6000.0 * brightness), 0.0005, 0.2)


def _crash(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(2.4)
    left = high_pass(noise(frames, 600 + take), 2600.0) * decay(frames, 2.0)
    right = high_pass(noise(frames, 640 + take), 2900.0) * decay(frames, 2.1)
    sound = low_pass(stereo(left, right), 7500.0 + 6000.0 * brightness) * np.float32(0.13 + 0.05 * velocity)
    return fade_edges(sound, 0.002, 0.4)


def _tom(pitch_hz: float, velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(1.0)
    time = times(frames)
    sweep_hz = pitch_hz * (1.0 + 0.35 * np.exp(-time * np.float32(26.0)))
    turn = np.cumsum(sweep_hz) * np.float32(2 * np.pi / 44100)
    sound = np.sin(turn) * decay(frames, 1.15) + 0.25 * np.sin(turn * np.float32(1.59)) * decay(frames, 0.5)
    sound += low_pass(noise(frames, 700 + take), 1800.0) * decay(frames, 0.05) * np.float32(0.25)
    # As the drummer sits: high toms on the left, low ones on the right.
    right = np.float32(0.72 - (pitch_hz - 98.0) / 74.0 * 0.44)
    return fade_edges(stereo(sound * (1 - right), sound * right).astype(np.float32) * np.float32(0.75), 0.0006, 0.1)


play = drum_kit(
    {
        36: _kick,
        37: _rim,
        38: _snare,
        42: _hat,
        45: partial(_tom, 98.0),
        46: partial(_hat, ring_seconds=2.5),
        47: partial(_tom, 128.0),
        49: _crash,
        50: partial(_tom, 172.0),
        51: _ride,
    },
    takes=4,
    touch=1.3,
)
