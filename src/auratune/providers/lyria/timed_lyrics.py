"""The lyrics that Lyria tells beside a song, with the second at which each line begins.

Its text looks like this: `[[A0]]` alone on a line marks a section, `[4.8:] words` begins at 4.8 s, `[:] words` has no
time of its own, and `(words)` within a line are backing vocals. A second text describes the sound.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from auratune.core.song import SungLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auratune.core.song import LineTiming
    from auratune.core.treatment import LyricLine

_LINE = re.compile(r"\[\s*(\d{1,4}(?:\.\d{1,4})?)?\s*:\s*\]\s*(.*)")
_DESCRIPTION = re.compile(r"^\s*(?:caption\s*:|mosic\s*:|bpm\s*:|duration_secs\s*:)", re.IGNORECASE)
_LEAST_LIKENESS = 0.6
_LONGEST_LINE_SECONDS = 8.0
_MOST_TEXT = 20_000


def read_times(text: str, song_seconds: float) -> list[tuple[float, str]]:
    """(second, words) of the lines in a text, with rising times within the song; empty where nothing of use is told."""
    found: list[tuple[float, str]] = []
    for line in text[:_MOST_TEXT].splitlines():
        if _DESCRIPTION.match(line):
            break
        match = _LINE.fullmatch(line.strip())
        if match and match[1] and match[2].strip():
            second = float(match[1])
            if second >= song_seconds or (found and second <= found[-1][0]):
                return []
            found.append((second, match[2].strip()))
    return found


def timed_lines(
    lyrics: Sequence[LyricLine], told: Sequence[tuple[float, str]], song_seconds: float
) -> tuple[tuple[SungLine, ...], LineTiming]:
    """Our lines with the times of the told ones that are like them; told words themselves are never used.

    `sung` when at least half of our lines are found, in their order, else `none` with no times at all.
    """
    plain = tuple(SungLine(text=line.text, section=line.section) for line in lyrics)
    ends = [later for (_, _), (later, _) in pairwise(told)] + [song_seconds] if told else []
    timed: list[SungLine] = []
    position = 0
    for line in plain:
        likely = [(_likeness(line.text, words), at) for at, (_, words) in enumerate(told) if at >= position]
        best, at = max(likely, key=lambda pair: (pair[0], -pair[1]), default=(0.0, 0))
        if best >= _LEAST_LIKENESS:
            start = told[at][0]
            line = replace(line, start_seconds=start, end_seconds=min(ends[at], start + _LONGEST_LINE_SECONDS))
            position = at + 1
        timed.append(line)
    found = sum(line.start_seconds is not None for line in timed)
    return (tuple(timed), "sung") if found and found * 2 >= len(timed) else (plain, "none")


def _likeness(first: str, second: str) -> float:
    return SequenceMatcher(None, _bare(first), _bare(second), autojunk=False).ratio()


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
