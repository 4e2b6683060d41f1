"""What makes notes sound played: swing, timing that drifts as that of people does, velocities that breathe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.music.composition.song_plan import Plan
    from auratune.music.score import Note, ScoreSection

_DRUM_TIGHTNESS = 0.5
"""Drummers keep time: half the looseness of the others."""
_SHARED, _OWN, _WHITE = 0.7, 0.6, 0.5
"""Shares of a player's timing: the drift of the whole band, one's own drift, and chance.

People's timing is correlated over long times (1/f), and listeners prefer it to white noise (Hennig et al. 2011).
"""
_SPREAD_SECONDS = 0.003
"""Between the tones of one chord."""


def humanize(plan: Plan, name: str, role: str, notes: list[Note]) -> tuple[Note, ...]:
    """The notes as players would play them, in order of time; none starts before the song or after its last chord."""
    dice = plan.dice(f"touch:{name}")
    beats_per_second = plan.tempo_bpm / 60.0
    loose = plan.style.looseness_seconds * (_DRUM_TIGHTNESS if role in {"drums", "percussion"} else 1.0)
    end = plan.end_beats + plan.tail_seconds * beats_per_second
    drift = _drift(plan, name)
    offsets: dict[int, float] = {}
    played = []
    for note in sorted(notes, key=lambda n: (n.start_beats, n.pitch)):
        slot = round(note.start_beats * plan.metre.steps_per_beat)
        if slot not in offsets:
            wander = float(drift[slot % len(drift)]) + _WHITE * dice.gauss(0.0, 1.0)
            offsets[slot] = max(-2.0, min(2.0, wander)) * loose
        spread = dice.uniform(0.0, min(_SPREAD_SECONDS, loose))
        start = max(0.0, _swung(note.start_beats, plan) + (offsets[slot] + spread) * beats_per_second)
        if note.start_beats >= plan.end_beats:
            start = max(plan.end_beats, start)
        loud = note.velocity * _phrase(plan, note.start_beats) * _level(plan, note.start_beats)
        loud *= (1 + dice.gauss(0.0, 0.045)) * (0.86 + 0.24 * plan.arousal)
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


def _drift(plan: Plan, name: str) -> NDArray[np.float64]:
    """A player's drift for each step of the song: 1/f noise, partly that of the whole band."""
    count = 1 << int(np.ceil(np.log2(plan.metre.bar_steps * (plan.bars + 4))))
    return _SHARED * _pink(plan.dice("drift").randrange(2**32), count) + _OWN * _pink(
        plan.dice(f"drift:{name}").randrange(2**32), count
    )


def _pink(seed: int, count: int) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0.0
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / noise.std())


def _swung(beat: float, plan: Plan) -> float:
    style = plan.style
    if not style.swing or plan.metre.steps_per_beat != 4:
        return beat
    unit = 0.5 if style.swing_eighths else 0.25
    place = beat / unit
    whole = round(place)
    return beat + style.swing * unit if whole % 2 and abs(place - whole) < 0.2 else beat


def _phrase(plan: Plan, beat: float) -> float:
    """Metre and phrase: the first beat leans, four bars rise and fall."""
    within_bar = beat % plan.bar_beats
    middle = abs(within_bar - plan.bar_beats / 2) < 0.05
    lean = 1.05 if within_bar < 0.05 else 1.02 if middle else 0.97 if (beat * 2) % 1.0 else 1.0
    place = (beat % (4 * plan.bar_beats)) / (4 * plan.bar_beats)
    return lean * (0.96 + 0.07 * (1.0 - abs(2.0 * place - 1.1)))


def _level(plan: Plan, beat: float) -> float:
    section = plan.section_at(beat)
    return 0.72 + 0.28 * min(1.0, section.energy + _growth(section, beat / plan.bar_beats))


def _growth(section: ScoreSection, bar: float) -> float:
    """The last two bars before a chorus grow towards it."""
    left = section.end_bar - bar
    return 0.22 * max(0.0, 1.0 - left / 2.0) if section.name in {"verse", "bridge"} else 0.0
