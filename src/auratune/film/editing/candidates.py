"""Propose framings of the subjects that keep faces and heads whole."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from auratune.core.geometry import Box
from auratune.core.scene import Scene, Subject
from auratune.core.storyboard import Framing
from auratune.film.editing.detail_lookup import Detail
from auratune.film.editing.framing_rules import (
    ALWAYS_ALLOWED,
    FACE_IN_CLOSE_UP,
    FrameGeometry,
    bodies_of,
    crops,
    crops_any,
    head_of,
    is_awkward,
    protected_boxes,
)

FACE_MARGIN = 0.10
"""Air kept around a protected box when composing, as a share of its size, so that a move has room."""
LARGEST_DETAIL = 0.7
"""A detail shows at most this share of the widest window's width, so that it is no second wide."""

_MOST_DETAILS = 8
_WANTED_DETAILS = 5
_DISTINCT = 0.45
_SHOWN_SHARE = 0.4
_HALVED_COST, _BYSTANDER_COST = 0.25, 0.15
_BODIES = frozenset({"person", "thing"})
_SHIFTS = (0.0, -0.08, 0.08, -0.16, 0.16, -0.26, 0.26, -0.38, 0.38, -0.5, 0.5, -0.7, 0.7)
_SIZES = (1.0, 0.88, 1.14, 0.76, 1.3, 1.5)
_GRID = 17
_AWKWARD_COST = 1.2
_LOOK_ROOM, _THIRD = 0.14, 0.1
"""Shifts of the window, in its own widths."""


@dataclass(frozen=True, slots=True)
class FramingCandidate:
    """A possible framing: what it shows, where the window rests, and how much it matters (0 to 1)."""

    name: str
    kind: str
    box: Box
    framing: Framing
    weight: float


@dataclass(frozen=True, slots=True)
class CandidatePool:
    """Everything that can be framed in one photo."""

    wide: FramingCandidate
    details: tuple[FramingCandidate, ...]
    """The person's and observer's subjects first, then busy regions; never empty."""
    protected: tuple[Box, ...]
    """What no window may crop."""
    bodies: tuple[Subject, ...] = ()
    """What a window shows whole, crops clearly or leaves out."""


def propose_framings(scene: Scene, geometry: FrameGeometry, rng: random.Random) -> CandidatePool:
    """Choose the compositions of a photo: one wide, and details that differ from one another."""
    proposer = _Proposer(scene, geometry, protected_boxes(scene, geometry), bodies_of(scene), Detail(scene.detail))
    wide = proposer.wide()
    details: list[FramingCandidate] = []
    for candidate in proposer.subjects():
        if len(details) < _MOST_DETAILS and proposer.is_new(candidate, details):
            details.append(candidate)
    named = sum(subject.kind == "region" for subject in scene.subjects)
    for candidate in proposer.regions(rng):
        if len(details) < _WANTED_DETAILS and proposer.is_new(candidate, details):
            named += 1
            details.append(replace(candidate, name=f"region {named}"))
    if not details:
        # Nothing can be framed without cutting someone; then the middle of the wide cuts as few as anything.
        framing = geometry.place(wide.framing.centre_x, wide.framing.centre_y, geometry.widest * LARGEST_DETAIL)
        details.append(FramingCandidate("middle", "region", geometry.window(framing), framing, 0.2))
    return CandidatePool(wide, tuple(details), proposer.protected, proposer.bodies)


