"""Chooses the pitches of a rhythm: a beam search over what sounds well with the chords and moves as people sing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_BEAM = 14
_REPEAT, _THIRD, _WIDE, _LEAP = 0.56, 0.5, 1.8, 9.0
"""Costs of an interval: a repeated note, a third, up to a fifth, and anything wider; steps cost nothing."""
_NOT_TURNED = 9.0
"""After five semitones or more a tune turns back."""
NEEDS_MENDING = 9.0
"""A move that costs as much as this breaks one of the two rules above."""
_FAR_FROM_SHAPE = 0.22
_NOISE = 0.55


@dataclass(frozen=True, slots=True)
class Slot:
    """One note to be found: the pitch its shape asks for, and what each candidate costs by itself."""

    shape: float
    costs: dict[int, float]


def find_pitches(
    dice: Random, slots: Sequence[Slot], *, before: Sequence[int] = (), after: int | None = None
) -> tuple[int, ...]:
    """The cheapest pitches for the slots after those of `before`, given that `after` is sung next (None: their own
    first again). The same dice give the same tune.
    """
    start = tuple(before[-2:])
    beam: list[tuple[float, tuple[int, ...]]] = [(0.0, start)]
    for slot in slots:
        own = {
            pitch: cost + _FAR_FROM_SHAPE * abs(pitch - slot.shape) + abs(dice.gauss(0.0, _NOISE))
            for pitch, cost in slot.costs.items()
        }
        grown = [
            (total + cost + move_cost(path, pitch), (*path, pitch))
            for total, path in beam
            for pitch, cost in own.items()
        ]
        beam = sorted(grown)[:_BEAM]
    closed = [(total + move_cost(path, path[len(start)] if after is None else after), path) for total, path in beam]
    return min(closed)[1][len(start) :]


def move_cost(path: Sequence[int], pitch: int) -> float:
    """What it costs to go on from a path to a pitch."""
    if not path:
        return 0.0
    move = pitch - path[-1]
    size = abs(move)
    cost = _REPEAT if not size else 0.0 if size <= 2 else _THIRD if size <= 4 else _WIDE if size <= 7 else _LEAP
    if len(path) > 1:
        last = path[-1] - path[-2]
        if abs(last) >= 5 and last * move >= 0:
            cost += _NOT_TURNED
        if not size and not last:
            cost += 1.5
    return cost


def best_instead(costs: dict[int, float], pitch: int, path: Sequence[int], accepts: Callable[[int], bool]) -> int:
    """The pitch itself where it is accepted, else the cheapest accepted one near it."""
    if accepts(pitch):
        return pitch
    fitting = [p for p in costs if accepts(p)] or list(costs)
    return min(fitting, key=lambda p: (costs[p] + 0.5 * abs(p - pitch) + move_cost(path, p), p))
