"""From a brief to a complete score: pure, and the same for the same brief and seed in any process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auratune.music.composition.bass import play_bass
from auratune.music.composition.drums import play_drums
from auratune.music.composition.harmony import harmonise, play_arp, play_comp, play_counter, play_pad
from auratune.music.composition.humanize import humanize
from auratune.music.composition.melody import play_melody, second_voice
from auratune.music.composition.section_changes import EFFECTS_CHANNEL, play_section_changes, play_texture
from auratune.music.composition.song_plan import make_plan
from auratune.music.score import Part, Score

if TYPE_CHECKING:
    from auratune.core.treatment import MusicBrief
    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import Channel, Note
    from auratune.music.styles.base import Seat

PLAYERS = {
    "pad": play_pad,
    "comp": play_comp,
    "arp": play_arp,
    "counter": play_counter,
    "bass": play_bass,
    "texture": play_texture,
}
"""Who writes a role."""
HARMONY = {"pad", "comp", "arp", "counter", "bass"}
"""What the tune has to agree with."""


def arrange(brief: MusicBrief) -> Score:
    """Write the whole song down. Reads nothing but the brief."""
    plan = make_plan(brief)
    chords = harmonise(plan)
    band = _band(plan)
    written = {seat.name: PLAYERS[seat.role](plan, seat, chords) for seat in band if seat.role != "melody"}
    others = [note for seat in band if seat.role in HARMONY for note in written[seat.name]]
    parts = []
    for seat in band:
        notes = written.get(seat.name)
        if notes is None:
            notes = play_melody(plan, seat, chords, others)
            if seat.harmonises:
                below = second_voice(notes, chords, plan)
                parts.append(_part(plan, f"{seat.name}-low", "counter", _instrument(plan, seat), seat.channel, below))
        parts.append(_part(plan, seat.name, seat.role, _instrument(plan, seat), seat.channel, notes))
    for role, drums in (("drums", plan.style.drums), ("percussion", plan.style.percussion)):
        if drums is not None:
            hits = play_drums(plan, drums, role)
            parts.append(_part(plan, role, role, drums.instrument, drums.channel, hits))
    effects = play_section_changes(plan)
    parts.append(_part(plan, "effects", "effects", "transitions", EFFECTS_CHANNEL, effects))
    return Score(
        title=brief.title,
        style=plan.style.name,
        tempo_bpm=plan.tempo_bpm,
        key=plan.key,
        metre=plan.metre,
        bars=plan.bars,
        length_seconds=brief.length_seconds,
        tail_seconds=plan.tail_seconds,
        sections=plan.sections,
        chords=chords,
        parts=tuple(part for part in parts if part.notes),
        brightness=plan.brightness,
        arousal=plan.arousal,
        style_arousal=plan.style.arousal,
        warmth=plan.warmth,
        reverb_seconds=plan.style.reverb_seconds,
        sweep=plan.style.sweep,
        tape=plan.style.tape,
        air_db=plan.style.air_db,
        seed=plan.seed,
    )


def _part(plan: Plan, name: str, role: str, instrument: str, channel: Channel, notes: list[Note]) -> Part:
    played = humanize(plan, name, role, notes)
    return Part(name=name, role=role, instrument=instrument, channel=channel, notes=played)


def _band(plan: Plan) -> list[Seat]:
    """The style's seats that play in this mood, and the one that a neighbour lends to the choruses."""
    band = [seat for seat in plan.style.seats if plan.arousal >= seat.needs_arousal]
    if plan.colour is not None:
        band.append(replace(plan.colour, name=f"guest-{plan.colour.name}", sections=("chorus",)))
    return band


_WARM = {
    "bell": -1.0,
    "electric-piano": 0.8,
    "finger-bass": 0.6,
    "flute": 0.2,
    "lead-synth": -0.6,
    "nylon-guitar": 0.8,
    "soft-voices": -0.3,
    "strings": 0.3,
    "sub-bass": -0.2,
    "synth-bass": -0.4,
    "synth-pluck": -0.7,
    "vibraphone": 0.4,
    "warm-pad": 0.4,
}
"""How warm an instrument sounds, -1 to 1; 0 where it is not named."""


def _instrument(plan: Plan, seat: Seat) -> str:
    """The style's own player is the likeliest; warm pictures prefer warm instruments."""
    weights = [
        (1.6 if index == 0 else 1.0) * 2.0 ** (1.5 * plan.warmth * _WARM.get(name, 0.0))
        for index, name in enumerate(seat.instruments)
    ]
    return plan.dice(f"instrument:{seat.name}").choices(seat.instruments, weights)[0]
