"""Where the beats of a film lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from auratune.core.treatment import Section


@dataclass(frozen=True, slots=True)
class SongSection:
    """A stretch of the song: its name, times in seconds, and its energy (0 to 1)."""

    name: Section
    start_seconds: float
    end_seconds: float
    energy: float


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """A moment of the song that pictures may answer to. A list of them is what film editors call a cue sheet.

    `hit`: an accent at `start_seconds` (the chorus enters, the last chord). `rise`: tension that grows from start to
    end, where the hit follows. `rest`: a quiet stretch.
    """

    kind: Literal["hit", "rise", "rest"]
    start_seconds: float
    end_seconds: float
    """Equal to the start for hits."""
    strength: float
    """0 (hardly there) to 1 (the strongest of its kind)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatGrid:
    """Beats, bars and sections.

    All times count from `starts_at_seconds` of the song: the moment the film begins. They ascend, and reach from 0
    to `length_seconds`.
    """

    tempo_bpm: float
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    """First beats of bars; a subset of `beats`."""
    sections: tuple[SongSection, ...]
    """Cover the whole length with no gap; never empty."""
    energy: tuple[float, ...]
    """Loudness contour, one value a beat, 0 to 1."""
    length_seconds: float
    starts_at_seconds: float = 0.0
    beats_per_bar: int = 4
    confidence: float = 1.0
    """0 (a guess: cut by phrase lengths instead) to 1 (the composer's own grid)."""
    source: str = "tracked"
    """`composer`, `tracked` or `none`."""
    sync_points: tuple[SyncPoint, ...] = ()
    """In order of their start."""
