"""What the songwriter decided: words, look, and the brief for the music."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Section = Literal["intro", "verse", "chorus", "bridge", "outro"]


@dataclass(frozen=True, slots=True)
class LyricLine:
    """One line of the lyrics and the section it is sung in."""

    text: str
    section: Section = "verse"
    start_seconds: float | None = None
    """When it begins in the film, where the person sent lyrics with times (LRC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicBrief:
    """What a composer is asked for. Vendors read tags and lyrics; the embedded composer reads all of it."""

    title: str
    length_seconds: float
    genre_tags: tuple[str, ...]
    """Genre, mood and instruments in plain words; never an artist's name."""
    style: str
    """One of `MUSIC_STYLES`: the nearest style of the embedded composer."""
    tempo_low_bpm: float
    tempo_high_bpm: float
    key: str
    """Such as `D minor`; empty leaves it to the composer."""
    energy_curve: tuple[float, ...]
    """Energy over the film at equal distances, each 0 to 1."""
    valence: float
    """-1 (sad) to 1 (glad)."""
    arousal: float
    """0 (calm) to 1 (excited)."""
    warmth: float
    """-1 (cold) to 1 (warm)."""
    brightness: float
    """0 (dark) to 1 (bright)."""
    lyrics: tuple[LyricLine, ...]
    instrumental: bool
    seed: int
    composer: str = ""
    """The composer that the person asked for by name; empty takes the first that can."""
    photo_key: str = ""
    """Store key of the photo, for a composer that may see it; empty where there is none."""
    whole_song: bool = False
    """True asks for the best excerpt of a whole song rather than its opening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Title, lyrics, look, and the brief for the music."""

    title: str
    lyrics: tuple[LyricLine, ...]
    look: str
    """One of `LOOKS`."""
    mood_arc: str
    """One sentence: how the mood goes from the first shot to the last."""
    music: MusicBrief
    words_by: str
    """Name of the writer: `claude`, `embedded`, or `you` where the person sent the lyrics."""
    notices: tuple[str, ...] = ()
