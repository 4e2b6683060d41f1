"""Breaking a text into lines of even length."""

from __future__ import annotations

from collections.abc import Callable

_WIDOW_COST = 0.12
_TIED = frozenset({"a", "an", "the", "of", "to", "in", "on", "at", "by", "my", "i", "and", "or", "is", "we"})
_TIED_COST = 0.05


def balanced(text: str, measure: Callable[[str], float], widest: float, most_lines: int) -> list[str] | None:
    """The fewest lines that fit into `widest`, of as even a length as can be; None when `most_lines` do not do.

    A line rather does not end in a small word that belongs to the next, and the last rather is not a single word.
    """
    words = text.split()
    for count in range(1, most_lines + 1):
        lines = _broken(words, measure, widest, count)
        if lines is not None:
            return lines
    return None


def _broken(words: list[str], measure: Callable[[str], float], widest: float, count: int) -> list[str] | None:
    """The most even way to make exactly `count` lines: dynamic programming over (words used, lines used)."""
    ideal = measure(" ".join(words)) / count
    prices = {
        (start, end): ((width - ideal) / widest) ** 2 + _wrap_cost(words, start, end)
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
        if (width := measure(" ".join(words[start:end]))) <= widest
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
        lines.append(" ".join(words[start:end]))
        end = start
    return lines[::-1]


def _wrap_cost(words: list[str], start: int, end: int) -> float:
    cost = 0.0
    if end < len(words) and words[end - 1].lower() in _TIED:
        cost += _TIED_COST
    if end == len(words) and start > 0 and end - start == 1:
        cost += _WIDOW_COST
    return cost
