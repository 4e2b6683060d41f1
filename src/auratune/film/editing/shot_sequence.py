"""Which composition each shot shows: wide first, details in between, wide again, and a held wide at the end."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

from auratune.core.beat_grid import BeatGrid
from auratune.film.editing.candidates import CandidatePool, FramingCandidate
from auratune.film.editing.framing_rules import FrameGeometry
from auratune.film.editing.pacing import Cut, energy_at, section_at

LIKENESS_LIMIT = 0.62
"""Two neighbouring shots share at most this much of what they show (intersection over union at the cut)."""

_AT_REST_LIMIT = 0.5
_WIDE_AGAIN_AFTER = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """The time between two cuts, to be filled with one shot."""

    start_seconds: float
    end_seconds: float
    first_frame: int
    end_frame: int
    section: str
    energy: float
    opens_section: bool

    @property
    def length_seconds(self) -> float:
        """How long the shot stands."""
        return self.end_seconds - self.start_seconds


def slots_between(cuts: tuple[Cut, ...], beats: BeatGrid, frame_count: int, fps: int) -> tuple[Slot, ...]:
    """The stretches between cuts, in order."""
    frames = [0, *(cut.frame for cut in cuts), frame_count]
    opens = [True, *(cut.on_section for cut in cuts)]
    slots = []
    for first, end, opening in zip(frames, frames[1:], opens, strict=False):
        middle = (first + end) / 2 / fps
        slots.append(
            Slot(
                start_seconds=first / fps,
                end_seconds=end / fps,
                first_frame=first,
                end_frame=end,
                section=section_at(beats, middle).name,
                energy=energy_at(beats, middle),
                opens_section=opening,
            )
        )
    return tuple(slots)


def choose_framings(
    slots: tuple[Slot, ...], pool: CandidatePool, geometry: FrameGeometry, rng: random.Random
) -> tuple[FramingCandidate, ...]:
    """One candidate for each slot."""
    chosen: list[FramingCandidate] = []
    used: dict[str, int] = {}
    since_wide = 0
    for index, slot in enumerate(slots):
        last_slots = len(slots) - 1 - index
        if index == 0 or last_slots == 0:
            candidate = pool.wide
        else:
            wide_interval = _WIDE_AGAIN_AFTER if slot.opens_section else 2 * _WIDE_AGAIN_AFTER
            want_wide = since_wide >= wide_interval and last_slots > 2
            candidate = _next(slot, chosen[-1], pool, geometry, used, rng, want_wide=want_wide)
        since_wide = 0 if candidate is pool.wide else since_wide + 1
        used[candidate.name] = used.get(candidate.name, 0) + 1
        chosen.append(candidate)
    return tuple(chosen)


def _next(
    slot: Slot,
    before: FramingCandidate,
    pool: CandidatePool,
    geometry: FrameGeometry,
    used: dict[str, int],
    rng: random.Random,
    *,
    want_wide: bool,
) -> FramingCandidate:
    was_wide = before is pool.wide
    if want_wide and not was_wide:
        return pool.wide
    window = geometry.window(before.framing)
    fresh = [
        candidate
        for candidate in pool.details
        if was_wide or geometry.window(candidate.framing).likeness(window) < _AT_REST_LIMIT
    ]
    if not fresh:
        # Nothing but the wide is different enough; `has_similar_neighbours` finds what that leaves at the end.
        return pool.wide
    tightness = {candidate.name: 1.0 - candidate.framing.width / geometry.widest for candidate in fresh}
    return max(
        fresh,
        key=lambda candidate: (
            candidate.weight
            - 0.7 * used.get(candidate.name, 0)
            - 0.3 * (candidate.box == before.box)
            + 0.5 * (slot.energy - 0.5) * tightness[candidate.name]
            + rng.uniform(0.0, 0.15)
        ),
    )


def has_similar_neighbours(chosen: tuple[FramingCandidate, ...], geometry: FrameGeometry) -> bool:
    """Whether two neighbours show much the same at rest."""
    windows = [geometry.window(candidate.framing) for candidate in chosen]
    return any(one.likeness(other) > LIKENESS_LIMIT for one, other in pairwise(windows))


def merge_shortest_pair(cuts: tuple[Cut, ...], slots: tuple[Slot, ...]) -> tuple[Cut, ...]:
    """The cuts but for the one between the two shots that are shortest together."""
    together = [one.length_seconds + other.length_seconds for one, other in pairwise(slots)]
    least = together.index(min(together))
    return (*cuts[:least], *cuts[least + 1 :])
