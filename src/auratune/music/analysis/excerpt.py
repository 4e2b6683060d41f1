"""Which part of a song the film uses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auratune.core.beat_grid import BeatGrid, SongSection, SyncPoint

if TYPE_CHECKING:
    from auratune.core.options import Excerpt

_LATEST_OPENING_SECONDS = 2.0
"""How far into a song its opening may begin: 32 s are in hand when a 30 s film starts early."""
_CHORUS_AFTER = (0.2, 0.6)
"""Where in the film a rise works best, as fractions of its length: there is a before, and time to enjoy it."""


def choose_start(grid: BeatGrid, length_seconds: float, excerpt: Excerpt) -> float:
    """Where in the song the film begins, in seconds; the grid is that of all the sound in hand, from its first moment.

    `fast` takes the opening, from the first downbeat within two seconds. `best` takes the downbeat from which energy
    rises most into a chorus, and from which a whole film still fits.
    """
    latest = grid.length_seconds - length_seconds
    if latest <= 0:
        return 0.0
    if excerpt == "fast":
        return next((beat for beat in grid.downbeats if beat <= min(latest, _LATEST_OPENING_SECONDS)), 0.0)
    starts = [beat for beat in grid.downbeats if beat <= latest]
    if not starts:
        return 0.0
    # The earliest of equals, so that a song without contrast begins where it begins.
    return max(starts, key=lambda start: (round(_promise(grid, start, length_seconds), 3), -start))


def cut_grid(grid: BeatGrid, starts_at_seconds: float, length_seconds: float) -> BeatGrid:
    """The part of a grid that the film uses, its times counted from the film's beginning.

    Where the grid ends before the film does, beats go on at their pace and the last section lasts to the end.
    """
    beats, downs = _carried_on(grid, starts_at_seconds + length_seconds)
    kept = [i for i, beat in enumerate(beats) if -1e-3 <= beat - starts_at_seconds < length_seconds - 1e-3]
    times = {i: max(0.0, round(beats[i] - starts_at_seconds, 4)) for i in kept}
    energy = grid.energy or (0.5,)
    return BeatGrid(
        tempo_bpm=grid.tempo_bpm,
        beats=tuple(times[i] for i in kept),
        downbeats=tuple(times[i] for i in kept if i in downs),
        sections=_cut_sections(grid.sections, starts_at_seconds, length_seconds),
        energy=tuple(energy[min(i, len(energy) - 1)] for i in kept),
        length_seconds=length_seconds,
        starts_at_seconds=round(grid.starts_at_seconds + starts_at_seconds, 4),
        beats_per_bar=grid.beats_per_bar,
        confidence=grid.confidence,
        source=grid.source,
        sync_points=_cut_sync_points(grid.sync_points, starts_at_seconds, length_seconds),
    )


def _promise(grid: BeatGrid, start: float, length_seconds: float) -> float:
    """How good a film from here would be: mean energy, and the best rise into a chorus within it."""
    inside = [
        (beat - start, energy)
        for beat, energy in zip(grid.beats, grid.energy, strict=False)
        if 0 <= beat - start < length_seconds
    ]
    if not inside:
        return 0.0
    mean = sum(energy for _, energy in inside) / len(inside)
    rise = max((_rise(section, start, length_seconds, grid.sections) for section in grid.sections), default=0.0)
    return mean + 2 * rise


def _rise(section: SongSection, start: float, length_seconds: float, sections: tuple[SongSection, ...]) -> float:
    place = (section.start_seconds - start) / length_seconds
    if section.name != "chorus" or not _CHORUS_AFTER[0] <= place <= _CHORUS_AFTER[1]:
        return 0.0
    before = [other.energy for other in sections if abs(other.end_seconds - section.start_seconds) < 1e-3]
    return max(0.0, section.energy - before[0]) if before else 0.0


def _carried_on(grid: BeatGrid, until_seconds: float) -> tuple[list[float], set[int]]:
    """Beats led on to a moment, and the indices of those that begin a bar."""
    beats = list(grid.beats) or [0.0]
    marked = set(grid.downbeats)
    downs = {i for i, beat in enumerate(beats) if beat in marked}
    gap = beats[-1] - beats[-2] if len(beats) > 1 else 60.0 / grid.tempo_bpm
    while beats[-1] + gap <= until_seconds:
        beats.append(beats[-1] + gap)
        if (len(beats) - 1 - max(downs, default=0)) >= grid.beats_per_bar:
            downs.add(len(beats) - 1)
    return beats, downs


def _cut_sections(
    sections: tuple[SongSection, ...], starts_at_seconds: float, length_seconds: float
) -> tuple[SongSection, ...]:
    cut = []
    for section in sections:
        start = max(0.0, section.start_seconds - starts_at_seconds)
        end = min(length_seconds, section.end_seconds - starts_at_seconds)
        if end - start > 1e-3:
            cut.append(SongSection(section.name, start, end, section.energy))
    if not cut:
        return (SongSection("verse", 0.0, length_seconds, 0.5),)
    first, last = cut[0], cut[-1]
    cut[0] = SongSection(first.name, 0.0, first.end_seconds, first.energy)
    last = cut[-1]
    cut[-1] = SongSection(last.name, last.start_seconds, length_seconds, last.energy)
    return tuple(cut)


def _cut_sync_points(
    points: tuple[SyncPoint, ...], starts_at_seconds: float, length_seconds: float
) -> tuple[SyncPoint, ...]:
    """Those that end inside the film; what began before it begins with it."""
    moved = [
        replace(
            point,
            start_seconds=max(0.0, round(point.start_seconds - starts_at_seconds, 4)),
            end_seconds=round(min(length_seconds, point.end_seconds - starts_at_seconds), 4),
        )
        for point in points
    ]
    return tuple(point for point in moved if point.end_seconds >= 0 and point.start_seconds <= point.end_seconds)
