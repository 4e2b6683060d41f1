"""The drummer: a groove made of a beat and a top, thinner outside choruses, varied by the bar, with fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.music.composition.patterns import in_metre
from auratune.music.score import Note

if TYPE_CHECKING:
    from random import Random

    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import ScoreSection
    from auratune.music.styles.base import Drums, Groove

PIECES = {
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "hat": 42,
    "tom-low": 45,
    "open": 46,
    "tom-mid": 47,
    "crash": 49,
    "tom-high": 50,
    "ride": 51,
    "tambourine": 54,
    "bongo-high": 60,
    "bongo-low": 61,
    "conga-slap": 62,
    "conga": 63,
    "conga-low": 64,
    "shaker": 70,
    "clave": 75,
    "triangle": 81,
}
"""General MIDI percussion numbers."""
_LOUD = {"X": 0.96, "x": 0.8, "o": 0.56, "g": 0.3, "?": 0.26}
_SOFTER = str.maketrans("Xxo?", "xog.")
_BACK_BEAT = {"snare", "clap", "rim"}
_CHORUS_ONLY = {"open", "tambourine", "clave", "bongo-high", "crash"}
_CALM, _EXCITED = 0.3, 0.62


def play_drums(plan: Plan, drums: Drums, name: str) -> list[Note]:
    """All hits of the song; a chorus starts with a crash where the style has one."""
    if plan.arousal < drums.needs_arousal:
        return []
    dice = plan.dice(f"drums:{name}")
    notes: list[Note] = []
    for position, section in enumerate(plan.sections):
        groove = groove_of(plan, drums, section)
        if not groove:
            continue
        for bar in range(section.first_bar, section.end_bar):
            last = bar == section.end_bar - 1
            fill = last and drums.fills and section.name != "outro" and (len(plan.sections) > position + 1 or bar > 0)
            number = bar - section.first_bar
            pattern = in_metre_all(dice.choice(drums.fills), plan) if fill else _varied(plan, groove, number, section)
            notes += _bar(plan, dice, pattern, bar, drums, section)
        if drums.crash and section.name == "chorus":
            notes.append(Note(plan.bar_beats * section.first_bar, 2.0, PIECES["crash"], 0.85))
    if drums.crash:
        notes.append(Note(plan.end_beats, 2.0, PIECES["crash"], 0.7))
    if any(note.pitch == PIECES["kick"] for note in notes):
        notes.append(Note(plan.end_beats, 0.5, PIECES["kick"], 0.8))
    return notes


def groove_of(plan: Plan, drums: Drums, section: ScoreSection) -> Groove:
    """The groove of a section in the song's metre; empty where the drummer rests."""
    if section.name == "intro" and not drums.plays_intro:
        return {}
    dice = plan.dice(f"groove:{drums.instrument}")
    beat, top = dict(dice.choice(drums.beats)), dict(dice.choice(drums.tops))
    if section.name == "chorus":
        if plan.arousal < _CALM:
            top = {piece: _on_eighths(row) for piece, row in top.items()}
    elif section.name in {"intro", "outro", "bridge"} or plan.arousal < 0.2:
        beat = {piece: _on_quarters(row) for piece, row in beat.items() if piece not in _BACK_BEAT} or beat
        top = {piece: _on_quarters(row).translate(_SOFTER) for piece, row in list(top.items())[:1]}
    else:
        beat = {piece: row.translate(str.maketrans("g?", "..")) for piece, row in beat.items()}
        top = {piece: row.translate(_SOFTER) for piece, row in top.items() if piece not in _CHORUS_ONLY} or {
            piece: _on_quarters(row).translate(_SOFTER) for piece, row in list(top.items())[:1]
        }
    return in_metre_all({**top, **beat}, plan)


def in_metre_all(groove: Groove, plan: Plan) -> Groove:
    """Every row of a groove in the song's metre."""
    return {piece: in_metre(row, plan.metre) for piece, row in groove.items()}


def kick_steps(plan: Plan, section: ScoreSection) -> tuple[int, ...]:
    """The steps of a bar on which the kick falls in a section; empty without drums."""
    drums = plan.style.drums
    row = groove_of(plan, drums, section).get("kick", "") if drums else ""
    return tuple(step for step, letter in enumerate(row[: plan.metre.bar_steps]) if letter in "Xxo")


def _varied(plan: Plan, groove: Groove, bar: int, section: ScoreSection) -> Groove:
    """Bars two and four of each four differ from the first: one more kick, and an answer before the next bar."""
    if bar % 2 == 0 or section.name not in {"verse", "chorus"}:
        return groove
    dice = plan.dice(f"groove:{section.name}:{bar % 4}")
    steps = plan.metre.bar_steps
    varied = dict(groove)
    kick = list(groove.get("kick", ""))
    if kick and sum(letter in "Xx" for letter in kick[:steps]) < 4:
        at = dice.choice([steps - 2, steps - 6, steps - 3, steps // 2 - 1])
        for step in range(at, len(kick), steps):
            kick[step] = "o" if kick[step] == "." else kick[step]
        varied["kick"] = "".join(kick)
    lead = next((piece for piece in ("hat", "ride", "shaker", "rim", "snare") if piece in groove), "")
    if lead and bar % 4 == 3:
        row = list(groove[lead])
        for step in range(steps - 3, len(row), steps):
            row[step] = "g" if row[step] == "." else "o"
        varied[lead] = "".join(row)
    return varied


def _on_eighths(row: str) -> str:
    return "".join(letter if at % 2 == 0 else "." for at, letter in enumerate(row))


def _on_quarters(row: str) -> str:
    kept = "".join(letter if at % 4 == 0 else "." for at, letter in enumerate(row))
    return kept if kept.strip(".") else _on_eighths(row)


def _bar(plan: Plan, dice: Random, groove: Groove, bar: int, drums: Drums, section: ScoreSection) -> list[Note]:
    notes: list[Note] = []
    steps = plan.metre.bar_steps
    for piece, pattern in groove.items():
        late = drums.lazy_seconds * plan.tempo_bpm / 60.0 if piece in _BACK_BEAT else 0.0
        for step in range(steps):
            letter = pattern[(bar * steps + step) % len(pattern)]
            if letter == "." and plan.arousal > _EXCITED and piece in {"hat", "shaker"} and step % 2:
                # Excited drummers fill the sixteenths between.
                letter = "?"
            if letter == "." or (letter == "?" and dice.random() < 0.45) or (letter == "g" and dice.random() < 0.12):
                continue
            loud = _LOUD[letter] * (0.82 + 0.18 * section.energy)
            start = plan.bar_beats * bar + step / plan.metre.steps_per_beat + late
            notes.append(Note(start, 0.25, PIECES[piece], loud))
    return notes
