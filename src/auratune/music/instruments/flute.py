"""A flute: a nearly pure tone with breath in it, and a vibrato of loudness more than of pitch."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import (
    Sound,
    SoundCache,
    Stroke,
    band_pass,
    decay,
    hz,
    noise,
    oscillate,
    swell,
    times,
    vibrato,
    wave_table,
)

_LEVEL = 0.26


def play(stroke: Stroke, _cache: SoundCache) -> Sound:
    """One blown note, (frames,)."""
    fundamental = hz(stroke.pitch)
    envelope = swell(stroke.hold_seconds, 0.055 + 0.05 * (1 - stroke.velocity), 0.14)
    frames = len(envelope)
    colour = 0.5 + 0.7 * stroke.brightness * stroke.velocity
    table = wave_table(
        (1.0, round(0.42 * colour, 3), round(0.20 * colour, 3), round(0.07 * colour, 3), round(0.03 * colour, 3))
    )
    bend = vibrato(frames, 5.0, 6.0, delay_seconds=0.25, phase=stroke.take)
    # A blown note starts a little flat and settles.
    bend *= 1.0 - np.float32(0.006) * decay(frames, 0.25)
    tone = oscillate(table, fundamental, frames, bend=bend)
    time = times(frames)
    throb = 1.0 + np.float32(0.09) * np.clip((time - 0.25) * 2, 0, 1) * np.sin(np.float32(31.4) * time + stroke.take)
    breath = band_pass(noise(frames, 50 + stroke.take), fundamental * 0.9, min(9000.0, fundamental * 5))
    air = np.float32(0.03 + 0.03 * stroke.velocity) + np.float32(0.14) * decay(frames, 0.12)
    sound: Sound = (tone * throb + breath * air) * envelope * np.float32(_LEVEL * stroke.velocity)
    return sound
