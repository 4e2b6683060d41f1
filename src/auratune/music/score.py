"""A finished score: every note of every part, the chords and the sections, as frozen values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from auratune.core.treatment import Section
from auratune.music.theory import Chord, Key


@dataclass(frozen=True, slots=True)
class Metre:
    """How many beats a bar has, and into how many steps a beat is divided. In 6/8 the beat is a dotted quarter."""

    name: str
    beats_per_bar: int = 4
    steps_per_beat: int = 4

    @property
    def bar_steps(self) -> int:
        """Steps in a bar."""
        return self.beats_per_bar * self.steps_per_beat

    def is_strong(self, step: int) -> bool:
        """Whether a step of the bar carries weight: every second beat from the first, or the first alone in 3/4."""
        return step % (2 * self.steps_per_beat if self.beats_per_bar % 2 == 0 else self.bar_steps) == 0


COMMON_TIME = Metre("4/4")
METRES = {metre.name: metre for metre in (COMMON_TIME, Metre("3/4", 3, 4), Metre("6/8", 2, 6))}


@dataclass(frozen=True, slots=True)
class Note:
    """One note. Beats count from the song's start; drums use General MIDI numbers as pitches."""

    start_beats: float
    length_beats: float
    pitch: int
    velocity: float
    """0 to 1."""


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
    metre: Metre
    bars: int
    length_seconds: float
    tail_seconds: float
    sections: tuple[ScoreSection, ...]
    chords: tuple[ChordSpan, ...]
    """Without a gap from beat 0; the last one is the chord that rings out."""
    parts: tuple[Part, ...]
    brightness: float
    """0 (dark) to 1 (bright): how open the instruments and the mix sound."""
    arousal: float
    """0 (calm) to 1 (excited): how hard the instruments are driven."""
    style_arousal: float
    """The arousal at which the style sounds as it usually does."""
    warmth: float
    """-1 (cold) to 1 (warm)."""
    reverb_seconds: float
    sweep: float
    """Depth of the filter sweep into a chorus, 0 (none) to 1."""
    tape: float
    """How much the mix sounds like an old tape, 0 to 1: wow and flutter, roll-off, saturation."""
    air_db: float
    """What the style adds to the octave around 16 kHz, in dB."""
    seed: int

    @property
    def beat_seconds(self) -> float:
        """Length of one beat."""
        return 60.0 / self.tempo_bpm

    @property
    def total_beats(self) -> float:
        """Length of the bars in beats, without the tail."""
        return self.bar_beats * self.bars

    @property
    def bar_beats(self) -> float:
        """Length of a bar in beats."""
        return float(self.metre.beats_per_bar)

    @property
    def steps_per_beat(self) -> int:
        """Steps that a beat is divided into."""
        return self.metre.steps_per_beat

    def fingerprint(self) -> str:
        """A hash over everything in it: equal scores, equal fingerprints, in any process."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def section_at(self, beat: float) -> ScoreSection:
        """The section that a beat lies in; the tail belongs to the last one."""
        bar = int(beat // self.bar_beats)
        return next((section for section in self.sections if bar < section.end_bar), self.sections[-1])
