"""A finished score: every note of every part, the chords and the sections; plain frozen values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from auratune.core.treatment import Section
from auratune.music.theory import Chord, Key


@dataclass(frozen=True, slots=True)
class Note:
    """One note. Beats count from the song's start; drums use General MIDI numbers as pitches."""

    start_beats: float
    length_beats: float
    pitch: int
    velocity: float
    """0 (a whisper) to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """How a part sits in the mix."""

    level_db: float = 0.0
    """Trim against the loudness that the mixer gives to its role."""
    pan: float = 0.0
    """-1 (left) to 1 (right)."""
    width: float = 0.5
    """0 (mono) to 1 (as wide as its instrument is)."""
    reverb_db: float = -14.0
    """Send to the hall, against the part's own level."""
    low_cut_hz: float = 0.0
    duck_db: float = 0.0
    """How far the kick pushes it down."""
    sweeps: bool = False
    """Whether the filter sweep into a chorus takes it along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one player plays on one instrument."""

    name: str
    role: str
    """`pad`, `comp`, `arp`, `bass`, `melody`, `counter`, `drums`, `percussion`, `texture` or `effects`."""
    instrument: str
    """A name of the table of instruments."""
    channel: Channel
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ScoreSection:
    """Bars `first_bar` up to but not including `end_bar`, and their energy, 0 to 1."""

    name: Section
    first_bar: int
    end_bar: int
    energy: float


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord and the beats it holds for."""

    start_beats: float
    end_beats: float
    chord: Chord


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A whole song on paper. The bars end `tail_seconds` before the song does: there the last chord rings out."""

    title: str
    style: str
    tempo_bpm: float
    key: Key
    bars: int
    length_seconds: float
    tail_seconds: float
    sections: tuple[ScoreSection, ...]
    chords: tuple[ChordSpan, ...]
    """Without a gap from beat 0; the last one is the chord that rings out."""
    parts: tuple[Part, ...]
    brightness: float
    """0 (dark) to 1 (bright): how open the instruments and the mix sound."""
    warmth: float
    """-1 (cold) to 1 (warm)."""
    reverb_seconds: float
    sweep: float
    """Depth of the filter sweep into a chorus, 0 (none) to 1."""
    seed: int

    @property
    def beat_seconds(self) -> float:
        """Length of one beat."""
        return 60.0 / self.tempo_bpm

    @property
    def total_beats(self) -> float:
        """Length of the bars in beats, without the tail."""
        return 4.0 * self.bars

    def fingerprint(self) -> str:
        """A hash over everything in it: equal scores, equal fingerprints, in any process."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def section_at(self, beat: float) -> ScoreSection:
        """The section that a beat lies in; the tail belongs to the last one."""
        bar = int(beat // 4)
        return next((section for section in self.sections if bar < section.end_bar), self.sections[-1])
