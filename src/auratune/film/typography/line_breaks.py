"""Breaking a text into lines of even length."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import pairwise

from auratune.film.typography.clusters import clusters

_WIDOW_COST = 0.12
_TIED = frozenset({"a", "an", "the", "of", "to", "in", "on", "at", "by", "my", "i", "and", "or", "is", "we"})
_TIED_COST = 0.05
_MAY_BREAK = "\u200b"
"""Zero width space: a place inside a word where a line may end."""
_MOST_PIECES = 40
"""Of a word that no line holds."""
_NEVER_FIRST = frozenset("、。，．：；！？）」』】〕〉》”’…ー々ゝゞっゃゅょッャュョぁぃぅぇぉァィゥェォ,.!?:;)]}%")
_NEVER_LAST = frozenset("（「『【〔〈《“‘([{")


def with_breaks(text: str, measure: Callable[[str], float], widest: float) -> str:
    """The text with places where a line may end inside words: between ideographs, and in words wider than a line."""
    return " ".join(_broken_word(word, measure(word) > widest) for word in text.split())


def shown(text: str) -> str:
    """The text as it is drawn."""
    return text.replace(_MAY_BREAK, "")


def _broken_word(word: str, too_wide: bool) -> str:
    found = clusters(word)
    pieces = [found[0]]
    step = max(1, len(found) // _MOST_PIECES)
    for number, (before, sign) in enumerate(pairwise(found), start=1):
        wide = _is_wide(before) or _is_wide(sign)
        if (wide or (too_wide and number % step == 0)) and sign not in _NEVER_FIRST and before not in _NEVER_LAST:
            pieces.append(_MAY_BREAK)
        pieces.append(sign)
    return "".join(pieces)


def _is_wide(sign: str) -> bool:
    """Ideographs, kana and the like; Korean has spaces and breaks at them."""
    return unicodedata.east_asian_width(sign[0]) in {"W", "F"} and not "\uac00" <= sign[0] <= "\ud7a3"


def balanced(text: str, measure: Callable[[str], float], widest: float, most_lines: int) -> list[str] | None:
    """The fewest lines that fit into `widest`, of as even a length as can be; None when `most_lines` do not do.

    A line rather does not end in a small word that belongs to the next, and the last rather is not a single word.
    """
    words = [piece for word in text.split() for piece in _pieces(word)]
    widths = _widths(words, measure, widest)
    total = measure(_joined(words))
    for count in range(1, most_lines + 1):
        lines = _broken(words, widths, widest, count, total / count)
        if lines is not None:
            return lines
    return None


def _widths(words: list[str], measure: Callable[[str], float], widest: float) -> dict[tuple[int, int], float]:
    """The width of each line from a word to another that fits."""
    widths: dict[tuple[int, int], float] = {}
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            width = measure(_joined(words[start:end]))
            if width > widest:
                break
            widths[start, end] = width
    return widths


def _broken(
    words: list[str], widths: dict[tuple[int, int], float], widest: float, count: int, ideal: float
) -> list[str] | None:
    """The most even way to make exactly `count` lines: dynamic programming over (words used, lines used)."""
    prices = {
        (start, end): ((width - ideal) / widest) ** 2 + _wrap_cost(words, start, end)
        for (start, end), width in widths.items()
    }
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _ in range(count):
        reached: dict[int, tuple[float, int]] = {}
        for (start, end), price in prices.items():
            if start in best[-1]:
                whole = (best[-1][start][0] + price, start)
                reached[end] = min(reached.get(end, whole), whole)
        best.append(reached)
    end, lines = len(words), []
    if end not in best[count]:
        return None
    for reached in best[:0:-1]:
        start = reached[end][1]
        lines.append(_joined(words[start:end]))
        end = start
    return lines[::-1]


def _pieces(word: str) -> list[str]:
    """The parts of a word; all but the last end in the mark that no space follows."""
    parts = word.split(_MAY_BREAK)
    return [*(f"{part}{_MAY_BREAK}" for part in parts[:-1]), parts[-1]]


def _joined(pieces: list[str]) -> str:
    return shown(" ".join(pieces).replace(f"{_MAY_BREAK} ", ""))


def _wrap_cost(words: list[str], start: int, end: int) -> float:
    cost = 0.0
    if end < len(words) and words[end - 1].lower() in _TIED:
        cost += _TIED_COST
    if end == len(words) and start > 0 and end - start == 1:
        cost += _WIDOW_COST
    return cost
