"""A sub bass: a sine with just enough harmonics to be heard on small loudspeakers."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    decay,
    fade_edges,
    hz,
    oscillate,
    swell,
    wave_table,
)

_LEVEL = 0.42


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """One held note, (frames,)."""
    envelope = swell(stroke.hold_seconds, 0.015, 0.12, sag=0.1)
    overtone = 0.12 + 0.25 * stroke.brightness * stroke.velocity
    table = wave_table((1.0, overtone, overtone * 0.6, overtone * 0.25))
    sound = oscillate(table, hz(stroke.pitch), len(envelope)) * envelope
    sound *= 1.0 + np.float32(0.5) * decay(len(sound), 0.12)
    return fade_edges(np.tanh(sound * np.float32(1.1)) * np.float32(_LEVEL * stroke.velocity**0.7), 0.003)
