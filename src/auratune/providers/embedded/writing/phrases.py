"""The songwriter's banks of words, read from `phrases.toml`.

House style of all couplets: about four beats and eight syllables a line, at most 42 characters so that a line fits one
caption, no full stop, plain words. What a line claims of the picture is ruled by the table in `rules.py`; every bank
that a song must draw from also has lines that claim nothing, so that none runs out.
"""

from __future__ import annotations

import tomllib
from importlib import resources

Couplet = tuple[str, str]
Bank = dict[str, tuple[Couplet, ...]]
WordBank = dict[str, tuple[str, ...]]

_TABLES = tomllib.loads(resources.files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8"))


def _couplets(table: str) -> Bank:
    return {name: tuple((first, second) for first, second in pairs) for name, pairs in _TABLES[table].items()}


def _words(table: str) -> WordBank:
    return {name: tuple(words) for name, words in _TABLES[table].items()}


COLOURS = _couplets("colours")
HOURS = _couplets("hours")
FEATURES = _couplets("features")
FEELINGS = _couplets("feelings")
HOOKS = _couplets("hooks")
LIFTS = _couplets("lifts")
TITLE_COLOURS = _words("title_colours")
TITLE_HOURS = _words("title_hours")
TITLE_NOUNS = _words("title_nouns")
TITLE_PHRASES = _words("title_phrases")
