"""How the embedded composer's songs and instruments sound: figures from a few played songs and from single notes."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

from auratune.music.composition.arranger import arrange
from auratune.music.instruments import INSTRUMENTS
from auratune.music.instruments.synthesis import RATE, SoundCache, Stroke
from auratune.music.mixing.loudness import integrated_lufs, true_peak_dbtp
from auratune.music.mixing.mixer import mix
from benchmarks.music_compose import brief_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.music.instruments.synthesis import Sound
    from auratune.music.score import Score

    Array = NDArray[np.floating]

CENTRES_HZ = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
REFERENCE_DB = (-6.3, -7.2, -8.2, -11.0, -14.3, -16.5, -19.0, -23.0)
"""Octave bands against the whole, from 72 finished tracks."""
SECONDS = 24.0

LOW, HIGH = "at most", "at least"
TARGETS: dict[str, tuple[str, float, float]] = {
    "bands_off_db": (LOW, 0.0, 2.0),
    "above_10_khz_db": (LOW, -32.0, -26.0),
    "lofi_above_10_khz_db": (LOW, -45.0, -32.0),
    "chorus_highs_db": (HIGH, 1.5, 12.0),
    "chorus_width_db": (HIGH, 2.0, 12.0),
    "chorus_layers": (HIGH, 1.0, 9.0),
    "arousal_brightness": (HIGH, 1.2, 3.0),
    "lufs": (LOW, -14.7, -13.3),
    "true_peak_dbtp": (LOW, -9.0, -1.0),
    "lofi_drums_lu": (HIGH, 3.0, 5.0),
    "piano_c2_above_2_khz_db": (HIGH, -40.0, 0.0),
    "piano_c5_after_1_s_db": (HIGH, -22.0, 0.0),
    "piano_c6_centroid_hz": (LOW, 1000.0, 1500.0),
    "piano_left_right": (LOW, -1.0, 0.6),
    "closed_hat_t40_ms": (HIGH, 120.0, 400.0),
    "open_hat_t20_ms": (HIGH, 600.0, 1500.0),
    "snare_centroid_hz": (LOW, 900.0, 2500.0),
    "tom_t40_ms": (HIGH, 700.0, 1500.0),
    "kit_left_right": (LOW, -1.0, 0.9),
    "steepest_cap_db": (LOW, 0.0, 12.0),
}


def db(power: float) -> float:
    return float(10 * math.log10(power + 1e-14))


def power_spectrum(sound: Array) -> tuple[Array, Array]:
    """(hertz, power) of one channel, averaged over the sound."""
    hertz, power = signal.welch(sound, RATE, nperseg=8192)
    return hertz, power


def share_db(sound: Array, low_hz: float, high_hz: float) -> float:
    """Power between two frequencies against all of it, both channels."""
    hertz, power = signal.welch(sound, RATE, nperseg=8192, axis=0)
    power = power.sum(axis=1)
    return db(float(power[(hertz >= low_hz) & (hertz < high_hz)].sum() / power.sum()))


def centroid_hz(sound: Array, *, exponent: float = 1.0) -> float:
    hertz, power = power_spectrum(sound)
    weights = power**exponent
    return float((hertz * weights).sum() / weights.sum())


def section(sound: Sound, score: Score, name: str) -> Sound:
    bar = score.bar_beats * score.beat_seconds * RATE
    edges = [(int(s.first_bar * bar), int(s.end_bar * bar)) for s in score.sections if s.name == name]
    return np.concatenate([sound[start:end] for start, end in edges])


def width_db(sound: Sound) -> float:
    middle, side = sound.sum(axis=1), sound[:, 0] - sound[:, 1]
    return db(float(np.square(side).mean())) - db(float(np.square(middle).mean()))


def layers(score: Score, name: str) -> int:
    bars = [(s.first_bar * score.bar_beats, s.end_bar * score.bar_beats) for s in score.sections if s.name == name]
    return sum(
        any(start - 0.1 <= note.start_beats < end - 0.1 for start, end in bars for note in part.notes)
        for part in score.parts
        if part.role not in {"effects", "texture"}
    )


def style_figures(style: str) -> dict[str, float]:
    # Neither bright nor warm: moods tilt the tone away from the reference on purpose.
    brief = replace(brief_of(style, SECONDS, 3), brightness=0.5, warmth=0.0)
    score = arrange(brief)
    stems: dict[str, Sound] = {}
    keep = (lambda name, stem: stems.update({name: stem.astype(np.float16)})) if style == "lo-fi" else None
    sound = mix(score, keep)
    verse, chorus = section(sound, score, "verse"), section(sound, score, "chorus")
    off = [
        abs(share_db(sound, centre / math.sqrt(2), centre * math.sqrt(2)) - wanted)
        for centre, wanted in zip(CENTRES_HZ, REFERENCE_DB, strict=True)
    ]
    calm, excited = (mix(arrange(replace(brief, length_seconds=12.0, arousal=a))).mean(axis=1) for a in (0.15, 0.85))
    figures = {
        "bands_off_db": max(off),
        "lofi_above_10_khz_db" if style == "lo-fi" else "above_10_khz_db": share_db(sound, 10000.0, 22050.0),
        "chorus_highs_db": share_db(chorus, 4000.0, 22050.0) - share_db(verse, 4000.0, 22050.0),
        "chorus_width_db": width_db(chorus) - width_db(verse),
        "chorus_layers": float(layers(score, "chorus") - layers(score, "verse")),
        "arousal_brightness": centroid_hz(excited, exponent=0.5) / centroid_hz(calm, exponent=0.5),
        "lufs": integrated_lufs(sound, RATE),
        "true_peak_dbtp": true_peak_dbtp(sound, RATE),
    }
    if stems:
        whole = sum(stem.astype(np.float32) for stem in stems.values())
        drums = stems["drums"].astype(np.float32)
        figures["lofi_drums_lu"] = integrated_lufs(whole, RATE) - integrated_lufs(drums, RATE)
    return figures


def note(name: str, pitch: int, hold: float = 2.0, velocity: float = 0.8) -> Sound:
    sound = INSTRUMENTS[name](Stroke(pitch, hold, velocity), SoundCache())
    return np.stack((sound, sound), axis=1) if sound.ndim == 1 else np.ascontiguousarray(sound.T)


def fall_ms(sound: Sound, decibels: float) -> float:
    """Time from the peak until the level stays so far below it, in windows of 10 ms."""
    power = np.square(sound).mean(axis=1)
    smooth = np.convolve(power, np.ones(441) / 441, mode="same")
    peak = int(np.argmax(smooth))
    above = np.flatnonzero(smooth[peak:] > smooth[peak] * 10 ** (-decibels / 10))
    return float(above[-1]) / RATE * 1000


def correlation(sound: Sound) -> float:
    return float(np.corrcoef(sound[:, 0], sound[:, 1])[0, 1])


def steepest_cap_db(name: str, pitch: int) -> float:
    """The largest fall from one band of 2 kHz to the one 1 kHz on, 7 to 18 kHz, above -90 dB: a visible edge."""
    hertz, power = power_spectrum(note(name, pitch, 1.5).mean(axis=1))
    total = power.sum()
    bands = [db(float(power[(hertz >= low) & (hertz < low + 2000)].sum() / total)) for low in range(7000, 17000, 1000)]
    return max([a - max(b, -90.0) for a, b in pairwise(bands) if a > -90.0], default=0.0)


def instrument_figures() -> dict[str, float]:
    low, middle, high = note("grand-piano", 36), note("grand-piano", 72), note("grand-piano", 84)
    start, later = middle[:4410], middle[RATE : RATE + 4410]
    kits = ("soft-kit", "electronic-kit")
    return {
        "piano_c2_above_2_khz_db": share_db(low[:RATE], 2000.0, 22050.0),
        "piano_c5_after_1_s_db": db(float(np.square(later).mean())) - db(float(np.square(start).mean())),
        "piano_c6_centroid_hz": centroid_hz(high.mean(axis=1)),
        "piano_left_right": max(correlation(note("grand-piano", pitch)) for pitch in (36, 48, 60, 72, 84)),
        "closed_hat_t40_ms": min(fall_ms(note(kit, 42), 40.0) for kit in kits),
        "open_hat_t20_ms": min(fall_ms(note(kit, 46), 20.0) for kit in kits),
        "snare_centroid_hz": max(centroid_hz(note(kit, 38).mean(axis=1)) for kit in kits),
        "tom_t40_ms": min(fall_ms(note(kit, 45), 40.0) for kit in kits),
        "kit_left_right": max(correlation(note(kit, piece)) for kit in kits for piece in (38, 42, 46, 49)),
        "steepest_cap_db": max(
            steepest_cap_db(name, pitch)
            for name in ("strings", "soft-voices", "grand-piano", "warm-pad", "lead-synth", "synth-pluck", "synth-bass")
            for pitch in (48, 60, 72)
        ),
    }
