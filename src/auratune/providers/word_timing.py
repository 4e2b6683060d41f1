"""A vendor's word times laid on our lyrics: which line is sung when."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from auratune.core.song import SungLine, TimedWord
from auratune.providers.content_filter import plain as plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auratune.core.song import LineTiming
    from auratune.core.treatment import LyricLine

_FEWEST_MATCHED = 0.5
"""A line of which less is heard is not timed; if this holds for most lines, other words were sung."""
_LONGEST_PAUSE_SECONDS = 0.7
_MOST_WORDS_A_LINE = 8
_LONGEST_WORD = 80
_LATEST_MS = 3_600_000


def read_words(plain: Any) -> tuple[TimedWord, ...]:
    """The words in `[{word, start_ms, end_ms}]`, in order; marks in brackets and what is no word are left out."""
    words: list[TimedWord] = []
    for one in plain if isinstance(plain, list) else []:
        if not isinstance(one, dict):
            continue
        text, start, end = one.get("word"), _seconds(one.get("start_ms")), _seconds(one.get("end_ms"))
        if start is None or end is None or not isinstance(text, str):
            continue
        text = plain_text(text, _LONGEST_WORD)
        if _bare(text) and not text.startswith(("[", "{", "(")):
            words.append(TimedWord(text, start, max(start, end)))
    return tuple(sorted(words, key=lambda word: word.start_seconds))


def sung_lines(lyrics: Sequence[LyricLine], words: Sequence[TimedWord]) -> tuple[tuple[SungLine, ...], LineTiming]:
    """Our lines with the times at which they are sung.

    `sung` when at least half of the lines are heard in the words, else `none` with no times at all. Lines that are
    not heard keep none. Aligned by longest matching runs (Ratcliff and Obershelp 1988).
    """
    plain = tuple(SungLine(text=line.text, section=line.section) for line in lyrics)
    if not words or not plain:
        return plain, "none"
    wanted = [(index, _bare(word)) for index, line in enumerate(plain) for word in line.text.split() if _bare(word)]
    matcher = SequenceMatcher(None, [word for _, word in wanted], [_bare(word.text) for word in words], autojunk=False)
    heard: dict[int, list[TimedWord]] = {}
    for block in matcher.get_matching_blocks():
        for at in range(block.size):
            heard.setdefault(wanted[block.a + at][0], []).append(words[block.b + at])
    timed = tuple(_timed(line, heard.get(index, [])) for index, line in enumerate(plain))
    found = sum(line.start_seconds is not None for line in timed)
    return (timed, "sung") if found * 2 >= len(timed) else (plain, "none")


def lines_of(words: Sequence[TimedWord]) -> tuple[SungLine, ...]:
    """Lines made of the words themselves, broken at pauses, for a song whose words are not ours."""
    if not words:
        return ()
    groups: list[list[TimedWord]] = [[words[0]]]
    for before, word in pairwise(words):
        pause = word.start_seconds - before.end_seconds
        if pause > _LONGEST_PAUSE_SECONDS or len(groups[-1]) >= _MOST_WORDS_A_LINE:
            groups.append([])
        groups[-1].append(word)
    return tuple(_spanning(SungLine(text=" ".join(word.text for word in group)), group) for group in groups)


def _timed(line: SungLine, words: list[TimedWord]) -> SungLine:
    count = sum(1 for word in line.text.split() if _bare(word))
    if not words or len(words) < _FEWEST_MATCHED * count:
        return line
    return _spanning(line, words)


def _spanning(line: SungLine, words: list[TimedWord]) -> SungLine:
    return replace(line, start_seconds=words[0].start_seconds, end_seconds=words[-1].end_seconds, words=tuple(words))


def _bare(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _seconds(told_ms: Any) -> float | None:
    if isinstance(told_ms, bool) or not isinstance(told_ms, int | float) or not 0 <= told_ms < _LATEST_MS:
        return None
    return told_ms / 1000
