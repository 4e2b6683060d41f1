"""Patterns of sixteenths: joined from halves so that few make many, and led into other metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from auratune.music.score import Metre


def recombined(dice: Random, choices: tuple[str, ...]) -> str:
    """The first half bars of one pattern with the second half bars of one that may be another; 4/4, one or two bars."""
    first, second = dice.choice(choices), dice.choice(choices)
    if len(first) != len(second):
        first, second = first * 2 if len(first) == 16 else first, second * 2 if len(second) == 16 else second
    return "".join((first if at % 16 < 8 else second)[at : at + 8] for at in range(0, len(first), 8))


def in_metre(pattern: str, metre: Metre) -> str:
    """A pattern written in 4/4 as it is played in another metre.

    3/4 leaves out the third beat, so that a back-beat on two and four becomes a waltz's two and three. 6/8 plays each
    beat as three eighths, long and short, and half a bar as a bar.
    """
    if metre.name == "3/4":
        return "".join(pattern[at : at + 8] + pattern[at + 12 : at + 16] for at in range(0, len(pattern), 16))
    if metre.name == "6/8":
        return "".join(_as_triplet(pattern[at : at + 4]) for at in range(0, len(pattern), 4))
    return pattern


def _as_triplet(beat: str) -> str:
    a, b, c, d = list(beat)
    first_gap = "-" if b == "-" else "."
    between = b if b not in "-." else first_gap
    return a + first_gap + between + ("-" if c == "-" or between == "-" else ".") + c + d


def struck(pattern: str) -> tuple[tuple[int, int, str], ...]:
    """(start, length, letter) in steps of everything a pattern plays; `-` holds what came before."""
    found: list[tuple[int, int, str]] = []
    for step, letter in enumerate(pattern):
        if letter in ".-":
            continue
        length = 1
        while step + length < len(pattern) and pattern[step + length] == "-":
            length += 1
        found.append((step, length, letter))
    return tuple(found)


def thinned(pattern: str, every: int = 4) -> str:
    """The pattern without what falls off each `every`th step; what goes is held over from the note before."""
    kept = "".join(letter if at % every == 0 or letter in ".-" else "-" for at, letter in enumerate(pattern))
    return kept if kept.strip("-.") else pattern
