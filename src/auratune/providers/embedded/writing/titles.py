"""Titles: two or three words that can be sung at the head of a chorus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.providers.embedded.writing.phrases import TITLE_COLOURS, TITLE_HOURS, TITLE_NOUNS, TITLE_PHRASES
from auratune.providers.embedded.writing.rules import true_words

if TYPE_CHECKING:
    import random

    from auratune.providers.embedded.writing.scene_reading import Reading


def title_for(reading: Reading, chance: random.Random) -> str:
    """A title that is true of the reading; about two of three carry its colour or hour."""
    facts = reading.facts
    kind = chance.choices(("colour", "hour", "phrase"), (5, 3, 3))[0]
    if kind == "phrase":
        return chance.choice(true_words(TITLE_PHRASES[reading.mood], facts))
    if kind == "hour":
        firsts = true_words(TITLE_HOURS[reading.hour], facts) or TITLE_HOURS["any"]
    else:
        firsts = true_words(TITLE_COLOURS[chance.choice(reading.colours[:2])], facts)
    nouns = true_words(TITLE_NOUNS[reading.mood], facts)
    return f"{chance.choice(firsts)} {chance.choice(nouns)}".replace("-", " ")
