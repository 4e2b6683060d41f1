"""The tune: a motif, its repeat, a contrast and an answer, set on the chords and players that sound with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auratune.music.composition.harmony import sounding
from auratune.music.composition.patterns import in_metre, recombined, struck
from auratune.music.composition.tune_search import NEEDS_MENDING, Slot, best_instead, find_pitches, move_cost
from auratune.music.score import Note
from auratune.music.theory import nearest, within

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import ChordSpan, ScoreSection
    from auratune.music.styles.base import Seat

_FORMS = {1: "A", 2: "Aa", 3: "ABa", 4: "AABa", 5: "AABAa", 6: "AABABa"}
"""Units of a section, a bar or two long; `a` is the motif with an ending that closes."""
_RUB, _FOREIGN, _WEAK, _NEAR_RUB = 7.0, 60.0, 14.0, 3.0
"""Costs: a minor second or ninth against a sounding note, a tone of neither key nor chord, a strong beat without a
chord tone, and a semitone beside a chord tone that is not sounding now."""


@dataclass(frozen=True, slots=True)
class _Theme:
    """The rhythms of a section's motifs by name: (start, length) in steps."""

    rhythms: dict[str, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class _Bar:
    """What the tune does in one bar: a motif by name, whether it closes, whether the singer breathes after it."""

    motif: str
    start_beats: float
    closes: bool
    breathes: bool


class _Harmony:
    """The chord and the sounding pitches at each step."""

    def __init__(self, plan: Plan, chords: Sequence[ChordSpan], others: Sequence[Note]) -> None:
        self._plan, self._chords = plan, chords
        self._steps = plan.metre.steps_per_beat
        self._sounding: dict[int, set[int]] = {}
        for note in others:
            end = note.start_beats + note.length_beats - 0.05
            for step in range(int(note.start_beats * self._steps + 0.05), int(end * self._steps) + 1):
                self._sounding.setdefault(step, set()).add(note.pitch)

    def chord_tones(self, beat: float) -> tuple[int, ...]:
        """Pitch classes of the chord at a beat."""
        span = next((s for s in self._chords if s.start_beats <= beat + 1e-6 < s.end_beats), self._chords[-1])
        return span.chord.tones

    def rubs(self, pitch: int, beat: float) -> bool:
        """Whether a pitch makes a minor second or ninth with what sounds within the first step of a note."""
        at = round(beat * self._steps)
        return any((max(pitch, p) - min(pitch, p)) % 12 == 1 for p in self._sounding.get(at, ()))

    def accepts(self, pitch: int, beat: float, *, strong: bool) -> bool:
        """Whether a pitch may stand at a beat at all."""
        tones = self.chord_tones(beat)
        known = pitch % 12 in tones or (pitch % 12 in self._plan.key.scale and not strong)
        return known and not self.rubs(pitch, beat) and not any((pitch - tone) % 12 == 1 for tone in tones)

    def cost(self, pitch: int, beat: float, *, strong: bool, long: bool) -> float:
        """What a pitch costs at a beat."""
        tones = self.chord_tones(beat)
        tone = pitch % 12 in tones
        cost = 0.0 if tone or pitch % 12 in self._plan.key.scale else _FOREIGN
        cost += 0.0 if tone else _WEAK if strong else 1.2 if long else 0.0
        cost += _RUB if self.rubs(pitch, beat) else 0.0
        return cost + (_NEAR_RUB if any((pitch - t) % 12 == 1 for t in tones) else 0.0)


def play_melody(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...], others: Sequence[Note]) -> list[Note]:
    """One voice over what the others play. Strong beats get chord tones; the highest note is the chorus's own."""
    harmony = _Harmony(plan, chords, others)
    middle = seat.low + (seat.high - seat.low) // 2
    lift = round(3.0 * plan.valence)
    home = max(seat.low + 7, min(seat.high - 6, middle + 2 + lift))
    ranges = {"chorus": (home, home - 4, seat.high)}
    notes: dict[int, list[Note]] = {}
    # The chorus comes first, since no other section may reach its highest note.
    sections = sorted(plan.sections, key=lambda s: (s.name != "chorus", s.first_bar))
    themes: dict[str, _Theme] = {}
    for section in sections:
        if section.name not in seat.sections or section.name == "intro":
            continue
        name = "chorus" if section.name == "chorus" else "verse"
        if name not in themes:
            themes[name] = _invent(plan, plan.dice(f"melody:{name}"), name)
        top = max((n.pitch for sung in notes.values() for n in sung), default=seat.high)
        lower = (home - 7, max(seat.low - 3, home - 11), min(top - 1, home - 1))
        notes[section.first_bar] = _sing(plan, harmony, section, themes[name], ranges.get(section.name, lower))
    tune = _smoothed(plan, harmony, [note for first in sorted(notes) for note in notes[first]])
    if tune and sounding(plan, seat, plan.end_beats):
        last = chords[-1]
        pitch = within(nearest(last.chord.tones[0], tune[-1].pitch), seat.low, max(seat.low + 11, tune[-1].pitch))
        tune.append(Note(last.start_beats, last.end_beats - last.start_beats, pitch, 0.8))
    return tune


