"""The moments of a song that pictures may answer to, from its sections: hits, rises and rests."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from auratune.core.beat_grid import SongSection, SyncPoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEAST_RISE = 0.08
"""A section this much more energetic than the one before begins with a hit."""
_REST_BELOW = 0.42
_SHORTEST_REST_SECONDS = 1.5


def find_sync_points(
    sections: Sequence[SongSection], rise_seconds: float, last_hit_seconds: float | None = None
) -> tuple[SyncPoint, ...]:
    """Hits where energy rises into a section, the rise of `rise_seconds` before each, and rests in quiet sections.

    `last_hit_seconds` is where the final chord strikes, if that is known.
    """
    points = list(_at_borders(sections, rise_seconds))
    points += [
        SyncPoint("rest", section.start_seconds, section.end_seconds, round(1.0 - section.energy, 3))
        for section in sections
        if section.energy < _REST_BELOW and section.end_seconds - section.start_seconds >= _SHORTEST_REST_SECONDS
    ]
    if last_hit_seconds is not None:
        points.append(SyncPoint("hit", last_hit_seconds, last_hit_seconds, 0.9))
    return tuple(sorted(points, key=lambda point: (point.start_seconds, point.kind)))


def _at_borders(sections: Sequence[SongSection], rise_seconds: float) -> Iterator[SyncPoint]:
    for before, after in pairwise(sections):
        step = after.energy - before.energy
        if step < _LEAST_RISE and not (after.name == "chorus" and before.name != "chorus"):
            continue
        strength = round(min(1.0, 0.5 + step), 3)
        start = after.start_seconds
        yield SyncPoint("rise", round(max(before.start_seconds, start - rise_seconds), 6), start, strength)
        yield SyncPoint("hit", start, start, strength)
