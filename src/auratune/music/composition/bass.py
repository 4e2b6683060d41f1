"""The bass line: roots with the kick, fifths and octaves between, and a step that leads to the next chord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.music.composition.drums import kick_steps
from auratune.music.composition.harmony import events, pattern_at, sounding
from auratune.music.score import Note
from auratune.music.theory import within

if TYPE_CHECKING:
    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import ChordSpan
    from auratune.music.styles.base import Seat

_LOUD = {"R": 0.92, "r": 0.8, "5": 0.76, "8": 0.78, "3": 0.74, "a": 0.72, "g": 0.4}


def play_bass(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """One note at a time, in the seat's pattern, which gives way to the kick."""
    notes: list[Note] = []
    for index, span in enumerate(chords):
        if not sounding(plan, seat, span.start_beats):
            continue
        root = within(span.chord.bass, seat.low, seat.low + 11)
        following = chords[index + 1].chord.bass if index + 1 < len(chords) else span.chord.bass
        if span.start_beats >= plan.end_beats:
            notes.append(Note(span.start_beats, span.end_beats - span.start_beats, root, 0.85))
            continue
        pattern = _with_kick(plan, pattern_at(plan, seat, span.start_beats), span.start_beats)
        for start, length, letter in events(plan, pattern, span):
            pitch = _pitch(letter, root, span, following, plan)
            strong = plan.metre.is_strong(_step_in_bar(plan, start))
            if start == span.start_beats or (strong and letter in "Rrga"):
                # A new chord begins with its bass; strong beats get only tones of the chord, whatever the pattern says.
                pitch = root
            pitch = pitch if pitch <= seat.high + 5 else pitch - 12
            notes.append(Note(start, max(0.12, length * 0.96), pitch, _LOUD.get(letter, 0.8)))
    return notes


def _step_in_bar(plan: Plan, beat: float) -> int:
    return round(beat * plan.metre.steps_per_beat) % plan.metre.bar_steps


def _with_kick(plan: Plan, pattern: str, beat: float) -> str:
    """The pattern with a root on every kick; notes a step beside one move onto it. Four on the floor is left alone."""
    section = plan.section_at(beat)
    kicks = kick_steps(plan, section)
    on_beats = sum(step % plan.metre.steps_per_beat == 0 for step in kicks)
    if not kicks or on_beats == plan.metre.beats_per_bar:
        return pattern
    row = list(pattern)
    for first in range(0, len(row), plan.metre.bar_steps):
        for kick in kicks:
            step = first + kick
            if step >= len(row) or row[step] not in ".-":
                continue
            for beside in (step + 1, step - 1):
                if 0 < beside < len(row) and row[beside] not in ".-" and (beside - first) not in kicks:
                    row[step], row[beside] = row[beside], "-" if beside > step else "."
                    break
            else:
                row[step] = "r"
    return "".join(row)


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
