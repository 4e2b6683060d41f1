"""Which composition each shot shows: wide first, details in between, wide again, and a held wide at the end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from auratune.film.editing.pacing import energy_at, section_at

if TYPE_CHECKING:
    import random

    from auratune.core.beat_grid import BeatGrid
    from auratune.film.editing.candidates import Cast, FramingCandidate
    from auratune.film.editing.framing_rules import Lens
    from auratune.film.editing.pacing import Cut

LIKENESS_LIMIT = 0.62
"""Two neighbouring shots share at most this much of what they show (intersection over union at the cut)."""

_AT_REST_LIMIT = 0.5
_WIDE_AGAIN_AFTER = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of the film that wants a composition."""

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


def arrange(slots: tuple[Slot, ...], cast: Cast, lens: Lens, rng: random.Random) -> tuple[FramingCandidate, ...]:
    """One target for each slot."""
    chosen: list[FramingCandidate] = []
    used: dict[str, int] = {}
    since_wide = 0
    for index, slot in enumerate(slots):
        last_slots = len(slots) - 1 - index
        if index == 0 or last_slots == 0:
            target = cast.wide
        else:
            patience = _WIDE_AGAIN_AFTER if slot.opens_section else 2 * _WIDE_AGAIN_AFTER
            want_wide = since_wide >= patience and last_slots > 2
            target = _next(slot, chosen[-1], cast, lens, used, rng, want_wide=want_wide)
        since_wide = 0 if target is cast.wide else since_wide + 1
        used[target.name] = used.get(target.name, 0) + 1
        chosen.append(target)
    return tuple(chosen)


def _next(
    slot: Slot,
    before: FramingCandidate,
    cast: Cast,
    lens: Lens,
    used: dict[str, int],
    rng: random.Random,
    *,
    want_wide: bool,
) -> FramingCandidate:
    was_wide = before is cast.wide
    if want_wide and not was_wide:
        return cast.wide
    window = lens.window(before.framing)
    fresh = [
        target for target in cast.details if was_wide or lens.window(target.framing).likeness(window) < _AT_REST_LIMIT
    ]
    if not fresh:
        # Nothing but the wide is different enough; `repeats` finds what that leaves at the end.
        return cast.wide
    tightness = {target.name: 1.0 - target.framing.width / lens.widest for target in fresh}
    return max(
        fresh,
        key=lambda target: (
            target.weight
            - 0.7 * used.get(target.name, 0)
            - 0.3 * (target.box == before.box)
            + 0.5 * (slot.energy - 0.5) * tightness[target.name]
            + rng.uniform(0.0, 0.15)
        ),
    )


def repeats(targets: tuple[FramingCandidate, ...], lens: Lens) -> bool:
    """Whether two neighbours show much the same at rest."""
    windows = [lens.window(target.framing) for target in targets]
    return any(one.likeness(other) > LIKENESS_LIMIT for one, other in pairwise(windows))


def without_least(cuts: tuple[Cut, ...], slots: tuple[Slot, ...]) -> tuple[Cut, ...]:
    """The cuts but for the one between the two shots that are shortest together."""
    together = [one.length_seconds + other.length_seconds for one, other in pairwise(slots)]
    least = together.index(min(together))
    return (*cuts[:least], *cuts[least + 1 :])
