"""Which words may only be written when something is known of the photo.

A rule holds for every line, title and tag of the built-in writer: words in similes are ruled like all others, because
"slow as falling snow" is wrong under a palm too. What no picture could deny (love, a road, a dream) has no rule.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

RULES: tuple[tuple[str, str], ...] = (
    # Time of day.
    ("noon|midday", "noon + outdoors"),
    ("daylight|sunlight|sunbeams?|sun|sunny|sunshine|open air", "day + outdoors"),
    ("afternoon|plain as day|open day|new day", "day"),
    ("morning|early light|^early|first light|coffee|break of day|the day is young|sunrise", "morning"),
    ("evenings?|last light|the day went out|the day is leaning|supper", "evening"),
    ("sundown|sunset|low sun|the sun is low|long shadows", "low sun"),
    ("nights?|tonight|after dark|moon|moonlight|stars?|starlight|porch light|fireworks|windows glow", "night"),
    ("midnight", "midnight"),
    ("dawn", "morning | night"),
    ("lamps?|lamplight|lanterns?", "night | indoors"),
    ("dark", "dark | night"),
    # Sky and weather.
    ("sky|skies|clouds?|heaven|thunder|lightning|storms?|horizons?", "sky"),
    ("rain|rainy", "water"),
    ("winds?|weather|mist", "outdoors"),
    ("snow|snowy|ice|frost|winter", "winter"),
    ("summer|spring(time)?", "never"),
    ("autumn", "autumn"),
    # Water.
    ("water|seas?|oceans?|tides?|waves?|shores?|beach|ships?|harbour|ferry|lagoon|seaglass|deep end|island", "water"),
    # Land and plants.
    ("trees?|leaf|garden|roots|petals?|poppy|clover|evergreen|peony|flowers?", "plants"),
    ("underground|what the quiet grows|wants to grow|we dared to sow", "plants"),
    ("hills?|land|path|miles and miles", "outdoors"),
    # Places.
    ("streets?|town|avenue|traffic|trains?|stations?|platform|pavement|parade|carousel|fault lines", "outdoors"),
    ("kitchen|kettle|(?<!four on the )floor|room$|curtains?|chair|warmed the place", "indoors"),
    ("walls?|windows?", "indoors | lines"),
    # People.
    ("crowd|everybody|everyone", "crowd"),
    ("every face|two of us|hand in hand|two by two|side by side|more than one of us", "people"),
    ("someone here inside|head right here|dress", "person | people"),
)
"""Pattern of whole words, and what must be known: facts joined by `+` (all) or `|` (any); `never` is never known."""

_COMPILED = tuple((re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE), needs) for words, needs in RULES)


@cache
def needs_of(text: str) -> tuple[str, ...]:
    """What must be known for this text; empty for a text that may always be written."""
    return tuple(needs for words, needs in _COMPILED if words.search(text.replace("-", " ")))


def is_true(text: str, facts: frozenset[str]) -> bool:
    """Whether the text claims nothing that is not known."""
    return all(_met(needs, facts) for needs in needs_of(text))


def true_words(texts: Iterable[str], facts: frozenset[str]) -> tuple[str, ...]:
    """The texts that claim nothing that is not known."""
    return tuple(text for text in texts if is_true(text, facts))


def true_couplets(couplets: Iterable[tuple[str, str]], facts: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The couplets of which both lines claim nothing that is not known."""
    return tuple(one for one in couplets if is_true(one[0], facts) and is_true(one[1], facts))


def _met(needs: str, facts: frozenset[str]) -> bool:
    if "+" in needs:
        return all(need in facts for need in needs.split(" + "))
    return any(need in facts for need in needs.split(" | "))
