"""What makes notes sound played: swing, timing that is never quite exact, and velocities that breathe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import Note, ScoreSection

_DRUM_TIGHTNESS = 0.5
"""Drummers keep time: half the looseness of the others."""


def humanize(plan: Plan, name: str, role: str, notes: list[Note]) -> tuple[Note, ...]:
    """The notes as players would play them, in order of time; none starts before the song or after its last chord."""
    dice = plan.dice(f"touch:{name}")
    beats_per_second = plan.tempo_bpm / 60.0
    loose = plan.style.looseness_seconds * (_DRUM_TIGHTNESS if role in {"drums", "percussion"} else 1.0)
    final = 4.0 * plan.bars
    end = final + plan.tail_seconds * beats_per_second
    played = []
    for note in sorted(notes, key=lambda n: (n.start_beats, n.pitch)):
        wander = max(-2.0, min(2.0, dice.gauss(0.0, 1.0))) * loose * beats_per_second
        start = max(0.0, _swung(note.start_beats, plan) + wander)
        if note.start_beats >= final:
            start = max(final, start)
        loud = note.velocity * _phrase(note.start_beats) * _level(plan, note.start_beats) * (1 + dice.gauss(0.0, 0.045))
        length = min(note.length_beats, end - start)
        if length > 0.02:
            played.append(
                replace(
                    note,
                    start_beats=round(start, 5),
                    length_beats=round(length, 5),
                    velocity=round(max(0.05, min(1.0, loud)), 4),
                )
            )
    return tuple(sorted(played, key=lambda n: (n.start_beats, n.pitch)))


def _swung(beat: float, plan: Plan) -> float:
    style = plan.style
    if not style.swing:
        return beat
    unit = 0.5 if style.swing_eighths else 0.25
    place = beat / unit
    whole = round(place)
    return beat + style.swing * unit if whole % 2 and abs(place - whole) < 0.2 else beat


def _phrase(beat: float) -> float:
    """Metre and phrase: the first beat leans, four bars rise and fall."""
    within_bar = beat % 4.0
    lean = 1.05 if within_bar < 0.05 else 1.02 if abs(within_bar - 2.0) < 0.05 else 0.97 if (beat * 2) % 1.0 else 1.0
    place = (beat % 16.0) / 16.0
    return lean * (0.96 + 0.07 * (1.0 - abs(2.0 * place - 1.1)))


def _level(plan: Plan, beat: float) -> float:
    section = next((s for s in plan.sections if beat < 4.0 * s.end_bar), plan.sections[-1])
    growth = _growth(section, beat)
    return 0.72 + 0.28 * min(1.0, section.energy + growth)


def _growth(section: ScoreSection, beat: float) -> float:
    """The last two bars before a chorus grow towards it."""
    left = section.end_bar - beat / 4.0
    return 0.22 * max(0.0, 1.0 - left / 2.0) if section.name in {"verse", "bridge"} else 0.0
