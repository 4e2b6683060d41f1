"""When each line of the lyrics stands on the picture.

Light on purpose (no numpy): the editor plans in the service process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.song import SungLine, TimedWord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auratune.core.beat_grid import BeatGrid
    from auratune.core.treatment import LyricLine

SHORTEST_LINE_SECONDS = 1.2
"""Less cannot be read."""
LONGEST_LINE_SECONDS = 7.0
_GAP_SECONDS = 0.08
_SPANS_IN_BARS = (4, 2)
_LONGEST_INTRO_SHARE = 0.3
_TAIL_SECONDS = 1.5


def lay_lines(lines: Sequence[LyricLine | SungLine], grid: BeatGrid) -> tuple[SungLine, ...]:
    """The lines with times that count from the film's beginning, in order, none overlapping the next.

    Lines that carry a vendor's times keep them, moved into film time; those that are not sung within the film, or
    have no time beside others that do, are left out. Where no line has times they are estimated: each begins on a bar
    and spans four, two or one of them, a chorus begins where the grid's chorus does, and all lines fit in; with more
    lines than bars they begin on half bars or beats. Only what would flash by in under 1.2 s is left out, from the end.
    """
    known = [line for line in lines if isinstance(line, SungLine) and line.start_seconds is not None]
    if known:
        return _in_film_time(known, grid)
    told = [line for line in lines if line.text.strip()]
    if not told:
        return ()
    starts, end = _places(told, grid)
    return tuple(
        SungLine(text=line.text, section=line.section, start_seconds=round(start, 3), end_seconds=_end(start, after))
        for line, start, after in zip(told, starts, [*starts[1:], end], strict=False)
    )


def _end(start: float, following: float) -> float:
    return round(min(start + LONGEST_LINE_SECONDS, max(start + 0.5, following - _GAP_SECONDS)), 3)


def _places(lines: Sequence[LyricLine | SungLine], grid: BeatGrid) -> tuple[list[float], float]:
    """Starts of as many lines as can be read, and where the last one ends."""
    begin, end = _sung_stretch(grid)
    turn = _first_chorus(lines)
    chorus = _chorus_start(grid, begin, end)
    if 0 < turn < len(lines) and chorus is not None:
        before = _fit(turn, grid, begin, chorus)
        after = _fit(len(lines) - turn, grid, chorus, end)
        if before and after:
            return before + after, end
    for room in ((begin, end), (0.0, grid.length_seconds)):
        starts = _fit(len(lines), grid, *room)
        if starts:
            return starts, room[1]
    count = max(1, int(grid.length_seconds / SHORTEST_LINE_SECONDS))
    step = grid.length_seconds / min(count, len(lines))
    return [step * i for i in range(min(count, len(lines)))], grid.length_seconds


def _fit(count: int, grid: BeatGrid, begin: float, end: float) -> list[float]:
    """Starts for so many lines between two moments: on bars, else half bars, else beats; empty if too tight."""
    bars = _between(grid.downbeats, begin, end)
    for span in _SPANS_IN_BARS:
        if count * span <= len(bars):
            return [bars[i * span] for i in range(count)]
    half = max(1, grid.beats_per_bar // 2)
    first = grid.beats.index(bars[0]) % half if bars and bars[0] in grid.beats else 0
    for marks in (bars, _between(grid.beats[first::half], begin, end), _between(grid.beats, begin, end)):
        if count <= len(marks):
            starts = [marks[i * len(marks) // count] for i in range(count)]
            if _readable(starts, end):
                return starts
    return []


def _readable(starts: list[float], end: float) -> bool:
    return all(after - start >= SHORTEST_LINE_SECONDS for start, after in zip(starts, [*starts[1:], end], strict=True))


def _between(marks: Sequence[float], begin: float, end: float) -> list[float]:
    """The marks from `begin` on that leave time to read before `end`."""
    return [mark for mark in marks if begin - 0.05 <= mark <= end - SHORTEST_LINE_SECONDS]


def _sung_stretch(grid: BeatGrid) -> tuple[float, float]:
    """From the end of the intro to where the film dies away."""
    begin, end = 0.0, max(grid.length_seconds / 2, grid.length_seconds - _TAIL_SECONDS)
    first = grid.sections[0]
    if first.name == "intro" and first.end_seconds <= _LONGEST_INTRO_SHARE * grid.length_seconds:
        begin = first.end_seconds
    return begin, end


def _first_chorus(lines: Sequence[LyricLine | SungLine]) -> int:
    return next((i for i, line in enumerate(lines) if line.section == "chorus"), -1)


def _chorus_start(grid: BeatGrid, begin: float, end: float) -> float | None:
    starts = (section.start_seconds for section in grid.sections if section.name == "chorus")
    return next((start for start in starts if begin < start < end), None)


def _in_film_time(lines: Sequence[SungLine], grid: BeatGrid) -> tuple[SungLine, ...]:
    moved = sorted((_moved(line, -grid.starts_at_seconds) for line in lines), key=_start)
    kept: list[SungLine] = []
    for line, following in zip(moved, [*moved[1:], None], strict=True):
        start, end = _start(line), line.end_seconds
        if end is None:
            end = start + LONGEST_LINE_SECONDS
        if following is not None:
            end = min(max(end, start + SHORTEST_LINE_SECONDS), _start(following))
        start, end = max(0.0, start), min(end, grid.length_seconds)
        if end - start > 0.3:
            words = tuple(word for word in line.words if 0 <= word.start_seconds < grid.length_seconds)
            kept.append(
                SungLine(
                    text=line.text,
                    section=line.section,
                    start_seconds=round(start, 3),
                    end_seconds=round(end, 3),
                    words=words,
                )
            )
    return tuple(kept)


def _start(line: SungLine) -> float:
    return line.start_seconds or 0.0


def _moved(line: SungLine, by_seconds: float) -> SungLine:
    return SungLine(
        text=line.text,
        section=line.section,
        start_seconds=_start(line) + by_seconds,
        end_seconds=None if line.end_seconds is None else line.end_seconds + by_seconds,
        words=tuple(
            TimedWord(word.text, round(word.start_seconds + by_seconds, 3), round(word.end_seconds + by_seconds, 3))
            for word in line.words
        ),
    )
