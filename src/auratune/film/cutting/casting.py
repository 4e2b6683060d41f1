"""Whom and what to frame: still compositions for every subject, checked against what must not be cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auratune.core.geometry import Box
from auratune.film.cutting.lens import cuts, head_of, protected

if TYPE_CHECKING:
    import random

    from auratune.core.scene import Scene, Subject
    from auratune.core.storyboard import Framing
    from auratune.film.cutting.lens import Lens

FACE_MARGIN = 0.10
"""Air kept around a protected box when composing, as a share of its size, so that a move has room."""

_MOST_TARGETS = 8
_WANTED_TARGETS = 5
_DISTINCT = 0.45
_SHIFTS = (0.0, -0.08, 0.08, -0.16, 0.16, -0.26, 0.26, -0.38, 0.38, -0.5, 0.5, -0.7, 0.7)
_SIZES = (1.0, 0.88, 1.14, 0.76, 1.3, 1.5)
_GRID = 7


@dataclass(frozen=True, slots=True)
class Target:
    """A composition: what it shows, its framing at rest, and how much it matters (0 to 1)."""

    name: str
    kind: str
    box: Box
    framing: Framing
    weight: float


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything that can be framed in one photo."""

    wide: Target
    details: tuple[Target, ...]
    """Best first; never empty."""
    guarded: tuple[Box, ...]
    """What no window may cut."""


def cast(scene: Scene, lens: Lens, rng: random.Random) -> Cast:
    """Choose the compositions of a photo: one wide, and details that differ from one another."""
    guarded = protected(scene, lens)
    wide = _wide(scene, lens, guarded)
    details: list[Target] = []
    counts: dict[str, int] = {}
    for subject in scene.subjects[:12]:
        if len(details) >= _MOST_TARGETS:
            break
        counts[subject.kind] = counts.get(subject.kind, 0) + 1
        number = counts[subject.kind]
        name = subject.kind if number == 1 else f"{subject.kind} {number}"
        for target in _compositions(name, subject, lens, guarded):
            _add(details, target, lens)
    if len(details) < _WANTED_TARGETS:
        _fill(details, scene, lens, guarded, rng, counts.get("region", 0))
    if not details:
        # Nothing can be framed without cutting someone: then the least cut is the one at the middle of the wide.
        framing = lens.place(wide.framing.centre_x, wide.framing.centre_y, lens.widest * 0.8)
        details.append(Target("middle", "region", lens.window(framing), framing, 0.2))
    return Cast(wide, tuple(details), guarded)


def _add(details: list[Target], target: Target | None, lens: Lens) -> None:
    if target is None:
        return
    window = lens.window(target.framing)
    if all(window.likeness(lens.window(other.framing)) < _DISTINCT for other in details):
        details.append(target)


def _wide(scene: Scene, lens: Lens, guarded: tuple[Box, ...]) -> Target:
    """The widest window, over as much as it can hold of what matters."""
    best: tuple[float, Framing] | None = None
    for step in range(25):
        across = lens.place(step / 24, step / 24, lens.widest)
        window = lens.window(across)
        held = sum(subject.weight * _share_inside(subject.box, window) for subject in scene.subjects)
        cut = sum(cuts(window, box, FACE_MARGIN / 2) for box in guarded)
        off_centre = abs(across.centre_x - 0.5) + abs(across.centre_y - 0.5)
        score = held + _busyness(scene, window) - 10.0 * cut - 0.4 * off_centre
        if best is None or score > best[0] + 1e-12:
            best = (score, across)
    assert best is not None
    return Target("wide", "wide", lens.window(best[1]), best[1], 1.0)


