"""The tune: a motif, its repeat, a contrast and an answer, set on the chords as they pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auratune.music.composition.harmony import STEPS, sounding
from auratune.music.score import Note
from auratune.music.theory import nearest, step_in_scale, within

if TYPE_CHECKING:
    from random import Random

    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import ChordSpan, ScoreSection
    from auratune.music.styles.base import Seat

_FORMS = {1: "A", 2: "Aa", 3: "ABa", 4: "AABa", 5: "AABAa", 6: "AABABa"}
"""Units of a section, a bar or two long; `a` is the motif with an ending that closes."""


@dataclass(frozen=True, slots=True)
class _Motif:
    """Struck steps (start, length in sixteenths) and how far each lies from the anchor in scale steps."""

    rhythm: tuple[tuple[int, int], ...]
    contour: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Theme:
    """A call, the reply to it, and a contrast."""

    call: _Motif
    reply: _Motif
    contrast: _Motif


@dataclass(frozen=True, slots=True)
class _Bar:
    """What the tune does in one bar."""

    motif: _Motif
    closes: bool
    lift: int
    """Scale steps above home: contrasts climb."""


def play_melody(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """One voice. Strong beats (one and three) get chord tones; the rest walks the scale between them."""
    dice = plan.dice("melody")
    verse = _invent(dice, plan.style.melody_rhythms, wide=False)
    chorus = _invent(dice, plan.style.chorus_rhythms, wide=True)
    notes: list[Note] = []
    for section in plan.sections:
        if section.name not in seat.sections or section.name == "intro":
            continue
        theme = chorus if section.name == "chorus" else verse
        sung = _sing(plan, seat, chords, section, theme)
        notes += sung
        if seat.harmonises and section.name == "chorus":
            notes += _second_voice(sung, chords)
    if notes and sounding(plan, seat, 4.0 * plan.bars):
        last = chords[-1]
        pitch = within(nearest(last.chord.tones[0], notes[-1].pitch), seat.low, seat.high)
        notes.append(Note(last.start_beats, last.end_beats - last.start_beats, pitch, 0.8))
    return notes


def _invent(dice: Random, rhythms: tuple[str, ...], *, wide: bool) -> _Theme:
    shape = dice.choice((1, -1))
    call = _motif(dice, dice.choice(rhythms), shape, wide)
    reply = _motif(dice, dice.choice(rhythms), -shape, wide=False)
    contrast = _motif(dice, dice.choice([r for r in rhythms if _struck(r) != call.rhythm]), -shape, wide)
    return _Theme(call, _with_a_breath(reply), contrast)


def _struck(rhythm: str) -> tuple[tuple[int, int], ...]:
    struck: list[tuple[int, int]] = []
    for step, letter in enumerate(rhythm):
        if letter == "x":
            length = 1
            while step + length < len(rhythm) and rhythm[step + length] == "-":
                length += 1
            struck.append((step, length))
    return tuple(struck)


def _motif(dice: Random, rhythm: str, direction: int, wide: bool) -> _Motif:
    struck = _struck(rhythm)
    contour, here = [], dice.choice((0, 0, 2))
    for index in range(len(struck)):
        contour.append(here)
        # Rise to the middle, fall after it; mostly steps, one leap at most where the motif is wide.
        sway = direction if index < len(struck) / 2 else -direction
        leap = 2 if wide and index == len(struck) // 2 - 1 else 1
        here += dice.choices((sway * leap, 0, -sway, 2 * sway), (6, 2, 1, 2))[0]
        here = max(-4, min(5, here))
    return _Motif(struck, tuple(contour))


def _with_a_breath(motif: _Motif, until: int = 12) -> _Motif:
    """The motif without what starts after a step of its bar: a singer breathes there, or holds the last note."""
    kept = [index for index, (start, _) in enumerate(motif.rhythm) if start < until] or [0]
    return _Motif(tuple(motif.rhythm[index] for index in kept), tuple(motif.contour[index] for index in kept))


def _plan_bars(section: ScoreSection, theme: _Theme) -> list[_Bar | None]:
    """The tune of a section bar by bar: units of two bars from eight bars on; an outro remembers every other bar."""
    bars = section.end_bar - section.first_bar
    if section.name == "outro":
        return [_Bar(theme.reply, bar == bars - 1, 0) if bar % 2 == 0 else None for bar in range(bars)]
    unit = 2 if bars >= 8 else 1
    count = bars // unit
    form = _FORMS.get(count) or ("AABA" * count)[: count - 1] + "a"
    plan: list[_Bar | None] = []
    for label in form:
        first = _Bar(
            theme.contrast if label == "B" else theme.call, unit == 1 and label == "a", 2 if label == "B" else 0
        )
        plan.append(first)
        if unit == 2:
            plan.append(_Bar(theme.call if label == "B" else theme.reply, label == "a", 1 if label == "B" else 0))
    return [*plan, *[None] * (bars - len(plan))]


def _sing(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...], section: ScoreSection, theme: _Theme) -> list[Note]:
    lift = 4 if section.name == "chorus" else 0
    home = min(seat.high - 7, (seat.low + seat.high) // 2 - 2 + lift)
    notes: list[Note] = []
    before = home
    for number, bar in enumerate(_plan_bars(section, theme)):
        if bar is None:
            continue
        start = 4.0 * (section.first_bar + number)
        tones = _chord_at(chords, start).chord.tones[:3]
        anchor = min((nearest(tone, home) for tone in tones), key=lambda p: abs(p - (home + before) / 2))
        motif = _with_a_breath(bar.motif, 9) if bar.closes else bar.motif
        for index, (step, length) in enumerate(motif.rhythm):
            chord = _chord_at(chords, start + step / 4).chord
            last = index == len(motif.rhythm) - 1
            pitch = step_in_scale(anchor, motif.contour[index] + bar.lift, plan.key)
            if bar.closes and last:
                pitch = nearest(chord.tones[0], before)
                length = STEPS - step
            elif step % 8 == 0 or length >= 4:
                pitch = _snap(pitch, chord.tones, before)
            pitch = within(pitch, seat.low, seat.high)
            loud = 0.78 + 0.1 * (step % 8 == 0) + 0.05 * (pitch > before)
            notes.append(Note(start + step / 4, min(length, STEPS - step) * 0.25 * 0.95, pitch, loud))
            before = pitch
    return notes


def _second_voice(tune: list[Note], chords: tuple[ChordSpan, ...]) -> list[Note]:
    """A softer voice under the tune: of the chord's tones the one a third to a sixth below."""
    below = []
    for note in tune:
        tones = _chord_at(chords, note.start_beats).chord.tones
        candidates = [p for p in range(note.pitch - 9, note.pitch - 2) if p % 12 in tones]
        if candidates and note.length_beats >= 0.4:
            below.append(Note(note.start_beats, note.length_beats, candidates[-1], 0.62 * note.velocity))
    return below


def _snap(pitch: int, tones: tuple[int, ...], before: int) -> int:
    candidates = [nearest(tone, pitch) for tone in tones]
    return min(candidates, key=lambda p: (abs(p - pitch) + 0.3 * max(0, abs(p - before) - 5), p))


def _chord_at(chords: tuple[ChordSpan, ...], beat: float) -> ChordSpan:
    return next((span for span in chords if span.start_beats <= beat + 1e-6 < span.end_beats), chords[-1])
