"""A fingered electric bass: a round pluck whose overtones die before its fundamental does."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    decay,
    fade_edges,
    filtered_harmonics,
    frames_of,
    hz,
    low_pass,
    noise,
    oscillate,
    swell,
    wave_table,
)

_LEVEL = 0.48


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """One plucked note, (frames,)."""
    fundamental = hz(stroke.pitch)
    envelope = swell(stroke.hold_seconds, 0.006, 0.09)
    frames = len(envelope)
    open_hz = (500.0 + 1500.0 * stroke.velocity**1.5) * (0.6 + 0.8 * stroke.brightness)
    bright = wave_table(filtered_harmonics(fundamental, open_hz, order=1.5, tilt=0.9), 5)
    round_ = wave_table(filtered_harmonics(fundamental, 190.0, order=2.0, tilt=1.0))
    sound = oscillate(round_, fundamental, frames) * decay(frames, 4.5)
    sound += np.float32(0.75) * oscillate(bright, fundamental, frames, phase=0.1) * decay(frames, 0.9)
    finger = frames_of(0.03)
    thump = low_pass(noise(finger, 40 + stroke.take), 900.0) * decay(finger, 0.03)
    sound[: min(finger, frames)] += np.float32(0.10 * stroke.velocity) * thump[: min(finger, frames)]
    return fade_edges(np.tanh(sound * envelope * np.float32(1.2)) * np.float32(_LEVEL * stroke.velocity**0.8))
