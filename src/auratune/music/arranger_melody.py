"""The tune: a motif, its repeat, a contrast and an answer, set on the chords as they pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auratune.music.arranger_harmony import STEPS, sounding
from auratune.music.score import Note
from auratune.music.theory import nearest, step_in_scale, within

if TYPE_CHECKING:
    from random import Random

    from auratune.music.arranger_plan import Plan
    from auratune.music.score import ChordSpan, ScoreSection
    from auratune.music.style import Seat

_FORMS = {1: "A", 2: "Aa", 3: "ABa", 4: "AABa"}
"""Units of a section; `a` is the motif with an ending that closes."""


@dataclass(frozen=True, slots=True)
class _Motif:
    """Struck steps (start, length in sixteenths) and how far each lies from the anchor in scale steps."""

    rhythm: tuple[tuple[int, int], ...]
    contour: tuple[int, ...]


def play_melody(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """One voice. Strong beats (one and three) get chord tones; the rest walks the scale between them."""
    dice = plan.dice("melody")
    verse = _invent(dice, plan.style.melody_rhythms, wide=False)
    chorus = _invent(dice, plan.style.chorus_rhythms, wide=True)
    notes: list[Note] = []
    for section in plan.sections:
        if section.name not in seat.sections or section.name == "intro":
            continue
        if section.name == "outro":
            notes += _sing(plan, seat, chords, section, verse, sparse=True)
        else:
            notes += _sing(plan, seat, chords, section, chorus if section.name == "chorus" else verse)
    if notes and sounding(plan, seat, 4.0 * plan.bars):
        last = chords[-1]
        pitch = within(nearest(last.chord.tones[0], notes[-1].pitch), seat.low, seat.high)
        notes = [note for note in notes if note.start_beats < last.start_beats - 0.2]
        notes.append(Note(last.start_beats, last.end_beats - last.start_beats, pitch, 0.8))
    return notes


def _invent(dice: Random, rhythms: tuple[str, ...], *, wide: bool) -> tuple[_Motif, _Motif]:
    """Motif A, and a contrasting B with a shape that turns the other way."""
    first, second = dice.choice(rhythms), dice.choice(rhythms)
    shape = dice.choice((1, -1))
    return _motif(dice, first, shape, wide), _motif(dice, second, -shape, wide)


def _motif(dice: Random, rhythm: str, direction: int, wide: bool) -> _Motif:
    struck: list[tuple[int, int]] = []
    for step, letter in enumerate(rhythm):
        if letter == "x":
            length = 1
            while step + length < len(rhythm) and rhythm[step + length] == "-":
                length += 1
            struck.append((step, length))
    contour, here = [], dice.choice((0, 0, 2))
    for index in range(len(struck)):
        contour.append(here)
        # Rise to the middle, fall after it; mostly steps, one leap at most where the motif is wide.
        sway = direction if index < len(struck) / 2 else -direction
        leap = 2 if wide and index == len(struck) // 2 - 1 else 1
        here += dice.choices((sway * leap, 0, -sway, 2 * sway), (6, 2, 1, 2))[0]
        here = max(-4, min(5, here))
    return _Motif(tuple(struck), tuple(contour))


def _sing(
    plan: Plan,
    seat: Seat,
    chords: tuple[ChordSpan, ...],
    section: ScoreSection,
    motifs: tuple[_Motif, _Motif],
    *,
    sparse: bool = False,
) -> list[Note]:
    bars = section.end_bar - section.first_bar
    lift = 4 if section.name == "chorus" else 0
    home = min(seat.high - 7, (seat.low + seat.high) // 2 - 2 + lift)
    notes: list[Note] = []
    before = home
    for bar in range(bars):
        label = _label(bar, bars)
        motif = motifs[1] if label == "B" else motifs[0]
        if sparse and bar % 2:
            continue
        anchor_chord = _chord_at(chords, 4.0 * (section.first_bar + bar)).chord
        anchor = min(
            (nearest(tone, home) for tone in anchor_chord.tones[:3]), key=lambda p: abs(p - (home + before) / 2)
        )
        count = len(motif.rhythm)
        for index, ((start, length), steps) in enumerate(zip(motif.rhythm, motif.contour, strict=True)):
            beat = 4.0 * (section.first_bar + bar) + start * 4 / STEPS
            chord = _chord_at(chords, beat).chord
            pitch = step_in_scale(anchor, steps, plan.key)
            closing = label == "a" and index == count - 1
            if closing:
                pitch = nearest(chord.tones[0], before) if bar == bars - 1 else nearest(chord.tones[1], before)
            elif start % 8 == 0 or length >= 4:
                pitch = _snap(pitch, chord.tones, before)
            pitch = within(pitch, seat.low, seat.high)
            stretch = max(length, 6) if closing else length
            loud = 0.78 + 0.1 * (start % 8 == 0) + 0.05 * (pitch > before)
            notes.append(Note(beat, min(stretch, STEPS - start) * 0.25 * 0.95, pitch, loud))
            before = pitch
    return notes


def _label(bar: int, bars: int) -> str:
    form = _FORMS.get(bars) or "AABa" * (bars // 4) + "Aa"[: bars % 4]
    if bars == 8:
        form = "AABAAABa"
    return form[bar] if bar < len(form) else "A"


def _snap(pitch: int, tones: tuple[int, ...], before: int) -> int:
    candidates = [nearest(tone, pitch) for tone in tones]
    return min(candidates, key=lambda p: (abs(p - pitch) + 0.3 * max(0, abs(p - before) - 5), p))


def _chord_at(chords: tuple[ChordSpan, ...], beat: float) -> ChordSpan:
    return next((span for span in chords if span.start_beats <= beat + 1e-6 < span.end_beats), chords[-1])
