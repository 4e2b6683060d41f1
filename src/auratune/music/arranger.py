"""From a brief to a complete score: pure, and the same for the same brief and seed in any process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.music.arranger_bass import play_bass
from auratune.music.arranger_drums import play_drums
from auratune.music.arranger_harmony import harmonise, play_arp, play_comp, play_counter, play_pad
from auratune.music.arranger_melody import play_melody
from auratune.music.arranger_plan import make_plan
from auratune.music.arranger_touch import touch
from auratune.music.score import Part, Score

if TYPE_CHECKING:
    from auratune.core.treatment import MusicBrief
    from auratune.music.arranger_plan import Plan
    from auratune.music.style import Seat

PLAYERS = {
    "pad": play_pad,
    "comp": play_comp,
    "arp": play_arp,
    "counter": play_counter,
    "bass": play_bass,
    "melody": play_melody,
}
"""Who plays a role."""


def arrange(brief: MusicBrief) -> Score:
    """Write the whole song down. Reads nothing but the brief."""
    plan = make_plan(brief)
    chords = harmonise(plan)
    parts = []
    for seat in plan.style.seats:
        if plan.arousal < seat.needs_arousal:
            continue
        notes = touch(plan, seat.name, seat.role, PLAYERS[seat.role](plan, seat, chords))
        if notes:
            parts.append(
                Part(
                    name=seat.name,
                    role=seat.role,
                    instrument=_instrument(plan, seat),
                    channel=seat.channel,
                    notes=notes,
                )
            )
    for role, drums in (("drums", plan.style.drums), ("percussion", plan.style.percussion)):
        if drums is not None:
            notes = touch(plan, role, role, play_drums(plan, drums, role))
            parts.append(Part(name=role, role=role, instrument=drums.instrument, channel=drums.channel, notes=notes))
    return Score(
        title=brief.title,
        style=plan.style.name,
        tempo_bpm=plan.tempo_bpm,
        key=plan.key,
        bars=plan.bars,
        length_seconds=brief.length_seconds,
        tail_seconds=plan.tail_seconds,
        sections=plan.sections,
        chords=chords,
        parts=tuple(parts),
        brightness=plan.brightness,
        warmth=plan.warmth,
        reverb_seconds=plan.style.reverb_seconds,
        sweep=plan.style.sweep,
        seed=plan.seed,
    )


def _instrument(plan: Plan, seat: Seat) -> str:
    return plan.dice(f"instrument:{seat.name}").choice(seat.instruments)
