"""An electronic kit: a kick with a knock and a long floor, clap, gated snare, crisp hats, deep toms."""

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


def _kick(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.46)
    time = times(frames)
    sweep_hz = 46.0 + 140.0 * np.exp(-time * np.float32(55.0)) + 900.0 * np.exp(-time * np.float32(420.0))
    sound = np.sin(np.cumsum(sweep_hz) * np.float32(2 * np.pi / RATE)) * decay(frames, 0.48)
    click = high_pass(noise(frames, 1100 + take), 1800.0) * decay(frames, 0.008)
    sound = np.tanh(sound * np.float32(1.9)) * np.float32(0.60) + click * np.float32(
        0.02 + 0.05 * velocity * brightness
    )
    return fade_edges(stereo(sound, sound), 0.0005, 0.05)


def _snare(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.38)
    time = times(frames)
    shell = np.sin(np.float32(2 * np.pi * 196.0) * time + 6.0 * np.exp(-time * np.float32(60.0))) * decay(frames, 0.20)
    # A gate: the room stays loud, then shuts.
    gate = np.clip((0.24 - time) / 0.07, 0.0, 1.0).astype(np.float32)
    sides = []
    for side in (0, 1):
        wires = band_pass(noise(frames, 1200 + 10 * side + take), 700.0, 2100.0 + 2000.0 * brightness)
        rattle = wires * (decay(frames, 0.16) * np.float32(0.42) + gate * np.float32(0.10 + 0.06 * velocity))
        sides.append(low_pass(shell * np.float32(0.62) + rattle, 7000.0 + 3000.0 * brightness))
    return fade_edges(stereo(*sides), 0.0005, 0.02)


def _clap(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.32)
    time = times(frames)
    hands = np.zeros(frames, dtype=np.float32)
    for late in (0.0, 0.011, 0.023 + 0.001 * take):
        after = time - np.float32(late)
        hands += np.where(after >= 0, np.exp(-np.maximum(after, 0) * np.float32(170.0)), 0).astype(np.float32)
    after = np.maximum(time - np.float32(0.032), 0)
    hands += np.where(time >= 0.032, np.exp(-after * np.float32(19.0)), 0).astype(np.float32) * np.float32(0.55)
    sides = [
        band_pass(noise(frames, 1300 + 10 * side + take), 850.0, 2900.0 + 2500.0 * brightness) * hands
        for side in (0, 1)
    ]
    return fade_edges(stereo(*sides) * np.float32(0.30 + 0.08 * velocity), 0.0005, 0.03)


def _rim(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.08)
    time = times(frames)
    sound = np.sin(np.float32(2 * np.pi * 1050.0) * time) * decay(frames, 0.04)
    sound += band_pass(noise(frames, 1400 + take), 2000.0, 5000.0 + 3000 * brightness) * decay(frames, 0.02)
    return fade_edges(stereo(sound, sound) * np.float32(0.28 + 0.1 * velocity), 0.0005)


def _hat(velocity: float, brightness: float, take: int, ring_seconds: float = 0.0) -> Sound:
    """Closed where `ring_seconds` is 0: a tick and a short tail; else open for about so long."""
    touch = 0.8 + 0.3 * velocity
    tail_seconds = (ring_seconds or 0.36) * touch
    frames = frames_of(min(1.6, tail_seconds * 0.8) + 0.02)
    time = times(frames)
    metal = np.zeros(frames, dtype=np.float32)
    # Six squares out of tune with one another, as in the drum machines of the eighties.
    for partial_hz in (3070.0, 4210.0, 5430.0, 6090.0, 7120.0, 8140.0):
        metal += np.sign(np.sin(np.float32(2 * np.pi * (partial_hz + 13 * take)) * time))
    shape = decay(frames, 0.06 * touch) + (np.float32(1.0) if ring_seconds else np.float32(0.22)) * decay(
        frames, tail_seconds
    )
    sides = [metal * np.float32(0.10) + noise(frames, 1500 + take + 20 * side) * np.float32(0.35) for side in (0, 1)]
    sound = low_pass(high_pass(stereo(*sides), 6800.0, order=4), 9500.0 + 6000.0 * brightness) * shape
    return fade_edges(sound * np.array([[0.26], [0.38]], dtype=np.float32), 0.0004, 0.03)


def _crash(velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(2.2)
    sides = [
        high_pass(noise(frames, 1600 + 10 * side + take), 3200.0) * decay(frames, 1.7 + 0.1 * side) for side in (0, 1)
    ]
    return fade_edges(
        low_pass(stereo(*sides), 8500.0 + 6000.0 * brightness) * np.float32(0.12 + 0.05 * velocity), 0.001, 0.4
    )


def _tom(pitch_hz: float, velocity: float, brightness: float, take: int) -> Sound:
    frames = frames_of(0.9)
    time = times(frames)
    sweep_hz = pitch_hz * (1.0 + 0.8 * np.exp(-time * np.float32(18.0)))
    sound = np.sin(np.cumsum(sweep_hz) * np.float32(2 * np.pi / RATE)) * decay(frames, 1.1)
    gate = np.clip((0.26 - time) / 0.08, 0.0, 1.0).astype(np.float32)
    skin = low_pass(noise(frames, 1700 + take), 2600.0)
    sound = sound * np.float32(0.7) + skin * (decay(frames, 0.06) * np.float32(0.4) + gate * np.float32(0.07))
    # As the drummer sits: high toms on the left, low ones on the right.
    right = np.float32(0.72 - (pitch_hz - 86.0) / 74.0 * 0.44)
    return fade_edges(stereo(sound * (1 - right), sound * right), 0.0005, 0.1)


_open_hat = partial(_hat, ring_seconds=2.3)
play = drum_kit(
    {
        36: _kick,
        37: _rim,
        38: _snare,
        39: _clap,
        42: _hat,
        45: partial(_tom, 86.0),
        46: _open_hat,
        47: partial(_tom, 118.0),
        49: _crash,
        50: partial(_tom, 160.0),
        51: _open_hat,
    },
    takes=4,
    touch=1.2,
)
