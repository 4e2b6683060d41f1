"""Signs that belong together, and the order in which parts of a line stand from left to right."""

from __future__ import annotations

import unicodedata
from functools import cache

_JOINER = "\u200d"


@cache
def clusters(text: str) -> tuple[str, ...]:
    """The text in letters with their marks and in joined emoji: what must not be torn apart."""
    found: list[str] = []
    for sign in text:
        joins = unicodedata.category(sign) in {"Mn", "Mc", "Me"} or sign in {_JOINER, "\u200c"}
        if found and (joins or found[-1].endswith(_JOINER)):
            found[-1] += sign
        else:
            found.append(sign)
    return tuple(found)


def is_right_to_left(text: str) -> bool | None:
    """By the first letter with a direction of its own; None where there is none."""
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return None


def in_visual_order(parts: list[str], line: str) -> list[int]:
    """Indexes of the parts of a line from left to right, by the levels of the Unicode bidirectional algorithm."""
    base = int(is_right_to_left(line) or False)
    levels = []
    for part in parts:
        turned = is_right_to_left(part)
        levels.append(base if turned is None else 1 if turned else 2 * base)
    order = list(range(len(parts)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = max(end, start + 1)
    return order