def _compositions(name: str, subject: Subject, lens: Lens, guarded: tuple[Box, ...]) -> list[Target | None]:
    box = subject.box.clipped()
    if box.width <= 0 or box.height <= 0:
        return []
    if subject.kind == "face":
        wishes = [("", box, 0.42, 0.62), (" medium", box, 0.22, 0.55)]
    elif subject.kind == "person":
        bust = Box(box.left, box.top, box.right, box.top + 0.5 * box.height)
        wishes = [("", box, 0.86, 0.5), (" close", bust if box.height > 0.3 else head_of(box), 0.8, 0.55)]
    else:
        wishes = [("", box, 0.72, 0.5)]
    return [
        _compose(name + suffix, subject, part, share, height, lens, guarded) for suffix, part, share, height in wishes
    ]


def _compose(
    name: str, subject: Subject, box: Box, share: float, height: float, lens: Lens, guarded: tuple[Box, ...]
) -> Target | None:
    width = min(lens.widest * 0.72, max(lens.closest, lens.width_for(box, share)))
    x, y = box.centre
    # Off-centre subjects sit on the nearer third; eyes and heads above the middle.
    x += (0.5 - x) * min(1.0, width) * 0.35
    y += (height - 0.5) * width * lens.tallness * 0.5
    whole = box if lens.width_for(box, 0.98) <= width * 1.5 and subject.kind != "region" else None
    framing = settle(lens, x, y, width, guarded, whole)
    if framing is None:
        return None
    return Target(name, subject.kind, subject.box, framing, subject.weight)


def settle(
    lens: Lens, x: float, y: float, width: float, guarded: tuple[Box, ...], whole: Box | None = None
) -> Framing | None:
    """The framing nearest to the wish that cuts nothing guarded and holds `whole`; None when there is none."""
    best: tuple[float, Framing] | None = None
    for size in _SIZES:
        across = min(lens.widest * 0.8, max(lens.closest, width * size))
        for aside in _SHIFTS:
            for above in _SHIFTS:
                distance = abs(aside) + abs(above) + 1.5 * abs(size - 1.0)
                if best is not None and distance >= best[0]:
                    continue
                framing = lens.place(x + aside * across, y + above * across * lens.tallness, across)
                window = lens.window(framing)
                if whole is not None and whole.overlap(window) < 0.999 * whole.area:
                    continue
                if any(cuts(window, box, FACE_MARGIN) for box in guarded):
                    continue
                best = (distance, framing)
    return best[1] if best else None


def _fill(
    details: list[Target],
    scene: Scene,
    lens: Lens,
    guarded: tuple[Box, ...],
    rng: random.Random,
    regions: int,
) -> None:
    """Add the busiest windows that differ from what is there; on a flat photo, the four points of the thirds."""
    width = max(lens.closest, lens.widest * 0.5)
    places = [(column / (_GRID - 1), row / (_GRID - 1)) for row in range(_GRID) for column in range(_GRID)]
    rng.shuffle(places)
    scored = []
    for x, y in places:
        framing = settle(lens, x, y, width, guarded)
        if framing is None:
            continue
        third = min(abs(framing.centre_x - t) for t in (1 / 3, 2 / 3)) + min(
            abs(framing.centre_y - t) for t in (1 / 3, 2 / 3)
        )
        scored.append((_busyness(scene, lens.window(framing)) - 0.15 * third, framing))
    scored.sort(key=lambda pair: -pair[0])
    for score, framing in scored:
        if len(details) >= _WANTED_TARGETS:
            return
        before = len(details)
        weight = min(0.5, max(0.1, score))
        _add(details, Target(f"region {regions + 1}", "region", lens.window(framing), framing, weight), lens)
        regions += len(details) - before


def _share_inside(box: Box, window: Box) -> float:
    return box.overlap(window) / box.area if box.area > 0 else 0.0


def _busyness(scene: Scene, window: Box) -> float:
    """Mean busyness of the photo inside a window, 0 to 1."""
    total = weight = 0.0
    for cell, busy, _ in scene.detail.cells():
        share = cell.overlap(window)
        total += busy * share
        weight += share
    return total / weight if weight > 0 else 0.0
