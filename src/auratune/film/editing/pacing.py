"""Where the cuts fall: on beats, strong ones on downbeats, in a rhythm that follows the song's sections.

Each possible shot (from one beat to a later one) has a cost; the cheapest chain of shots that covers the film is found
by dynamic programming over pairs (where a shot ends, how long it was), so that equal neighbours can be made dear.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from auratune.core.beat_grid import BeatGrid, SongSection

TRUSTED_CONFIDENCE = 0.4
"""Below this the grid is a guess, and the film is cut by phrase lengths instead."""
SHORTEST_SHOT_SECONDS = 0.9

_PACE_SECONDS = {"intro": 3.8, "verse": 3.2, "bridge": 4.2, "chorus": 2.1, "outro": 4.6}
_LONG_SHOT_SECONDS, _LONGEST_SHOT_SECONDS = 5.0, 8.0
_LEAST_CLOSING = 0.7
_OFF_PACE, _OVER_BOUNDARY, _SAME_AGAIN, _JITTER = 3.2, 2.5, 0.3, 0.22
_SHORTEST_TARGET_SECONDS = 1.1
_RELAXATIONS = ((1.0, 0.0), (0.8, 0.0), (0.8, 1.5), (0.8, 5.0), (0.8, 15.0))
_ON_HALF_BAR, _OFF_BAR = 0.3, 0.6
_ON_HIT, _ON_LAST_HIT = -1.2, -3.0
"""What a cut on the song's strongest hit costs, and on its final chord."""
_PACE_DURING = {"rest": 1.2, "rise": 0.85}
_LEAST_LANDING = 0.45
"""The share of the usual last shot that must at least be left after the final chord for a cut on it."""
_SAME_MOMENT_SECONDS = 0.02


_Arrivals = dict[int, tuple[float, int]]
"""For one time, by the start of the shot that ends there: the cost so far, and the start of the shot before it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where one shot ends and the next begins."""

    frame: int
    seconds: float
    on_beat: bool
    on_downbeat: bool
    on_section: bool
    """The song enters a new section here."""


@dataclass(frozen=True, slots=True)
class _Place:
    seconds: float
    on_beat: bool
    on_downbeat: bool
    cost: float = 0.0


def section_at(beats: BeatGrid, seconds: float) -> SongSection:
    """The section that sounds at a time of the film."""
    for section in beats.sections:
        if section.start_seconds <= seconds < section.end_seconds:
            return section
    if not beats.sections:
        return SongSection("verse", 0.0, beats.length_seconds, 0.5)
    return beats.sections[0] if seconds < beats.sections[0].start_seconds else beats.sections[-1]


def energy_at(beats: BeatGrid, seconds: float) -> float:
    """Loudness (0 to 1) at a time of the film: half the section's, half the beat's own."""
    section = section_at(beats, seconds).energy
    if not beats.energy or not beats.beats:
        return section
    index = min(len(beats.energy), len(beats.beats), bisect_right(beats.beats, seconds)) - 1
    return 0.5 * section + 0.5 * beats.energy[max(0, index)]


def cut_points(beats: BeatGrid, length_seconds: float, fps: int, rng: random.Random) -> tuple[Cut, ...]:
    """The inner cuts of the film, ascending; the first shot begins at 0 and the last ends at `length_seconds`.

    A 30-second film gets at least five shots; the last is held longest.
    """
    places = _places(beats, length_seconds)
    jitters = [math.exp(rng.uniform(-_JITTER, _JITTER)) for _ in range(len(places) + 2)]
    chain: list[_Place] = []
    for length_factor, shot_bonus in _RELAXATIONS:
        chain = _cheapest(places, _Pace(beats, length_seconds, length_factor, shot_bonus), jitters)
        if len(chain) + 1 >= fewest_shots(length_seconds):
            break
    boundaries = [section.start_seconds for section in beats.sections if section.start_seconds > 0.5]
    slack = 30.0 / max(40.0, beats.tempo_bpm)
    return tuple(
        Cut(
            frame=round(place.seconds * fps),
            seconds=place.seconds,
            on_beat=place.on_beat,
            on_downbeat=place.on_downbeat,
            on_section=any(abs(place.seconds - start) < slack for start in boundaries),
        )
        for place in chain
    )


