"""What a person asked for along with the photo."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Captions = Literal["burned", "soft", "off"]
Excerpt = Literal["fast", "best"]
AudioCodec = Literal["aac", "mp3"]

LOOKS = (
    "natural",
    "golden",
    "noir",
    "teal-night",
    "pastel",
    "film-print",
    "vivid",
    "bleach-bypass",
    "infrared",
    "super-8",
)
"""Names of the grades; `film/effects` holds what they do."""

MUSIC_STYLES = (
    "ambient-drift",
    "lo-fi",
    "indie-folk",
    "synthwave",
    "cinematic-strings",
    "house",
    "piano-ballad",
    "bossa",
)
"""Names of the embedded composer's styles; `music/` holds what they do."""

ASPECTS = ("source", "16:9", "9:16", "1:1")
FRAME_RATES = (24, 25, 30, 60)
SHORTEST_FILM_SECONDS = 5.0
LONGEST_FILM_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFormat:
    """The shape of the film: size, length, rate, and how lyrics are shown."""

    length_seconds: float = 30.0
    fps: int = 30
    aspect: str = "source"
    """One of `ASPECTS`; `source` keeps the photo's own."""
    short_edge_px: int = 1080
    long_edge_px: int = 1920
    captions: Captions = "burned"
    letterbox: bool = False
    """Bars to 2.39:1."""
    audio_codec: AudioCodec = "aac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Every choice is optional; an empty one leaves it to the film maker."""

    style: str = ""
    """A look of `LOOKS`, a style of `MUSIC_STYLES`, or a few words of the person's own."""
    title: str = ""
    lyrics: str = ""
    instrumental: bool = False
    music: str = ""
    """A composer by name (`elevenlabs`, `lyria`, `acestep`, `suno`, `embedded`); empty takes the first that can."""
    excerpt: Excerpt = "fast"
    format: FilmFormat = field(default_factory=FilmFormat)
