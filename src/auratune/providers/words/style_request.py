"""Chooses the look of the film from light and mood, or takes the one that was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from auratune.core.options import LOOKS, MUSIC_STYLES

if TYPE_CHECKING:
    import random

    from auratune.core.scene import Scene

_LONGEST_TAG = 32
_MOST_TAGS = 6
_NEAR = 0.68
"""Likeness, 0 to 1, from which a word is taken for a misspelt style."""


@dataclass(frozen=True, slots=True)
class StyleWish:
    """What a person's `style` says: a look, a style of music, words of their own; each may be empty."""

    look: str
    music: str
    words: tuple[str, ...]


def read_style(text: str) -> StyleWish:
    """Tell the named look and music style from free words, however they are written: `Lo Fi`, `teal_night`."""
    plain = " " + re.sub(r"[^\w'&+]+", " ", text.lower()).replace("_", " ").strip() + " "
    found: dict[str, str] = {}
    for kind, names in (("look", LOOKS), ("music", MUSIC_STYLES)):
        for name in sorted(names, key=len, reverse=True):
            spelt = [name.replace("-", " "), name.replace("-", "")]
            hit = next((way for way in spelt if f" {way} " in plain), None)
            if hit and kind not in found:
                found[kind] = name
                plain = plain.replace(f" {hit} ", " | ", 1)
    parts = [part for piece in re.split(r"[,;/|\n]", _without(text, found)) if (part := piece.strip())]
    return StyleWish(
        found.get("look", ""), found.get("music", ""), tuple(part[:_LONGEST_TAG] for part in parts[:_MOST_TAGS])
    )


def style_notices(wish: StyleWish) -> tuple[str, ...]:
    """Tells a new film's owner which of their words were no style, what became of them, and the nearest style."""
    if not wish.words:
        return ()
    many = len(wish.words) > 1
    became = "so they became music tags" if many else "so it became a music tag"
    return (f"{_no_style(wish.words)}, {became}{_nearest(wish.words)}",)


def remake_notices(wish: StyleWish, music_style: str) -> tuple[str, ...]:
    """Tells a remake's owner what their style cannot change: the song is kept. `music_style` is the song's own."""
    notices: list[str] = []
    if wish.music and wish.music != music_style:
        notices.append(
            f"A remake keeps its song, so the music style '{wish.music}' changes nothing; "
            "send the photo again for a song in that style."
        )
    if wish.words:
        notices.append(
            f"{_no_style(wish.words)}, and a remake keeps its song, so nothing changed by it{_nearest(wish.words)}"
        )
    return tuple(notices)


def _no_style(words: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"{quoted} {'are not looks or music styles' if len(words) > 1 else 'is not a look or music style'} here"


def _nearest(words: tuple[str, ...]) -> str:
    names = (*LOOKS, *MUSIC_STYLES)
    near = (get_close_matches(re.sub(r"[\s_]+", "-", word.lower()), names, n=1, cutoff=_NEAR) for word in words)
    found = tuple(dict.fromkeys(f"'{match[0]}'" for match in near if match))
    return f"; did you mean {' and '.join(found)}?" if found else "."


def _without(text: str, found: dict[str, str]) -> str:
    """The text with a comma in place of each name that was understood: what parts the person's own words stays."""
    plain = re.sub(r"[^\w\s'&+,;/-]+", " ", text.lower())
    for name in found.values():
        plain = re.sub(r"\b" + name.replace("-", r"[-_\s]?") + r"\b", ",", plain, count=1)
    return plain.replace("_", " ")


def look_for(scene: Scene, chance: random.Random) -> str:
    """One of `LOOKS`. Light decides; where two fit nearly alike the seed does."""
    light, mood = scene.light, scene.mood
    dark, pale = 1 - light.brightness, light.brightness * (1 - light.contrast)
    amber = max(0.0, light.warmth)
    scores = {
        "natural": 0.50,
        "golden": 0.30 + 0.9 * amber + 0.15 * mood.valence,
        "noir": 0.55 * dark + 0.45 * (1 - light.colourfulness) * light.contrast - 0.15 * (1 + mood.valence),
        "teal-night": 0.12 + 1.8 * max(0.0, 0.42 - light.brightness) * (1 - amber) + 0.2 * light.colourfulness,
        "pastel": 0.22 + 0.75 * pale + 0.1 * mood.valence - 0.3 * max(0.0, mood.arousal - 0.5),
        "film-print": 0.44 + 0.15 * light.contrast,
        "vivid": 0.10 + 0.65 * light.colourfulness + 0.35 * max(0.0, mood.arousal - 0.4),
        "bleach-bypass": 0.12 + 0.6 * light.contrast * (1 - light.colourfulness) * (1 - amber),
        "super-8": 0.2 + 0.5 * amber * (1 - light.contrast) + 0.1 * mood.valence,
        # Infrared turns leaves white: only for who asks for it.
        "infrared": 0.0,
    }
    return max(LOOKS, key=lambda name: scores[name] + 0.12 * chance.random())