def fewest_shots(length_seconds: float) -> int:
    """Three shots for a short film, five for half a minute, nine for a whole one."""
    return max(3, min(round(length_seconds / 6), 9))


def longest_hole_seconds(length_seconds: float) -> float:
    """Where beats are further apart than this, phrase lengths fill the hole."""
    return min(7.5, max(1.8, 0.25 * length_seconds))


def opening_seconds(length_seconds: float) -> float:
    """How long the first wide should stand: long enough to read the title."""
    return min(4.5, max(1.3, 0.15 * length_seconds))


def closing_seconds(length_seconds: float) -> float:
    """How long the last wide should be held."""
    return min(5.5, max(1.7, 0.17 * length_seconds))


def last_hit_seconds(beats: BeatGrid, length_seconds: float) -> float | None:
    """When the song's final chord strikes, as far as the song knows it and the film's end is near."""
    hits = [point.start_seconds for point in beats.sync_points if point.kind == "hit"]
    return hits[-1] if hits and hits[-1] >= length_seconds - closing_seconds(length_seconds) else None


def _hit_cost(beats: BeatGrid, seconds: float, length_seconds: float) -> float:
    last = last_hit_seconds(beats, length_seconds)
    if last is not None and abs(last - seconds) <= _SAME_MOMENT_SECONDS:
        return _ON_LAST_HIT
    hits = [point for point in beats.sync_points if point.kind == "hit"]
    near = [point.strength for point in hits if abs(point.start_seconds - seconds) <= _SAME_MOMENT_SECONDS]
    return _ON_HIT * max(near, default=0.0)


def _places(beats: BeatGrid, length_seconds: float) -> list[_Place]:
    """Where a cut may be: beats, or half phrases where there are none to trust."""
    within = sorted({beat for beat in beats.beats if 0.0 < beat < length_seconds})
    if beats.confidence < TRUSTED_CONFIDENCE or len(within) < 3:
        return _phrases(0.0, length_seconds, length_seconds)
    downbeats = sorted(beats.downbeats)
    places: list[_Place] = []
    before, in_bar = 0.0, 0
    for beat in (*within, length_seconds):
        if beat - before > longest_hole_seconds(length_seconds):
            places += _phrases(before, beat, length_seconds, between_beats=True)
        if beat < length_seconds:
            is_first = _near(beat, downbeats)
            in_bar = 0 if is_first else in_bar + 1
            cost = 0.0 if is_first else _ON_HALF_BAR if 2 * in_bar == beats.beats_per_bar else _OFF_BAR
            cost += _hit_cost(beats, beat, length_seconds)
            places.append(_Place(beat, on_beat=True, on_downbeat=is_first, cost=cost))
        before = beat
    return places


def _phrases(start: float, end: float, film_seconds: float, *, between_beats: bool = False) -> list[_Place]:
    """Half phrases of about two seconds: a phrase is four, and one and a half make the rhythm uneven."""
    count = max(2 if between_beats else 5, round((end - start) / min(1.9, film_seconds / 5)))
    step = (end - start) / count
    return [
        _Place(
            start + index * step,
            on_beat=False,
            on_downbeat=index % 2 == 0 and not between_beats,
            cost=_ON_HALF_BAR * (index % 2),
        )
        for index in range(1, count)
    ]


def _near(seconds: float, times: list[float]) -> bool:
    index = bisect_left(times, seconds - _SAME_MOMENT_SECONDS)
    return index < len(times) and times[index] <= seconds + _SAME_MOMENT_SECONDS


