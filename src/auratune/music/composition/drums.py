"""The drummer: a groove per section, variation, ghost notes, fills into what comes next, and a crash on arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
_BACK_BEAT = {"snare", "clap", "rim"}


def play_drums(plan: Plan, drums: Drums, name: str) -> list[Note]:
    """All hits of the song; the first bar after a fill starts with a crash where the style has one."""
    dice = plan.dice(f"drums:{name}")
    notes: list[Note] = []
    lazy = drums.lazy_seconds * plan.tempo_bpm / 60.0
    for position, section in enumerate(plan.sections):
        groove = _groove(plan, drums, section)
        if groove is None:
            continue
        for bar in range(section.first_bar, section.end_bar):
            last = bar == section.end_bar - 1
            fill = last and drums.fills and section.name != "outro" and (len(plan.sections) > position + 1 or bar > 0)
            pattern = dice.choice(drums.fills) if fill else groove
            notes += _bar(dice, pattern, bar, lazy, section)
        if drums.crash and section.name == "chorus":
            notes.append(Note(4.0 * section.first_bar, 2.0, PIECES["crash"], 0.85))
    if drums.crash:
        notes.append(Note(4.0 * plan.bars, 2.0, PIECES["crash"], 0.7))
    if any(note.pitch == PIECES["kick"] for note in notes):
        notes.append(Note(4.0 * plan.bars, 0.5, PIECES["kick"], 0.8))
    return notes


def _groove(plan: Plan, drums: Drums, section: ScoreSection) -> Groove | None:
    if section.name == "intro":
        return drums.sparse if drums.plays_intro else None
    if section.name == "chorus":
        return drums.chorus
    if section.name in {"outro", "bridge"} or plan.arousal < 0.22:
        return drums.sparse
    return drums.verse


def _bar(dice: Random, groove: Groove, bar: int, lazy: float, section: ScoreSection) -> list[Note]:
    notes: list[Note] = []
    for piece, pattern in groove.items():
        offset = (bar * 16) % len(pattern)
        late = lazy if piece in _BACK_BEAT else 0.0
        for step in range(16):
            letter = pattern[(offset + step) % len(pattern)]
            if letter == "." or (letter == "?" and dice.random() < 0.55):
                continue
            if letter == "g" and dice.random() < 0.12:
                continue
            loud = _LOUD[letter] * (0.82 + 0.18 * section.energy)
            notes.append(Note(4.0 * bar + step / 4 + late, 0.25, PIECES[piece], loud))
    return notes
