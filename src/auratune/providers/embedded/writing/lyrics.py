"""Puts couplets together into a song: verses of what is seen and felt, a chorus around the title."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auratune.core.treatment import LyricLine, Section
from auratune.providers.embedded.writing.phrases import COLOURS, FEATURES, FEELINGS, HOOKS, HOURS, LIFTS
from auratune.providers.embedded.writing.rules import true_couplets
from auratune.providers.embedded.writing.titles import title_for

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from auratune.providers.embedded.writing.phrases import Couplet
    from auratune.providers.embedded.writing.scene_reading import Reading

LONGEST_LINE = 42
"""Characters that fit one line of a caption."""

_SINGABLE = re.compile(r"(?=.*[^\W\d_])[\w '’&-]{1,22}")
"""A title that can stand at the head of a chorus line: short, with letters in it, and no address."""

_FORMS: tuple[tuple[float, str], ...] = (
    (9.0, "h"),
    (14.0, "hl"),
    (20.0, "v hl"),
    (40.0, "vv hl"),
    (50.0, "vv hl vv"),
)
"""Which form fits a song of up to so many seconds: each letter a couplet (verse, hook, lift), parts split by blanks."""
_WHOLE_SONG = "vv hl vv hl"


def lyrics_for(
    reading: Reading, title: str, length_seconds: float, chance: random.Random, *, whole_song: bool = False
) -> tuple[LyricLine, ...]:
    """Lines in their sections; no line is longer than 42 characters, and no two couplets rhyme on the same words."""
    form = next((form for upto, form in _FORMS if length_seconds <= upto and not whole_song), _WHOLE_SONG)
    picker = _Picker(chance)
    hook = title if _SINGABLE.fullmatch(title) else title_for(reading, chance)
    facts = reading.facts
    hooks = [(first.format(hook=hook), second) for first, second in true_couplets(HOOKS[reading.mood], facts)]
    opening = picker.take([couplet for couplet in hooks if len(couplet[0]) <= LONGEST_LINE])
    lift = picker.take(true_couplets(LIFTS[reading.mood], facts))
    chorus = list(opening)
    if "l" in form:
        chorus += lift
    lines: list[LyricLine] = []
    verses = 0
    for part in form.split():
        if part[0] == "h":
            lines += _sung(chorus, "chorus")
        else:
            lines += _sung(_verse(reading, picker, couplets=len(part), first=verses == 0), "verse")
            verses += 1
    return tuple(lines)


def _verse(reading: Reading, picker: _Picker, *, couplets: int, first: bool) -> list[str]:
    """What is seen and what it does to the singer, in either order; whoever is in the picture comes first."""
    facts = reading.facts
    sights: dict[str, Iterable[Couplet]] = {
        "colour": true_couplets([couplet for family in reading.colours[:2] for couplet in COLOURS[family]], facts),
        "hour": true_couplets(HOURS[reading.hour], facts) or HOURS["any"],
    }
    if reading.features:
        sights["build"] = true_couplets(FEATURES[reading.features[0 if first else -1]], facts)
    order = picker.shuffled(sights)
    if first and reading.features and reading.features[0] in {"person", "people"}:
        order = ["build", "colour"]
    felt = true_couplets(FEELINGS[reading.mood], facts)
    second = sights[order[1]] if picker.seldom() else felt
    pools = [sights[order[0]], second][:couplets]
    if len(pools) > 1 and picker.seldom():
        pools.reverse()
    return [line for pool in pools for line in picker.take(pool)]


def _sung(lines: Iterable[str], section: Section) -> list[LyricLine]:
    return [LyricLine(line[0].upper() + line[1:], section) for line in lines]


class _Picker:
    """Draws couplets so that none comes twice and no rhyme is sung again."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._ends: set[str] = set()

    def shuffled(self, names: Iterable[str]) -> list[str]:
        """The names in an order drawn by chance."""
        drawn = list(names)
        self._chance.shuffle(drawn)
        return drawn

    def seldom(self) -> bool:
        """True one time in five."""
        return self._chance.random() < 0.2

    def take(self, couplets: Iterable[Couplet]) -> Couplet:
        """One of the couplets, with rhymes not sung so far where there is one."""
        pool = list(couplets)
        fresh = [couplet for couplet in pool if not self._ends & set(map(_end, couplet))]
        chosen = self._chance.choice(fresh or pool)
        self._ends |= set(map(_end, chosen))
        return chosen


def _end(line: str) -> str:
    words: list[str] = re.findall(r"[a-z']+", line.lower())
    return words[-1]