@dataclass(frozen=True, slots=True)
class _Pace:
    """What a shot costs."""

    beats: BeatGrid
    length_seconds: float
    length_factor: float
    """Below 1 every shot is wanted shorter."""
    shot_bonus: float
    """Taken off the cost of every shot, so that more of them are made."""

    @property
    def landing(self) -> float | None:
        """Where the last shot may begin together with the final chord; None where too little would be left of it."""
        hit = last_hit_seconds(self.beats, self.length_seconds)
        least = _LEAST_LANDING * closing_seconds(self.length_seconds)
        return hit if hit is not None and self.length_seconds - hit >= least else None

    def target(self, start: float, end: float) -> float:
        middle = (start + end) / 2
        section = section_at(self.beats, middle)
        # Loud stretches are cut faster: a third more or less at the ends of the scale.
        pace = _PACE_SECONDS.get(section.name, 3.4) * (1.3 - 0.6 * energy_at(self.beats, middle))
        for point in self.beats.sync_points:
            if point.start_seconds <= middle < point.end_seconds:
                pace *= _PACE_DURING.get(point.kind, 1.0)
        # A short film keeps its variety by being cut a little faster.
        return max(_SHORTEST_TARGET_SECONDS, pace * min(1.0, max(0.45, self.length_seconds / 22.0)))

    def cost(self, start: float, end: float, jitter: float) -> float:
        length = end - start
        if start <= 0.0:
            wanted = opening_seconds(self.length_seconds)
        elif end >= self.length_seconds:
            wanted = length if start == self.landing else closing_seconds(self.length_seconds)
        else:
            wanted = self.target(start, end) * jitter * self.length_factor
        cost = _OFF_PACE * math.log(length / wanted) ** 2
        if length < wanted and (start <= 0.0 or end >= self.length_seconds):
            # A title that is gone before it is read, or an end without rest, is worse than a shot off the pace.
            cost *= 3.0
        if length > _LONG_SHOT_SECONDS and end < self.length_seconds:
            cost += 0.6 * (length - _LONG_SHOT_SECONDS)
        for section in self.beats.sections:
            if start + 0.3 < section.start_seconds < end - 0.3:
                cost += _OVER_BOUNDARY
        return cost - self.shot_bonus


def _cheapest(places: list[_Place], pace: _Pace, jitters: list[float]) -> list[_Place]:
    """The cheapest chain; where the beats leave none within the usual lengths, one of any lengths."""
    times = [0.0, *(place.seconds for place in places), pace.length_seconds]
    penalty = [0.0, *(place.cost for place in places), 0.0]
    shortest = min(SHORTEST_SHOT_SECONDS, pace.length_seconds / 5)
    closing = _LEAST_CLOSING * closing_seconds(pace.length_seconds)
    if pace.landing is not None:
        closing = min(closing, pace.length_seconds - pace.landing)
    last = len(times) - 1
    best: list[_Arrivals] = []
    for longest, least_closing in ((_LONGEST_SHOT_SECONDS, closing), (pace.length_seconds, shortest)):
        best = [{} for _ in times]
        for start in range(last):
            for end in _ends(times, start, (shortest, longest, least_closing)) if not start or best[start] else ():
                price = pace.cost(times[start], times[end], jitters[start]) + penalty[end]
                best[end][start] = _arrival(best[start], times, start, end, price)
        if best[last]:
            return _walk_back(best, last, places)
    return []


def _arrival(arrivals: _Arrivals, times: list[float], start: int, end: int, price: float) -> tuple[float, int]:
    """The cheapest way to a shot from `start` to `end`, over all shots before it."""
    length = times[end] - times[start]
    return min(
        (
            (cost + price + _sameness(length, times[start] - times[before]), before)
            for before, (cost, _) in arrivals.items()
        ),
        default=(price, -1),
    )


def _ends(times: list[float], start: int, bounds: tuple[float, float, float]) -> list[int]:
    """The times at which a shot from `start` may end: not too near, not too far, but at least one."""
    shortest, longest, least_closing = bounds
    low = bisect_left(times, times[start] + shortest, start + 1)
    high = bisect_right(times, times[start] + longest, low)
    last = len(times) - 1
    ends = [*range(low, high)] or ([low] if low <= last else [])
    return [end for end in ends if end != last or not start or times[last] - times[start] >= least_closing]


def _sameness(length: float, before: float) -> float:
    return _SAME_AGAIN if abs(length - before) < 0.06 * before else 0.0


def _walk_back(best: list[_Arrivals], last: int, places: list[_Place]) -> list[_Place]:
    start = min(best[last], key=lambda index: best[last][index])
    end, chain = last, []
    while start > 0:
        chain.append(places[start - 1])
        end, start = start, best[end][start][1]
    return chain[::-1]
