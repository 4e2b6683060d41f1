"""Titles: two or three words that can be sung at the head of a chorus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.providers.embedded.writing.phrases import TITLE_COLOURS, TITLE_HOURS, TITLE_NOUNS, TITLE_PHRASES

if TYPE_CHECKING:
    import random

    from auratune.providers.embedded.writing.scene_reading import Reading


def title_for(reading: Reading, chance: random.Random) -> str:
    """A title that fits the reading; about two of three carry its colour or hour."""
    kind = chance.choices(("colour", "hour", "phrase"), (5, 3, 3))[0]
    if kind == "phrase":
        return chance.choice(TITLE_PHRASES[reading.mood])
    if kind == "hour":
        first = chance.choice(TITLE_HOURS[reading.hour])
    else:
        first = chance.choice(TITLE_COLOURS[chance.choice(reading.colours[:2])])
    return f"{first} {chance.choice(TITLE_NOUNS[reading.mood])}".replace("-", " ")