@dataclass(frozen=True, slots=True)
class _Proposer:
    scene: Scene
    geometry: FrameGeometry
    protected: tuple[Box, ...]
    bodies: tuple[Subject, ...]
    detail: Detail

    def is_new(self, candidate: FramingCandidate, details: list[FramingCandidate]) -> bool:
        """Whether it shows something else than the details that are there."""
        window = self.geometry.window(candidate.framing)
        return all(window.likeness(self.geometry.window(other.framing)) < _DISTINCT for other in details)

    def wide(self) -> FramingCandidate:
        """The widest window, over as much as it can hold of what matters, cutting as few as can be."""
        best: tuple[float, Framing] | None = None
        for step in range(33):
            framing = self.geometry.spread(step / 32, step / 32, self.geometry.widest)
            window = self.geometry.window(framing)
            held = sum(subject.weight * _share_inside(subject.box, window) for subject in self.scene.subjects)
            cut = sum(crops(window, box, margin) for box in self.protected for margin in (FACE_MARGIN, 0.0))
            off_centre = abs(framing.centre_x - 0.5) + abs(framing.centre_y - 0.5)
            score = 2.0 * held + self.detail.busyness(window) - 10.0 * cut - 0.4 * off_centre
            score -= _AWKWARD_COST * is_awkward(window, self.bodies)
            if best is None or score > best[0] + 1e-12:
                best = (score, framing)
        assert best is not None
        return FramingCandidate("wide", "wide", self.geometry.window(best[1]), best[1], 1.0)

    def subjects(self) -> Iterator[FramingCandidate]:
        """Compositions of the subjects, in their order: whole first, then closer or from further away."""
        counts: dict[str, int] = {}
        for subject in self.scene.subjects[:12]:
            counts[subject.kind] = counts.get(subject.kind, 0) + 1
            name = subject.kind if counts[subject.kind] == 1 else f"{subject.kind} {counts[subject.kind]}"
            for suffix, part, share, at in _compositions(subject):
                candidate = self._compose(name + suffix, subject, part, share, at)
                if candidate is not None:
                    yield candidate

    def _compose(self, name: str, subject: Subject, part: Box, share: float, at: float) -> FramingCandidate | None:
        geometry = self.geometry
        if part.width <= 0 or part.height <= 0:
            return None
        whole: Box | None = part if self._can_be_whole(subject, part) else None
        if subject.kind == "person" and whole is None:
            # Too large to be held: then head and shoulders, never a body without its head.
            part = whole = head_of(subject.box.clipped())
            share, at = 0.4, 0.3
        width = min(geometry.widest * LARGEST_DETAIL, max(geometry.closest, geometry.width_for(part, share)))
        x, y = part.centre
        # What stands aside of the middle of the photo stays a little on its side.
        x += (0.5 - x) * min(1.0, width) * 0.35
        # Room in the direction of the gaze; what looks nowhere stands at the third that is nearer to its side.
        x += _LOOK_ROOM * subject.gaze * width
        if not subject.gaze and subject.kind in _BODIES and part.width < 0.5 * width:
            x += _THIRD * width if part.centre[0] < 0.45 else -_THIRD * width if part.centre[0] > 0.55 else 0.0
        y += (0.5 - at) * width * geometry.visible_height_ratio
        framing = self.settle(x, y, width, whole)
        if framing is None or _share_inside(part, geometry.window(framing)) < _SHOWN_SHARE:
            return None
        return FramingCandidate(name, subject.kind, subject.box, framing, subject.weight)

    def _can_be_whole(self, subject: Subject, part: Box) -> bool:
        most = FACE_IN_CLOSE_UP if subject.kind == "face" else LARGEST_DETAIL * 0.95
        return subject.kind != "region" and self.geometry.width_for(part, 1.0) <= self.geometry.widest * most

    def settle(self, x: float, y: float, width: float, whole: Box | None = None) -> Framing | None:
        """The framing nearest to the wish that cuts nothing protected and holds `whole`; None when there is none."""
        best: tuple[float, Framing] | None = None
        for distance, size, aside, above in _ATTEMPTS:
            if best is not None and distance >= best[0]:
                break
            across = min(self.geometry.widest * LARGEST_DETAIL, max(self.geometry.closest, width * size))
            framing = self.geometry.place(
                x + aside * across, y + above * across * self.geometry.visible_height_ratio, across
            )
            window = self.geometry.window(framing)
            if whole is not None and whole.overlap(window) < 0.999 * whole.area:
                continue
            if not crops_any(window, self.protected, FACE_MARGIN):
                cost = distance + _AWKWARD_COST * is_awkward(window, self.bodies)
                if best is None or cost < best[0]:
                    best = (cost, framing)
        return best[1] if best else None

    def _halved(self, window: Box) -> float:
        """How badly the window cuts through people and things, or holds faces by the way; 0 for not at all."""
        shares = ((subject, _share_inside(subject.box, window)) for subject in self.scene.subjects)
        halved = sum(_HALVED_COST * 4 * share * (1 - share) for subject, share in shares if subject.kind in _BODIES)
        return halved + _BYSTANDER_COST * sum(face.overlap(window) > 0 for face in self.protected)

    def regions(self, rng: random.Random) -> Iterator[FramingCandidate]:
        """The busiest windows that cut nobody; on a flat photo, those at the points of the thirds."""
        geometry = self.geometry
        scored: list[tuple[float, Framing]] = []
        for width in (max(geometry.closest, geometry.widest * 0.5), geometry.widest * ALWAYS_ALLOWED):
            for index in range(_GRID * _GRID):
                row, column = divmod(index, _GRID)
                framing = geometry.spread(column / (_GRID - 1), row / (_GRID - 1), width)
                window = geometry.window(framing)
                if crops_any(window, self.protected, FACE_MARGIN):
                    continue
                thirds = _from_third(framing.centre_x) + _from_third(framing.centre_y)
                score = self.detail.busyness(window) - 0.2 * thirds + rng.uniform(0.0, 0.05) - self._halved(window)
                score -= 0.5 * is_awkward(window, self.bodies)
                scored.append((score, framing))
        scored.sort(key=lambda pair: -pair[0])
        for score, framing in scored:
            yield FramingCandidate("region", "region", geometry.window(framing), framing, min(0.4, max(0.05, score)))


def _compositions(subject: Subject) -> list[tuple[str, Box, float, float]]:
    """(name, what to hold, the share of the frame that it takes, how far down the frame its middle is)."""
    box = subject.box.clipped()
    if subject.kind == "face":
        return [("", box, 0.42, 0.41), (" in its place", box, 0.22, 0.4)]
    if subject.kind == "person":
        upper = Box(box.left, box.top, box.right, box.top + 0.5 * box.height)
        return [("", box, 0.86, 0.5), (" close", upper if box.height > 0.3 else head_of(box), 0.8, 0.47)]
    return [("", box, 0.72, 0.5)]


def _from_third(centre: float) -> float:
    return min(abs(centre - 1 / 3), abs(centre - 2 / 3))


def _share_inside(box: Box, window: Box) -> float:
    return box.overlap(window) / box.area if box.area > 0 else 0.0


_ATTEMPTS = sorted(
    (abs(aside) + abs(above) + 1.5 * abs(size - 1.0), size, aside, above)
    for size in _SIZES
    for aside in _SHIFTS
    for above in _SHIFTS
)
