"""The bass line: roots on the strong beats, fifths and octaves between, and a step that leads to the next chord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.music.composition.harmony import events, sounding
from auratune.music.score import Note
from auratune.music.theory import within

if TYPE_CHECKING:
    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import ChordSpan
    from auratune.music.styles.base import Seat

_LOUD = {"R": 0.92, "r": 0.8, "5": 0.76, "8": 0.78, "3": 0.74, "a": 0.72, "g": 0.4}


def play_bass(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """One note at a time, in the seat's pattern."""
    notes: list[Note] = []
    for index, span in enumerate(chords):
        if not sounding(plan, seat, span.start_beats):
            continue
        root = within(span.chord.bass, seat.low, seat.low + 11)
        following = chords[index + 1].chord.bass if index + 1 < len(chords) else span.chord.bass
        if span.start_beats >= 4.0 * plan.bars:
            notes.append(Note(span.start_beats, span.end_beats - span.start_beats, root, 0.85))
            continue
        for start, length, letter in events(plan, seat, span):
            pitch = _pitch(letter, root, span, following, plan)
            if start == span.start_beats or start % 2.0 == 0:
                # On strong beats only tones of the chord, whatever the pattern says.
                pitch = root if letter in "Rrxga" else pitch
            notes.append(
                Note(
                    start,
                    max(0.12, length * 0.96),
                    pitch if pitch <= seat.high + 5 else pitch - 12,
                    _LOUD.get(letter, 0.8),
                )
            )
    return notes


def _pitch(letter: str, root: int, span: ChordSpan, following: int, plan: Plan) -> int:
    tones = span.chord.tones
    if letter == "5":
        return root + (tones[2] - span.chord.bass) % 12
    if letter == "3":
        return root + (tones[1] - span.chord.bass) % 12
    if letter == "8":
        return root + 12
    if letter == "a":
        target = root + (following - root + 6) % 12 - 6
        below = target - 1 if (target - 1) % 12 in plan.key.scale else target - 2
        above = target + 1 if (target + 1) % 12 in plan.key.scale else target + 2
        if target == root:
            return root + (tones[2] - span.chord.bass) % 12
        return below if target > root else above
    return root