def _invent(plan: Plan, dice: Random, name: str) -> _Theme:
    """Rhythms for a call, a reply to it, and a contrast; the gladder the song, the livelier."""
    own = plan.style.chorus_rhythms if name == "chorus" else plan.style.melody_rhythms
    halves = {in_metre(recombined(dice, own), plan.metre)[: plan.metre.bar_steps] for _ in range(10)}
    rhythms = sorted({_singable(row, plan.metre.bar_steps) for row in halves}, key=lambda row: (len(row), row))
    place = (0.5 + 0.5 * plan.valence) * (len(rhythms) - 1)
    call = rhythms[max(0, min(len(rhythms) - 1, round(place + dice.uniform(-0.8, 0.8))))]
    others = [row for row in rhythms if row != call] or [call]
    reply = dice.choice(others)
    return _Theme({"call": call, "reply": reply, "contrast": dice.choice(others)})


def _singable(pattern: str, steps: int) -> tuple[tuple[int, int], ...]:
    """The struck notes of a bar, without any so late that no breath would be left before the next bar."""
    row = tuple((start, length) for start, length, _ in struck(pattern) if start < steps - 3)
    return row or ((0, steps // 2),)


def _plan_bars(plan: Plan, section: ScoreSection) -> list[_Bar]:
    """The tune of a section bar by bar: units of two bars from eight bars on; an outro sings every other bar."""
    bars = section.end_bar - section.first_bar
    starts = [plan.bar_beats * (section.first_bar + bar) for bar in range(bars)]
    if section.name == "outro":
        return [_Bar("reply", starts[bar], bar >= bars - 2, True) for bar in range(0, bars, 2)]
    unit = 2 if bars >= 8 else 1
    count = bars // unit
    form = _FORMS.get(count) or ("AABA" * count)[: count - 1] + "a"
    planned: list[_Bar] = []
    for label in form:
        number = len(planned)
        first = "contrast" if label == "B" else "call"
        planned.append(_Bar(first, starts[number], unit == 1 and label == "a", unit == 1 and number % 2 == 1))
        if unit == 2:
            second = "call" if label == "B" else "reply"
            planned.append(_Bar(second, starts[number + 1], label == "a", True))
    return planned


def _sing(
    plan: Plan, harmony: _Harmony, section: ScoreSection, theme: _Theme, register: tuple[int, int, int]
) -> list[Note]:
    home, low, high = register
    bars = _plan_bars(plan, section)
    dice = plan.dice(f"tune:{section.name}")
    pitches: dict[str, tuple[int, ...]] = {}
    for name in dict.fromkeys(bar.motif for bar in bars):
        starts = [bar.start_beats for bar in bars if bar.motif == name]
        rise = 4 if name == "contrast" and section.name == "chorus" else 2
        slots = _slots(
            plan, harmony, theme.rhythms[name], starts, dice, (home + (rise if name == "contrast" else 0), low, high)
        )
        so_far = [pitch for sung in pitches.values() for pitch in sung]
        after = pitches["call"][0] if "call" in pitches else None
        pitches[name] = find_pitches(dice, slots, before=so_far, after=after)
    notes: list[Note] = []
    for bar in bars:
        notes += _sung(plan, harmony, bar, theme.rhythms[bar.motif], pitches[bar.motif], notes, (low, high))
    return notes


def _slots(
    plan: Plan,
    harmony: _Harmony,
    rhythm: tuple[tuple[int, int], ...],
    starts: list[float],
    dice: Random,
    register: tuple[int, int, int],
) -> list[Slot]:
    """What each candidate costs on average over all the bars in which the motif is sung."""
    home, low, high = register
    bend = dice.choice((3.5, 2.5, -2.0, 4.5))
    slots = []
    for index, (step, length) in enumerate(rhythm):
        place = index / max(1, len(rhythm) - 1)
        strong, long = plan.metre.is_strong(step), length >= plan.metre.steps_per_beat
        beats = [start + step / plan.metre.steps_per_beat for start in starts]
        candidates = range(max(low, home - 7), min(high, home + 8) + 1)
        costs = {
            pitch: sum(harmony.cost(pitch, beat, strong=strong, long=long) for beat in beats) / len(beats)
            for pitch in candidates
        }
        kept = {pitch: cost for pitch, cost in costs.items() if cost < _FOREIGN / len(beats)} or costs
        slots.append(Slot(home + bend * (1 - abs(2 * place - 1.1)) - 1, kept))
    return slots


def _sung(
    plan: Plan,
    harmony: _Harmony,
    bar: _Bar,
    rhythm: tuple[tuple[int, int], ...],
    pitches: tuple[int, ...],
    before: list[Note],
    register: tuple[int, int],
) -> list[Note]:
    """A motif as it is sung in one bar: kept as it was found, but for what would not fit the chord here."""
    steps, bar_steps = plan.metre.steps_per_beat, plan.metre.bar_steps
    rows = list(zip(rhythm, pitches, strict=True))
    if bar.closes:
        rows = [row for row in rows if row[0][0] < bar_steps // 2 + 1] or rows[:1]
    path = [note.pitch for note in before[-2:]]
    notes: list[Note] = []
    for index, ((step, length), wanted) in enumerate(rows):
        beat = bar.start_beats + step / steps
        strong, last = plan.metre.is_strong(step), index == len(rows) - 1
        near = {
            p: harmony.cost(p, beat, strong=strong, long=length >= steps)
            for p in range(max(register[0], wanted - 5), min(register[1], wanted + 5) + 1)
        }
        if bar.closes and last:
            root = harmony.chord_tones(beat)[0]
            pitch = best_instead(near, wanted, path, lambda p, b=beat, r=root: p % 12 == r and not harmony.rubs(p, b))  # type: ignore[misc]
            length = bar_steps - 3 - step
        else:
            pitch = best_instead(near, wanted, path, lambda p, b=beat, s=strong: harmony.accepts(p, b, strong=s))  # type: ignore[misc]
        end = min(step + length, bar_steps - (3 if bar.breathes or bar.closes else 0))
        loud = 0.78 + 0.1 * strong + 0.05 * (bool(path) and pitch > path[-1])
        notes.append(Note(beat, max(1, end - step) / steps * 0.95, pitch, loud))
        path.append(pitch)
    return notes


def _smoothed(plan: Plan, harmony: _Harmony, tune: list[Note]) -> list[Note]:
    """The tune without wide leaps, and with each leap of five semitones or more turned back: where bars meet."""
    smooth: list[Note] = []
    for note in tune:
        path = [sung.pitch for sung in smooth[-2:]]
        if path and move_cost(path, note.pitch) >= NEEDS_MENDING:
            section = plan.section_at(note.start_beats)
            most = max(n.pitch for n in tune if plan.section_at(n.start_beats) == section)
            strong = plan.metre.is_strong(round(note.start_beats * plan.metre.steps_per_beat) % plan.metre.bar_steps)
            fitting = [
                p
                for p in range(path[-1] - 7, min(most, path[-1] + 7) + 1)
                if harmony.accepts(p, note.start_beats, strong=strong)
            ]
            pitch = min(fitting, key=lambda p: (move_cost(path, p) + 0.3 * abs(p - note.pitch), p), default=note.pitch)
            note = replace(note, pitch=pitch)
        smooth.append(note)
    return smooth


def second_voice(tune: Sequence[Note], chords: Sequence[ChordSpan], plan: Plan) -> list[Note]:
    """A softer voice under the tune in choruses: of the chord's tones the one a third to a sixth below."""
    below = []
    for note in tune:
        if note.start_beats >= plan.end_beats or plan.section_at(note.start_beats).name != "chorus":
            continue
        tones = next(s for s in chords if s.start_beats <= note.start_beats + 1e-6 < s.end_beats).chord.tones
        candidates = [p for p in range(note.pitch - 9, note.pitch - 2) if p % 12 in tones]
        if candidates and note.length_beats >= 0.4:
            below.append(Note(note.start_beats, note.length_beats, candidates[-1], 0.62 * note.velocity))
    return below
