"""Songs whose beats are known, because we play them here: eight styles, any tempo, with or without drums.

They are made for measuring the beat tracker and share nothing with the embedded composer: neither its voices nor its
scores. Timing is humanised, notes are syncopated, bars have fills, so that a tracker has something to get wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

RATE = 44100
SCALE = (0, 2, 4, 5, 7, 9, 11)
PROGRESSIONS = ((0, 4, 5, 3), (5, 3, 0, 4), (0, 5, 3, 4), (1, 4, 0, 5), (0, 3, 4, 3), (5, 4, 3, 4))


@dataclass(frozen=True)
class Style:
    """What a style plays, in sixteenths of a bar."""

    name: str
    kick: tuple[int, ...]
    snare: tuple[int, ...]
    hat: tuple[int, ...]
    bass: tuple[int, ...]
    comp: tuple[int, ...]
    voice: str = "keys"
    swing: float = 0.5
    """Where the off-beat eighth falls in its beat."""
    melody: float = 0.5
    pad: float = 0.3
    bars_per_chord: float = 1.0
    beats_per_bar: int = 4


STYLES = {
    style.name: style
    for style in (
        Style(
            "rock", (0, 6, 8), (4, 12), tuple(range(0, 16, 2)), (0, 2, 4, 6, 8, 10, 12, 14), (0, 6, 8, 14), "strings"
        ),
        Style("disco", (0, 4, 8, 12), (4, 12), (2, 6, 10, 14), (0, 2, 6, 8, 10, 14), (2, 6, 10, 14), "keys"),
        Style("ballad", (0, 8), (4, 12), tuple(range(0, 16, 4)), (0, 8, 14), tuple(range(0, 16, 2)), "keys", pad=0.5),
        Style("shuffle", (0, 8), (4, 12), tuple(range(0, 16, 2)), (0, 4, 8, 12, 14), (0, 6, 10), "keys", swing=0.66),
        Style("latin", (0, 6, 8, 14), (3, 6, 12), tuple(range(0, 16, 2)), (0, 6, 8, 14), (0, 3, 6, 10, 12), "pluck"),
        Style("floating", (0,), (), (), (0,), (0,), "strings", melody=0.3, pad=0.9, bars_per_chord=1.0),
        Style("picking", (0, 10), (4, 12), (), (0, 8), tuple(range(16)), "pluck", pad=0.0),
        Style("waltz", (0,), (4, 8), tuple(range(0, 12, 2)), (0,), (4, 8), "keys", beats_per_bar=3),
        Style("slow waltz", (0, 10), (8,), (0, 4, 8), (0, 8), (0, 4, 6, 8), "pluck", pad=0.5, beats_per_bar=3),
        Style("laid-back", (0, 7, 10), (4, 12), tuple(range(0, 16, 2)), (0, 7, 10), (0, 6), "keys", swing=0.58),
    )
}
SWUNG = ("shuffle", "laid-back")


@dataclass(frozen=True)
class KnownSong:
    """Sound and where its beats are."""

    name: str
    samples: np.ndarray
    beats: np.ndarray
    downbeats: np.ndarray
    bpm: float
    swung: bool
    drums: bool
    group: str = "own"
    notes: dict[str, float] = field(default_factory=dict)


def perform(
    style_name: str, bpm: float, seed: int, *, drums: bool = True, lead_in: float = 0.0, length_seconds: float = 36.0
) -> KnownSong:
    """Play a style: float32 samples (frames, 2) and the true beats."""
    rng = np.random.default_rng(seed)
    style = STYLES[style_name]
    beat = 60.0 / bpm
    track = np.zeros((int(length_seconds * RATE) + RATE * 3, 2), np.float32)
    bars = int((length_seconds - lead_in) / (style.beats_per_bar * beat))
    key = int(rng.integers(-5, 6))
    progression = PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))]
    pickup = _Band(track, rng, style, beat, lead_in, key)
    for bar in range(bars):
        chord = progression[int(bar / style.bars_per_chord) % 4]
        full = bars < 8 or (bar // 4) % 2 == 1
        pickup.bar(bar, chord, full=full, drums=drums, fill=bar % 4 == 3)
    count = int((length_seconds - lead_in) / beat + 1e-6)
    beats = lead_in + beat * np.arange(count)
    beats = beats[beats < bars * style.beats_per_bar * beat + lead_in - 1e-6]
    samples = track[: int(length_seconds * RATE)]
    samples += rng.standard_normal(samples.shape).astype(np.float32) * 0.0005
    samples /= max(1e-6, float(np.abs(samples).max())) / 0.8
    label = f"{style_name} {bpm:.0f}{'' if drums else ' no drums'}"
    return KnownSong(label, samples, beats, beats[:: style.beats_per_bar], bpm, style_name in SWUNG, drums)


class _Band:
    def __init__(
        self, track: np.ndarray, rng: np.random.Generator, style: Style, beat: float, lead_in: float, key: int
    ) -> None:
        self.track, self.rng, self.style, self.beat, self.lead_in, self.key = track, rng, style, beat, lead_in, key

    def when(self, bar: int, sixteenth: float) -> float:
        beats, rest = divmod(sixteenth, 4)
        swing = self.style.swing
        place = rest / 2 * swing if rest <= 2 else swing + (rest - 2) / 2 * (1 - swing)
        loose = float(self.rng.normal(0, 0.004))
        return max(0.0, self.lead_in + (bar * self.style.beats_per_bar + beats + place) * self.beat + loose)

    def hz(self, degree: int, octave: int) -> float:
        octaves, step = divmod(degree, 7)
        return 440.0 * 2 ** ((SCALE[step] + self.key - 9) / 12 + octave - 4 + octaves)

    def put(self, sound: np.ndarray, at: float, gain: float, pan: float = 0.0) -> None:
        start = int(at * RATE)
        stop = min(len(self.track), start + len(sound))
        if stop > start:
            piece = sound[: stop - start].astype(np.float32) * gain
            self.track[start:stop, 0] += piece * (1 - max(0, pan))
            self.track[start:stop, 1] += piece * (1 + min(0, pan))

    def bar(self, bar: int, chord: int, *, full: bool, drums: bool, fill: bool) -> None:
        style, rng = self.style, self.rng
        steps = 4 * style.beats_per_bar
        for place in style.bass:
            degree = chord if place in (0, 8) or rng.random() < 0.6 else chord + 4
            self.put(
                _bass(self.hz(degree, 2), self.beat * min(0.9, (steps - place) / 4)),
                self.when(bar, place),
                0.32 * rng.uniform(0.8, 1),
            )
        for place in style.comp:
            if not full and rng.random() < 0.25:
                continue
            if style.voice == "pluck":
                notes = (
                    [(chord, chord + 2, chord + 4, chord + 7)[place % 4]]
                    if len(style.comp) > 8
                    else [chord, chord + 2, chord + 4]
                )
            else:
                notes = [chord, chord + 2, chord + 4]
            for note in notes:
                # A player damps what would ring into the next chord.
                left = (steps - place) / 4
                sound = VOICES[style.voice](self.hz(note, 4), self.beat * min(1.5, left), rng)
                self.put(sound, self.when(bar, place), 0.10 * rng.uniform(0.6, 1.0), rng.uniform(-0.4, 0.4))
        if style.pad:
            for note in (chord, chord + 2, chord + 4):
                self.put(
                    _pad(self.hz(note, 4), self.beat * (style.beats_per_bar + 0.2)), self.when(bar, 0), 0.08 * style.pad
                )
        if full and style.melody:
            for place in range(0, steps, 2):
                if rng.random() < style.melody * (0.9 if place % 4 == 0 else 0.6):
                    degree = chord + int(rng.choice([0, 2, 4, 1, 6, 7]))
                    self.put(_lead(self.hz(degree, 5), self.beat * 0.8), self.when(bar, place), 0.09)
        if drums:
            self.drum_bar(bar, full=full, fill=fill)

    def drum_bar(self, bar: int, *, full: bool, fill: bool) -> None:
        style, rng = self.style, self.rng
        for place in style.kick:
            self.put(_kick(), self.when(bar, place), 0.55 * rng.uniform(0.85, 1))
        last = 4 * style.beats_per_bar - 4
        snares = tuple(place for place in style.snare if not (fill and place == last)) + (
            tuple(range(last, last + 4)) if fill and style.snare else ()
        )
        for place in snares:
            self.put(_snare(rng), self.when(bar, place), 0.3 * rng.uniform(0.7, 1))
        for place in style.hat:
            if full or place % 4 == 0:
                self.put(_hat(rng), self.when(bar, place), 0.12 * rng.uniform(0.5, 1), 0.3)


def _time(seconds: float) -> np.ndarray:
    return np.arange(int(seconds * RATE)) / RATE


def _bass(hz: float, seconds: float) -> np.ndarray:
    t = _time(seconds)
    wave = np.sin(2 * np.pi * hz * t) + 0.4 * np.sin(4 * np.pi * hz * t) + 0.15 * np.sin(6 * np.pi * hz * t)
    return wave * np.minimum(1, t / 0.008) * np.exp(-t * 2.2) * np.minimum(1, (seconds - t) / 0.02)


def _keys(hz: float, seconds: float, rng: np.random.Generator) -> np.ndarray:
    del rng
    t = _time(seconds)
    parts = sum(np.sin(2 * np.pi * hz * k * t) * np.exp(-t * (2 + k)) / k**1.5 for k in range(1, 7))
    return parts * np.minimum(1, t / 0.004) * np.minimum(1, (seconds - t) / 0.03)


def _pluck(hz: float, seconds: float, rng: np.random.Generator) -> np.ndarray:
    t = _time(seconds)
    phase = rng.uniform(0, 1)
    parts = sum(np.sin(2 * np.pi * hz * k * t + phase * k) * np.exp(-t * (3 + 1.5 * k)) / k for k in range(1, 10))
    return 1.3 * parts * np.minimum(1, t / 0.002) * np.minimum(1, (seconds - t) / 0.03)


def _strings(hz: float, seconds: float, rng: np.random.Generator) -> np.ndarray:
    t = _time(seconds)
    vibrato = 0.004 * hz * np.sin(2 * np.pi * 5 * t + rng.uniform(0, 6)) / 5
    parts = sum(np.sin(2 * np.pi * k * hz * t + k * vibrato) / k for k in range(1, 8))
    return 0.7 * parts * np.minimum(1, t / 0.06) * np.clip((seconds - t) / 0.15, 0, 1)


def _pad(hz: float, seconds: float) -> np.ndarray:
    t = _time(seconds)
    parts = sum(
        np.sin(2 * np.pi * hz * (1 + d) * t) + 0.3 * np.sin(4 * np.pi * hz * (1 - d) * t) for d in (-0.003, 0.003)
    )
    return parts * np.minimum(1, t / 0.25) * np.clip((seconds - t) / 0.3, 0, 1)


def _lead(hz: float, seconds: float) -> np.ndarray:
    t = _time(seconds)
    wave = np.sin(2 * np.pi * hz * t + 1.2 * np.sin(2 * np.pi * hz * t) * np.exp(-6 * t))
    return wave * np.minimum(1, t / 0.015) * np.exp(-t * 2) * np.clip((seconds - t) / 0.05, 0, 1)


def _kick() -> np.ndarray:
    t = _time(0.25)
    return np.sin(2 * np.pi * (48 * t + 7 * (1 - np.exp(-t * 40)))) * np.exp(-t * 14)


def _snare(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.2)
    noise = np.diff(rng.standard_normal(len(t) + 1)) * 0.7
    return noise * np.exp(-t * 25) + 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t * 30)


def _hat(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.08)
    return np.diff(np.diff(rng.standard_normal(len(t) + 2))) * 0.5 * np.exp(-t * 60)


VOICES = {"keys": _keys, "pluck": _pluck, "strings": _strings}
