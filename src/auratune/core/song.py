"""A song, and the order it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from auratune.core.beat_grid import BeatGrid
from auratune.core.treatment import MusicBrief, Section

LineTiming = Literal["sung", "estimated", "none"]
"""`sung`: times from the vendor; `estimated`: laid on the grid; `none`: no times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SongRequest:
    """What was asked of a composer, and how to collect it. Placing an order may spend money; collecting never does."""

    music_by: str
    brief: MusicBrief
    reference: str = ""
    """The vendor's id of what was ordered; empty for the embedded composer."""
    key: str = ""
    """Store key of audio that came with the answer to the order itself."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word and when it is sung, in seconds of the song."""

    text: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SungLine:
    """A line of the song, with times in seconds of the song where they are known."""

    text: str
    section: Section = "verse"
    start_seconds: float | None = None
    end_seconds: float | None = None
    words: tuple[TimedWord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """A song in the store, in the form its maker delivered it (MP3 as a rule)."""

    key: str
    music_by: str
    length_seconds: float
    brief: MusicBrief
    lines: tuple[SungLine, ...] = ()
    timing: LineTiming = "none"
    reference: str = ""
    rights: str = ""
    """A sentence on who may use the music for what."""
    leading_silence_seconds: float | None = None
    """Silence at its start, where the song has been checked already."""
    grid: BeatGrid | None = None
    """The composer's own grid, in seconds of the song, where it knows it."""
    notices: tuple[str, ...] = ()
