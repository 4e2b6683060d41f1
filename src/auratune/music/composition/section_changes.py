"""What leads from section to section: a riser into a chorus, an impact on it, a swell into the last chord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.music.instruments.transitions import IMPACT, RISER, SWELL
from auratune.music.score import Channel, Note

if TYPE_CHECKING:
    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import ChordSpan
    from auratune.music.styles.base import Seat

EFFECTS_CHANNEL = Channel(level_db=0.0, width=1.0, reverb_db=-10.0, low_cut_hz=28.0)


def play_section_changes(plan: Plan) -> list[Note]:
    """A riser (or a cymbal swell in acoustic styles) into each chorus, an impact on it, a swell into the end."""
    notes: list[Note] = []
    for section in plan.sections:
        if section.name != "chorus" or section.first_bar == 0:
            continue
        start = plan.bar_beats * section.first_bar
        if plan.style.risers:
            length = min(start, (2 if plan.arousal > 0.55 else 1) * plan.bar_beats)
            notes.append(Note(start - length, length, RISER, 0.45 + 0.4 * plan.arousal))
            notes.append(Note(start, 4.0, IMPACT, 0.5 + 0.3 * plan.arousal))
        else:
            length = min(start, 2.0)
            notes.append(Note(start - length, length, SWELL, 0.35 + 0.3 * plan.arousal))
    end = plan.end_beats
    if plan.bars >= 6:
        notes.append(Note(end - 2.0, 2.0, SWELL, 0.25 + 0.25 * plan.arousal))
    return notes


def play_texture(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """One bed from the first beat to the last; the seat's lowest pitch says which."""
    return [Note(0.0, chords[-1].end_beats, seat.low, 0.8)]
