"""Turns mood and light into what a composer is asked for."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from auratune.core.options import MUSIC_STYLES
from auratune.core.treatment import LyricLine, MusicBrief

if TYPE_CHECKING:
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.scene import Scene
    from auratune.providers.words.style_request import StyleWish

_HOMES = {
    "ambient-drift": (-0.02, 0.10, 72),
    "lo-fi": (0.20, 0.36, 82),
    "indie-folk": (0.40, 0.46, 100),
    "synthwave": (-0.05, 0.68, 108),
    "cinematic-strings": (-0.38, 0.50, 92),
    "house": (0.35, 0.82, 122),
    "piano-ballad": (-0.32, 0.24, 74),
    "bossa": (0.48, 0.30, 112),
}
"""Valence and arousal where each style is most at home, and the tempo its players would take, in BPM."""
_REACH = 0.25

_STYLE_TAGS = {
    "ambient-drift": ("ambient", "soft pads", "drifting textures"),
    "lo-fi": ("lo-fi", "electric piano", "dusty drums"),
    "indie-folk": ("indie folk", "acoustic guitar", "hand claps"),
    "synthwave": ("synthwave", "analogue synths", "gated drums"),
    "cinematic-strings": ("cinematic", "strings", "slow build"),
    "house": ("deep house", "four on the floor", "warm bass"),
    "piano-ballad": ("piano ballad", "grand piano", "intimate"),
    "bossa": ("bossa nova", "nylon guitar", "light percussion"),
}
_MOOD_TAGS = {
    "radiant": ("uplifting", "bright"),
    "tender": ("gentle", "warm-hearted"),
    "restless": ("driving", "urgent"),
    "wistful": ("wistful", "nostalgic"),
    "still": ("calm", "reflective"),
}
_MAJOR_TONICS = ("C", "G", "D", "A", "E", "F", "Bb", "Eb", "Ab")
_MINOR_TONICS = ("A", "E", "B", "D", "G", "C", "F", "F#", "C#")

_ARCS = (
    (0.55, 0.70, 0.80, 0.90, 1.25, 1.35, 1.30, 0.75),
    (0.60, 0.75, 0.95, 0.85, 1.20, 1.35, 1.20, 0.65),
    (0.70, 0.80, 0.75, 0.95, 1.30, 1.40, 1.35, 0.80),
    (0.50, 0.60, 0.80, 1.05, 1.30, 1.30, 1.15, 0.60),
)
"""Energy over the film relative to the mood's own: all open quietly, rise into the chorus, and come home."""


def brief_for(
    photo: Photo,
    scene: Scene,
    options: Options,
    *,
    title: str,
    lyrics: tuple[LyricLine, ...],
    mood: str,
    wish: StyleWish,
) -> MusicBrief:
    """The whole brief. Tempo rises with arousal alone; the share of minor keys falls as valence rises."""
    valence, arousal = scene.mood.valence, scene.mood.arousal
    style = wish.music or style_for(valence, arousal, _chance(photo, "style"))
    low, high = _tempo(arousal, _HOMES[style][2] if wish.music else None)
    return MusicBrief(
        title=title,
        length_seconds=options.format.length_seconds,
        genre_tags=_tags(style, mood, scene.light.warmth, wish.words),
        style=style,
        tempo_low_bpm=low,
        tempo_high_bpm=high,
        key=key_for(valence, _chance(photo, "key")),
        energy_curve=_energy(arousal, _chance(photo, "energy")),
        valence=valence,
        arousal=arousal,
        warmth=scene.light.warmth,
        brightness=scene.light.brightness,
        lyrics=lyrics,
        instrumental=options.instrumental,
        seed=photo.seed,
        photo_key=photo.key,
        composer=options.music,
        whole_song=options.excerpt == "best",
    )


def style_for(valence: float, arousal: float, chance: random.Random) -> str:
    """A style of `MUSIC_STYLES`: the nearer its home to the mood, the likelier, and never far away."""
    weights = []
    for name in MUSIC_STYLES:
        home_valence, home_arousal, _ = _HOMES[name]
        distance = math.hypot(0.6 * (valence - home_valence), arousal - home_arousal)
        weights.append(math.exp(-((distance / _REACH) ** 2)) + 1e-9)
    return chance.choices(MUSIC_STYLES, weights)[0]


def key_for(valence: float, chance: random.Random) -> str:
    """A key such as `D minor`; minor for nearly every sad picture and one in ten of the gladdest."""
    minor = chance.random() < min(0.92, max(0.08, 0.45 - 0.75 * valence))
    return f"{chance.choice(_MINOR_TONICS)} minor" if minor else f"{chance.choice(_MAJOR_TONICS)} major"


def _chance(photo: Photo, purpose: str) -> random.Random:
    return random.Random(f"{photo.seed}:{purpose}")


def _tempo(arousal: float, idiom_bpm: float | None) -> tuple[float, float]:
    centre = 66 + 64 * arousal
    if idiom_bpm is not None:
        # Someone who asks for house on a calm picture wants house: the players' tempo leads and the mood leans on it.
        centre = 0.85 * idiom_bpm + 0.15 * centre
    return round(centre - 6, 1), round(centre + 6, 1)


def _tags(style: str, mood: str, warmth: float, words: tuple[str, ...]) -> tuple[str, ...]:
    tint = ("warm",) if warmth > 0.2 else ("cool",) if warmth < -0.2 else ()
    return tuple(dict.fromkeys((*words, *_STYLE_TAGS[style], *_MOOD_TAGS[mood], *tint)))


def _energy(arousal: float, chance: random.Random) -> tuple[float, ...]:
    base = 0.28 + 0.42 * arousal
    return tuple(round(min(1.0, max(0.05, base * share)), 3) for share in chance.choice(_ARCS))
