"""Songs that are hard to follow, with known beats: for measuring whether the tracker knows when it is wrong.

Many kinds of trouble: accents off the beat, half-time drums, echoes in dotted rhythm, rubato, no drums, bars of three.
Neither instruments (frequency modulation, filtered noise, a convolved room) nor scores are shared with the embedded
composer or with `test_songs.py`, on which the tracker was fitted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import fftconvolve, lfilter

from benchmarks.test_songs import RATE, KnownSong

SECONDS = 28.0
MINOR = (0, 2, 3, 5, 7, 8, 10)
CHORDS = ((0, 5, 2, 6), (0, 3, 4, 0), (5, 6, 0, 0), (0, 6, 5, 4))


@dataclass(frozen=True)
class Kind:
    """What is struck where in a bar, in twelfths of a beat, so that swing and triplets are exact."""

    name: str
    low_bpm: float
    high_bpm: float
    kick: tuple[int, ...] = ()
    snare: tuple[int, ...] = ()
    hat: tuple[int, ...] = ()
    bass: tuple[int, ...] = ()
    stab: tuple[int, ...] = ()
    arp_every: int = 0
    beats_per_bar: int = 4
    swung: bool = False
    echo_beats: float = 0.0
    rubato: float = 0.0
    soft: bool = False
    """Slow attacks and a long room."""


def every(twelfths: int, *, first: int = 0, beats: int = 4) -> tuple[int, ...]:
    return tuple(range(first, 12 * beats, twelfths))


KINDS = (
    Kind("skank", 66, 92, (24,), (24,), every(6), (0, 9, 18, 30, 39), every(12, first=6)),
    Kind("half-time", 130, 150, (0, 30), (24,), every(4), (0, 30), (0,)),
    Kind("breakbeat", 160, 176, (0, 30), (12, 21, 36, 45), every(6), (0, 18, 30), (0,)),
    Kind("dotted echo", 84, 128, bass=(0, 24), stab=(0, 18), arp_every=9, echo_beats=0.75),
    Kind("rubato strings", 60, 84, bass=(0,), stab=(0, 24), rubato=0.05, soft=True),
    Kind("triplet shuffle", 76, 132, (0, 24), (12, 36), (0, 8, 12, 20, 24, 32, 36, 44), every(12), (8, 32), swung=True),
    Kind("tresillo", 88, 126, (0, 18, 36), (36,), every(12, first=6), (0, 18, 36), (0, 18, 36)),
    Kind("jazz waltz", 110, 170, (0,), (20,), (0, 12, 20, 24), (0, 12, 24), (20,), beats_per_bar=3, swung=True),
    Kind("slow three", 70, 100, bass=(0,), stab=(0, 12, 24), arp_every=6, beats_per_bar=3, soft=True),
    Kind("three over four", 92, 132, (0, 12, 24, 36), (), (), (0,), every(9), arp_every=4),
    Kind("backbeat only", 72, 116, (), (12, 36), every(12, first=6), (0, 18, 30, 42), (42,)),
    Kind("drone and bells", 56, 80, bass=(0,), stab=(21,), arp_every=18, soft=True, rubato=0.02),
    Kind("plain beat", 90, 130, (0, 12, 24, 36), (12, 36), every(6), (0, 24), (0, 18)),
    Kind("plain song", 76, 110, (0, 24), (12, 36), every(6), (0, 18, 24), (0, 24)),
)


def hard_song(kind: Kind, seed: int) -> KnownSong:
    """Sound, (frames, 2) float32, and the true beats."""
    dice = np.random.default_rng(seed)
    bpm = float(dice.uniform(kind.low_bpm, kind.high_bpm))
    count = int(SECONDS * bpm / 60) + 8
    pace = 60 / bpm * (1 + kind.rubato * np.sin(2 * np.pi * np.arange(count) / dice.uniform(9, 15)))
    beats = dice.uniform(0.05, 0.9) + np.concatenate(([0.0], np.cumsum(pace)))
    track = np.zeros((int(SECONDS * RATE) + 6 * RATE, 2), np.float32)
    root, chords = int(dice.integers(38, 50)), CHORDS[int(dice.integers(len(CHORDS)))]
    in_bar = kind.beats_per_bar

    def put(sound: np.ndarray, bar: int, twelfth: float, level: float, pan: float = 0.0) -> None:
        at = np.interp(bar * in_bar + twelfth / 12, np.arange(len(beats)), beats) + dice.normal(0, 0.006)
        start = max(0, int(at * RATE))
        piece = sound[: len(track) - start].astype(np.float32) * level * dice.uniform(0.7, 1.0)
        track[start : start + len(piece), 0] += piece * (1 - pan)
        track[start : start + len(piece), 1] += piece * (1 + pan)

    def tone(degree: int, octave: int, seconds: float, depth: float) -> np.ndarray:
        midi = root + MINOR[degree % 7] + 12 * (octave + degree // 7)
        return _fm(440 * 2 ** ((midi - 69) / 12), seconds, depth, 0.12 if kind.soft else 0.004)

    for bar in range(int(SECONDS * bpm / 60 / in_bar) + 1):
        chord = chords[bar % 4]
        beat = 60 / bpm
        for place in kind.kick:
            put(_noise(dice, 0.16, 22, 0.97) * 3 + _fm(52, 0.2, 1.0, 0.002)[: int(0.16 * RATE)], bar, place, 0.5)
        for place in kind.snare:
            put(_noise(dice, 0.22, 18, 0.4), bar, place, 0.35)
        for place in kind.hat:
            put(_noise(dice, 0.06, 70, -0.6), bar, place, 0.12, 0.4)
        for place in kind.bass:
            put(tone(chord if dice.random() < 0.7 else chord + 4, 0, 1.2 * beat, 0.8), bar, place, 0.35)
        for place in kind.stab:
            for third in (0, 2, 4):
                put(tone(chord + third, 1, (in_bar if kind.soft else 0.7) * beat, 1.4), bar, place, 0.12, -0.3)
        if kind.arp_every:
            for number, place in enumerate(range(0, 12 * in_bar, kind.arp_every)):
                put(tone(chord + (0, 2, 4, 7)[(number + bar) % 4], 2, 0.8 * beat, 1.1), bar, place, 0.13, 0.2)
    if kind.echo_beats:
        delay = int(kind.echo_beats * 60 / bpm * RATE)
        for _ in range(3):
            track[delay:] += 0.4 * track[:-delay]
    sound = track[: int(SECONDS * RATE)]
    room = dice.standard_normal((RATE, 2)) * np.exp(-np.arange(RATE) / RATE * (4 if kind.soft else 9))[:, None]
    wet = fftconvolve(sound, room / np.abs(room).sum(axis=0) * 6, axes=0)[: len(sound)]
    sound = (sound + (1.0 if kind.soft else 0.3) * wet + dice.normal(0, 0.002, sound.shape)).astype(np.float32)
    sound *= 0.8 / np.abs(sound).max()
    known = beats[beats < SECONDS - 0.1]
    label = f"{kind.name} {bpm:.0f}"
    return KnownSong(label, sound, known, known[::in_bar], bpm, kind.swung, bool(kind.kick), "hard")


def hard_songs(count: int, first_seed: int = 4000) -> list[KnownSong]:
    """As many songs, kind after kind."""
    return [hard_song(KINDS[number % len(KINDS)], first_seed + number) for number in range(count)]


def _fm(hertz: float, seconds: float, depth: float, attack: float) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    turn = 2 * np.pi * hertz * time
    wave = np.sin(turn + depth * np.exp(-3 * time) * np.sin(2.0 * turn))
    return wave * np.minimum(1, time / attack) * np.exp(-1.6 * time) * np.clip((seconds - time) / 0.06, 0, 1)


def _noise(dice: np.random.Generator, seconds: float, decay: float, pole: float) -> np.ndarray:
    """Noise that decays, dull for a pole near 1 and sharp for one below 0."""
    time = np.arange(int(seconds * RATE)) / RATE
    return lfilter([1 - abs(pole)], [1, -pole], dice.standard_normal(len(time))) * np.exp(-decay * time)
