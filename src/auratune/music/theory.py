"""Scales, chords and voice leading: what notes may sound together, and how to get from one chord to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from typing import Literal

Mode = Literal["major", "minor"]

KEY_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SCALES: dict[Mode, tuple[int, ...]] = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_NUMERALS = {"I": 0, "II": 1, "III": 2, "IV": 3, "V": 4, "VI": 5, "VII": 6}
_NUMERAL = re.compile(r"^([b#]?)([iv]+|[IV]+)([^/]*)(?:/([357]))?$")

QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
    "7sus4": (0, 5, 7, 10),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "69": (0, 4, 7, 9, 14),
    "13": (0, 4, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
}
"""Intervals above the root in semitones."""


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class, 0 is C) and a mode."""

    tonic: int
    mode: Mode

    @property
    def name(self) -> str:
        """Such as `D minor`."""
        return f"{KEY_NAMES[self.tonic]} {self.mode}"

    @property
    def scale(self) -> tuple[int, ...]:
        """The seven pitch classes, from the tonic."""
        return tuple((self.tonic + step) % 12 for step in SCALES[self.mode])


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: its numeral in the key, its root and bass (pitch classes) and its intervals above the root."""

    numeral: str
    root: int
    bass: int
    quality: str

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes, root first."""
        return tuple((self.root + interval) % 12 for interval in QUALITIES[self.quality])

    @property
    def is_minor(self) -> bool:
        """Whether its third is a minor one."""
        return 3 in QUALITIES[self.quality]

    @property
    def symbol(self) -> str:
        """As it stands on a lead sheet: `Dm7/F`."""
        slash = "" if self.bass == self.root else f"/{KEY_NAMES[self.bass]}"
        return f"{KEY_NAMES[self.root]}{self.quality}{slash}"


def read_key(text: str) -> Key | None:
    """The key that a text such as `F# minor`, `Bbm` or `c major` names, or None where it names none."""
    match = re.match(r"^\s*([A-Ga-g])\s*([b#♭♯]?)\s*(major|minor|maj|min|m)?\s*$", text)
    if match is None:
        return None
    letter, accidental, mode = match.groups()
    shift = {"b": -1, "♭": -1, "#": 1, "♯": 1}.get(accidental, 0)
    return Key((_LETTERS[letter.upper()] + shift) % 12, "minor" if mode in {"minor", "min", "m"} else "major")


@cache
def chord_of(numeral: str, key: Key) -> Chord:
    """The chord of a roman numeral in a key.

    `bVII`, `ii7`, `Vsus4`, `I/3` (third in the bass); a lower-case numeral is minor. Degrees are those of the key's
    own scale, so `VI` in minor is the flat sixth. Raises `ValueError` for what is no numeral.
    """
    match = _NUMERAL.match(numeral)
    if match is None or match.group(2).upper() not in _NUMERALS:
        raise ValueError(f"{numeral!r} is no roman numeral")
    accidental, roman, suffix, inversion = match.groups()
    degree = _NUMERALS[roman.upper()]
    root = (key.tonic + SCALES[key.mode][degree] + {"b": -1, "#": 1}.get(accidental, 0)) % 12
    quality = suffix if roman.isupper() or suffix.startswith(("sus", "dim", "m7b5")) else f"m{suffix}"
    intervals = QUALITIES[quality]
    bass = root if inversion is None else (root + intervals[int(inversion) // 2]) % 12
    return Chord(numeral, root, bass, quality)


def nearest(pitch_class: int, to_pitch: float) -> int:
    """The MIDI pitch of that class that lies nearest to a pitch."""
    base = round(to_pitch)
    return min(
        (base + shift for shift in range(-6, 7) if (base + shift) % 12 == pitch_class), key=lambda p: abs(p - to_pitch)
    )


def within(pitch: int, low: int, high: int) -> int:
    """The pitch moved by octaves into a range of at least an octave."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _muddy(voicing: tuple[int, ...]) -> int:
    """How many neighbours lie too close for their depth: under C3 at least a fifth, under G3 a minor third."""
    return sum(1 for low, high in pairwise(voicing) if high - low < (7 if low < 48 else 3 if low < 55 else 1))


def voice(
    chord: Chord, voices: int, low: int, high: int, before: tuple[int, ...] = (), bass_before: int = -1
) -> tuple[int, ...]:
    """A voicing of the chord, ascending MIDI pitches inside `low`..`high`, that moves least from the one before.

    With fewer voices than tones the fifth goes first, then the root (the bass has it); with more, the root is doubled,
    then the fifth, never the third. `bass_before` is the pitch class under the voicing before: outer voices that move
    in parallel fifths or octaves with the bass are avoided.
    """
    best: tuple[float, tuple[int, ...]] | None = None
    centre = (low + high) / 2
    for doubling, tones in enumerate(_chosen_tones(chord, voices)):
        places = [[p for p in range(low, high + 1) if p % 12 == tone] for tone in tones]
        for combination in product(*places):
            voicing = tuple(sorted(combination))
            if len(set(voicing)) < len(voicing):
                continue
            gaps = max((b - a for a, b in pairwise(voicing)), default=0)
            cost = 6.0 * _muddy(voicing) + 3.0 * max(0, gaps - 9) + 0.15 * abs(sum(voicing) / len(voicing) - centre)
            cost += 2.0 * sum(1 for a, b in pairwise(voicing) if b - a == 1) + 2.0 * doubling
            cost += sum(abs(a - b) for a, b in zip(voicing, before, strict=False)) if before else 0.3 * gaps
            cost += _parallels(voicing, chord.bass, before, bass_before)
            if best is None or (cost, voicing) < best:
                best = (cost, voicing)
    # A doubled tone may have only one place in the range.
    return best[1] if best else voice(chord, voices - 1, low, high, before)


def _chosen_tones(chord: Chord, voices: int) -> list[tuple[int, ...]]:
    """The pitch classes to voice, best first: with the root doubled, or with the fifth."""
    tones = list(dict.fromkeys(chord.tones))
    for expendable in ((chord.root + 7) % 12, chord.root):
        if len(tones) > voices and expendable in tones:
            tones.remove(expendable)
    tones = tones[:voices]
    if chord.bass == chord.tones[1] and len(tones) == 3 and voices > 2:
        # The bass has the third already.
        tones = [chord.tones[0], chord.tones[2]]
    root, fifth = chord.tones[0], chord.tones[2]
    spare = voices - len(tones)
    if not spare:
        return [tuple(tones)]
    return [(*tones, *((first, second) * spare)[:spare]) for first, second in ((root, fifth), (fifth, root))]


def _parallels(voicing: tuple[int, ...], bass: int, before: tuple[int, ...], bass_before: int) -> float:
    """The cost of parallel fifths and octaves: of the top voice with the bass, and of the outer voices."""
    if not before or bass_before < 0:
        return 0.0
    cost = 0.0
    if voicing[-1] != before[-1]:
        for low, low_before, weight in ((bass, bass_before, 60.0), (voicing[0], before[0], 6.0)):
            now, then = (voicing[-1] - low) % 12, (before[-1] - low_before) % 12
            cost += weight if now == then and now in {0, 7} and (low - low_before) % 12 else 0.0
    return cost
