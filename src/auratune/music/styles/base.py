"""What a style is made of: its mood, tempo, harmony, and the seats of its band."""

from __future__ import annotations

from dataclasses import dataclass, field

from auratune.core.treatment import Section
from auratune.music.score import Channel
from auratune.music.theory import Mode

EVERYWHERE: tuple[Section, ...] = ("intro", "verse", "chorus", "bridge", "outro")
Groove = dict[str, str]
"""Drum piece to its pattern: sixteenths, `X` accent, `x`, `o` soft, `g` ghost, `?` a ghost now and then, `.` rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place in the band: who sits there and what they play.

    Patterns are strings of sixteenths, a bar or two long: `-` holds on, `.` rests. Comps hit with `X x o g`, arpeggios
    name voices by digits, basses say `R r` root, `5` fifth, `8` octave, `3` third, `a` approach to the next root.
    """

    name: str
    role: str
    instruments: tuple[str, ...]
    """The style's own first; the seed and the warmth of the picture choose."""
    channel: Channel = field(default_factory=Channel)
    low: int = 48
    high: int = 72
    voices: int = 4
    patterns: tuple[str, ...] = ()
    """Outside choruses."""
    chorus_patterns: tuple[str, ...] = ()
    """In choruses; empty keeps to `patterns`."""
    sections: tuple[Section, ...] = EVERYWHERE
    strum_seconds: float = 0.0
    """From the first string to the last."""
    strikes_again: bool = False
    """Pads only, on instruments that die away: struck every half bar instead of held."""
    staccato: bool = False
    """Arpeggios only: short notes instead of ringing ones."""
    harmonises: bool = False
    """Melodies only: a second voice under the tune in choruses."""
    needs_arousal: float = 0.0
    """Stays silent in pictures that are calmer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drums:
    """What the drummer plays. The seed picks a beat and a top: so many times so many grooves.

    Both are written as a chorus has them; verses, intros and calm pictures play less of them.
    """

    instrument: str
    channel: Channel
    beats: tuple[Groove, ...] = ({},)
    """Kick and back-beat."""
    tops: tuple[Groove, ...] = ({},)
    """Hats, rides, shakers: what keeps the time."""
    fills: tuple[Groove, ...] = ()
    lazy_seconds: float = 0.0
    """How late the back-beat falls."""
    plays_intro: bool = False
    crash: bool = True
    needs_arousal: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One style, complete."""

    name: str
    words: tuple[str, ...]
    """Genre words that lead to it."""
    valence: float
    arousal: float
    warmth: float
    brightness: float
    tempo_low_bpm: float
    tempo_high_bpm: float
    swing: float = 0.0
    """How late the second of two sixteenths falls, as a share of a sixteenth; 0.33 is triplet feel."""
    swing_eighths: bool = False
    """Swings eighths instead of sixteenths."""
    looseness_seconds: float = 0.006
    """Standard deviation of the players' timing."""
    verses: dict[Mode, tuple[str, ...]]
    """Progressions: bars parted by `|`, chords of a bar by blanks."""
    choruses: dict[Mode, tuple[str, ...]]
    cadences: dict[Mode, str]
    """The last bar before the end."""
    endings: dict[Mode, str]
    """The chord that rings out."""
    melody_rhythms: tuple[str, ...]
    """One-bar rhythms of the verse motif, `x` struck, `-` held, `.` rest."""
    chorus_rhythms: tuple[str, ...]
    seats: tuple[Seat, ...]
    drums: Drums | None = None
    percussion: Drums | None = None
    colour: Seat
    """What it lends to a neighbouring style."""
    metres: tuple[str, ...] = ("4/4",)
    """The first is the usual one; the seed picks one of the others now and then."""
    reverb_seconds: float = 1.8
    sweep: float = 0.0
    """Depth of the filter sweep into a chorus, 0 to 1."""
    tape: float = 0.0
    """How much the mix sounds like an old tape, 0 to 1."""
    air_db: float = 0.0
    """What the style adds to the octave around 16 kHz, in dB."""
    risers: bool = True
    """Whether risers and impacts lead into a chorus; a cymbal swell otherwise."""
