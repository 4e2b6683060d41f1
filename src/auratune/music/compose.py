"""Composing from end to end: a brief becomes a score, the score an MP3, and the song knows its own beats."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.context import ignore_progress
from auratune.core.song import Song
from auratune.music.analysis.sync_points import find_sync_points
from auratune.music.audio import write_mp3
from auratune.music.composition.arranger import arrange
from auratune.music.instruments.synthesis import RATE
from auratune.music.instruments.transitions import RISER
from auratune.music.lyric_timing import lay_lines
from auratune.music.mixing.mixer import mix

if TYPE_CHECKING:
    from auratune.core.ports import Report
    from auratune.core.treatment import MusicBrief
    from auratune.music.instruments.synthesis import Sound
    from auratune.music.score import Score

_RIGHTS = "Composed and played by this program for this film; yours to use for anything."


def compose(brief: MusicBrief, mp3_path: str, report: Report = ignore_progress) -> Song:
    """Compose for a brief and write the MP3; heavy, so run it in a child process. `key` is left to the caller.

    The song is exactly as long as the brief asks, and the same for the same brief. Its last bar ends a breath before
    its end, where the final chord rings out.
    """
    score = arrange(brief)
    report(0.05, "The players take their places…")
    samples = mix(score)
    report(0.85, "Mastering the song…")
    write_mp3(mp3_path, samples)
    grid = grid_of(score, samples)
    lines = lay_lines(brief.lyrics, grid)
    return Song(
        key="",
        music_by="embedded",
        length_seconds=len(samples) / RATE,
        brief=brief,
        lines=lines,
        timing="estimated" if lines else "none",
        rights=_RIGHTS,
        grid=grid,
    )


def grid_of(score: Score, samples: Sound) -> BeatGrid:
    """The beats, bars and sections as they were written, and the loudness of each beat as it sounds."""
    beat, bar = score.beat_seconds, score.bar_beats * score.beat_seconds
    count = int((score.length_seconds - 1e-6) / beat) + 1
    beats = tuple(round(index * beat, 6) for index in range(count))
    sections = []
    for section in score.sections:
        end = section.end_bar * bar
        sections.append(SongSection(section.name, round(section.first_bar * bar, 6), round(end, 6), section.energy))
    final = score.bars * bar
    sections.append(SongSection("outro", round(final, 6), score.length_seconds, 0.3))
    if len(sections) > 1 and sections[-2].name == "outro":
        last = sections.pop()
        sections[-1] = SongSection("outro", sections[-1].start_seconds, last.end_seconds, sections[-1].energy)
    return BeatGrid(
        tempo_bpm=score.tempo_bpm,
        beats=beats,
        downbeats=beats[:: score.metre.beats_per_bar],
        sections=tuple(sections),
        energy=_energies(samples, beats, score.length_seconds),
        length_seconds=score.length_seconds,
        beats_per_bar=score.metre.beats_per_bar,
        confidence=1.0,
        source="composer",
        sync_points=find_sync_points(sections, rise_seconds(score), final),
    )


def rise_seconds(score: Score) -> float:
    """How long the riser into a chorus sounds; half a bar where the style has none."""
    risers = [n for part in score.parts if part.role == "effects" for n in part.notes if n.pitch == RISER]
    return (risers[0].length_beats if risers else 2.0) * score.beat_seconds


def _energies(samples: Sound, beats: tuple[float, ...], length_seconds: float) -> tuple[float, ...]:
    """Loudness of each beat between -36 and -6 dB as 0 to 1."""
    edges = [round(beat * RATE) for beat in (*beats, length_seconds)]
    values = []
    for start, end in itertools.pairwise(edges):
        power = float(np.square(samples[start : max(end, start + 1)]).mean()) if start < len(samples) else 0.0
        values.append(round(min(1.0, max(0.0, (10.0 * math.log10(power + 1e-9) + 36.0) / 30.0)), 3))
    return tuple(values)
