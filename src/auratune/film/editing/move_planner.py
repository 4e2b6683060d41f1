"""Choose the move of each shot: its kind and its distance, within limits of speed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import product

from auratune.core.geometry import Box
from auratune.core.scene import Scene, Subject
from auratune.core.storyboard import Framing, Move, Setting
from auratune.film.editing.candidates import FACE_MARGIN, LARGEST_DETAIL, FramingCandidate
from auratune.film.editing.depth_choice import MOST_DEPTH_SHOTS, shows_depth
from auratune.film.editing.framing_rules import FrameGeometry, crops_any, is_awkward
from auratune.film.editing.shot_sequence import LIKENESS_LIMIT, Slot
from auratune.film.frame_time import FrameTime
from auratune.film.moves import DEPTH_MOVES, MOVES

FASTEST_TRAVEL = 0.07
"""Widths of the frame that the picture travels in a second, on average over a move; easing peaks at twice that."""
FASTEST_ZOOM = 0.06
"""Natural logarithm of the zoom in a second, on average over a move."""

LEAST_MOTION = 0.01
"""How far a point of the picture travels in a second, on average over frame and move, in widths of the frame."""

_LARGEST_ZOOM = 0.24
_LARGEST_TRAVEL = 0.3
_HAND_SWAY, _LEAST_SWAY = 0.006, 0.003
_LAYER_DEPTH = 0.02
_HAND_NARROWS = 1 - 2 * _HAND_SWAY
_ROUNDING = 1e-6
_LEAST_MARGIN = 0.01
_SAMPLES = 17
_SCALES = (1.0, 0.6, 0.35, 0.18)
_MEAN_DISTANCE = 0.38
"""Of the points of a square from its middle: what a zoom moves them by, for each unit of its natural logarithm."""


@dataclass(frozen=True, slots=True)
class MovePlanner:
    """Plans moves over one photo."""

    geometry: FrameGeometry
    protected: tuple[Box, ...]
    rng: random.Random
    bodies: tuple[Subject, ...] = ()
    layered: Scene | None = None
    """The scene, where its photo can be shown in two layers."""

    def plan(self, slots: tuple[Slot, ...], chosen: tuple[FramingCandidate, ...]) -> tuple[Move, ...]:
        """A move for every slot over its candidate."""
        moves: list[Move] = []
        for index, (slot, candidate) in enumerate(zip(slots, chosen, strict=True)):
            before = self.geometry.window(moves[-1].end) if moves else None
            after = self.geometry.window(chosen[index + 1].framing) if index + 1 < len(chosen) else None
            depth = self._depth_moves(candidate, moves)
            if index == 0:
                moves.append(self._opening(candidate, slot, after, depth))
            elif after is None:
                moves.append(self._first_valid(["pull_out"], candidate, slot, (before, after)))
            else:
                done = [move.name for move in moves]
                fitting = [name for name in self._preferred_moves(candidate, slot) if name != done[-1]]
                names = [*depth, *sorted(fitting, key=done.count), "push_in", "pull_out"]
                moves.append(self._first_valid(names, candidate, slot, (before, after)))
        return tuple(moves)

    def _depth_moves(self, candidate: FramingCandidate, moves: list[Move]) -> list[str]:
        """Moves in two layers, best first; none too often, and never two in a row."""
        done = [move.name for move in moves if move.name in DEPTH_MOVES]
        if self.layered is None or len(done) == MOST_DEPTH_SHOTS or (moves and moves[-1].name in DEPTH_MOVES):
            return []
        if not shows_depth(self.layered, self.geometry.window(candidate.framing)):
            return []
        fresh = [name for name in ("depth_dolly", "layered_drift", "rack_focus") if name not in done]
        self.rng.shuffle(fresh)
        return fresh

    def _opening(self, candidate: FramingCandidate, slot: Slot, after: Box | None, depth: list[str]) -> Move:
        """The first shot: travels over what the wide cannot hold at once, or closes in a little."""
        free_x, free_y = 1.0 - self.geometry.widest, 1.0 - self.geometry.widest * self.geometry.height_ratio
        sweep = self._sweep(candidate, slot, free_x, free_y) if max(free_x, free_y) > 0.12 else None
        return sweep or self._first_valid([*depth, "push_in", "drift"], candidate, slot, (None, after))

    def _preferred_moves(self, candidate: FramingCandidate, slot: Slot) -> list[str]:
        """Moves that suit the subject and the energy, best first."""
        lively = slot.energy > 0.62
        if candidate.kind == "face":
            names = ["handheld", "push_in"] if lively else ["push_in", "focus_pull", "pull_out"]
        elif candidate.kind == "person":
            names = ["handheld", "push_in", "drift"] if lively else ["push_in", "drift", "pull_out"]
        elif candidate.kind == "wide":
            names = ["pull_out", "push_in", "drift"]
        else:
            shape = candidate.box.width / max(1e-6, candidate.box.height * self.geometry.height_ratio)
            along = "pan" if shape > 1.5 else "tilt" if shape < 0.67 else "drift"
            names = [along, "push_in", "handheld"] if lively else [along, "push_in", "pull_out", "focus_pull"]
        if self.rng.random() < 0.45:
            names = [*names[1:], names[0]]
        return names

    def _first_valid(
        self, names: list[str], candidate: FramingCandidate, slot: Slot, neighbours: tuple[Box | None, Box | None]
    ) -> Move:
        """The first of the moves that, perhaps made smaller, keeps every rule, can be seen and differs from
        its neighbours.

        Where none does, the first that keeps the rules of the picture and differs, or else keeps the rules; where there
        is none, a push too small to see.
        """
        slow: Move | None = None
        alike: Move | None = None
        for margin, bodies in ((FACE_MARGIN / 2, self.bodies), (_LEAST_MARGIN, self.bodies), (_LEAST_MARGIN, ())):
            for name, scale in product(names, _SCALES):
                move = self._build(name, candidate, slot, scale)
                if move is None or not self._is_valid(move, slot, margin, bodies):
                    continue
                if not self._differs(move, *neighbours):
                    alike = alike or move
                elif self._motion(move) < LEAST_MOTION * slot.length_seconds:
                    slow = slow or move
                else:
                    return move
            if slow and margin == _LEAST_MARGIN:
                return slow
        rest = candidate.framing
        push = Move("push_in", rest, self.geometry.place(rest.centre_x, rest.centre_y, rest.width * 0.99))
        return alike or push

    def _motion(self, move: Move) -> float:
        """How far a point of the picture travels between the first frame and the last, in widths of the frame."""
        width = min(move.start.width, move.end.width)
        aside = (move.end.centre_x - move.start.centre_x) / width
        above = (move.end.centre_y - move.start.centre_y) / width / self._wide_per_tall()
        zoom = _MEAN_DISTANCE * math.log(move.end.width / move.start.width)
        return math.hypot(aside, above, zoom)

    def _differs(self, move: Move, before: Box | None, after: Box | None) -> bool:
        first, last = self.geometry.window(move.start), self.geometry.window(move.end)
        return (before is None or before.likeness(first) <= LIKENESS_LIMIT) and (
            after is None or last.likeness(after) <= LIKENESS_LIMIT
        )

    def _is_valid(self, move: Move, slot: Slot, margin: float, bodies: tuple[Subject, ...]) -> bool:
        """Whether no frame of the move leaves the photo, enlarges too much, or cuts what is protected.

        No frame crops a body awkwardly either. `margin` is kept around the protected boxes, as a share of their size.
        """
        for framing in path(move, slot.start_seconds, slot.length_seconds):
            whole, window = self.geometry.frame(framing), self.geometry.window(framing)
            if min(whole.left, whole.top, 1 - whole.right, 1 - whole.bottom) < -_ROUNDING:
                return False
            if framing.width < self.geometry.closest * _HAND_NARROWS - _ROUNDING:
                return False
            if crops_any(window, self.protected, margin) or is_awkward(window, bodies):
                return False
        return True

    def _build(self, name: str, candidate: FramingCandidate, slot: Slot, scale: float) -> Move | None:
        if name in {"push_in", "pull_out", "focus_pull", "depth_dolly", "rack_focus"}:
            return self._zoom(name, candidate, slot, scale)
        if name == "handheld":
            if self._sway() < _LEAST_SWAY:
                return None
            return self._hand(candidate, slot, scale)
        return self._travel(name, candidate, slot, scale)

    def _zoom(self, name: str, candidate: FramingCandidate, slot: Slot, scale: float) -> Move:
        seconds = slot.length_seconds
        depth = min(_LARGEST_ZOOM, FASTEST_ZOOM * seconds * (0.75 + 0.2 * slot.energy)) * scale
        ratio = math.exp(depth)
        rest = candidate.framing
        if candidate.kind == "wide":
            wide = rest.width
            tight = max(self.geometry.closest, wide / ratio)
        else:
            # What the one end may not give, the other does.
            wide = min(self.geometry.widest * LARGEST_DETAIL, rest.width * math.sqrt(ratio))
            tight = max(self.geometry.closest, wide / ratio)
            wide = min(self.geometry.widest * LARGEST_DETAIL, tight * ratio)
        far = self.geometry.place(rest.centre_x, rest.centre_y, wide)
        near = self.geometry.place(rest.centre_x, rest.centre_y, tight)
        if name == "pull_out":
            return Move(name, near, far)
        return Move(name, far, near, self._settings(name, candidate, slot))

    def _travel(self, name: str, candidate: FramingCandidate, slot: Slot, scale: float) -> Move:
        distance = min(_LARGEST_TRAVEL, FASTEST_TRAVEL * slot.length_seconds * (0.55 + 0.4 * slot.energy)) * scale
        sign = self.rng.choice((-1.0, 1.0))
        rest = candidate.framing
        width = min(rest.width, self.geometry.widest * 0.955)
        aside, above = {
            "pan": (distance, 0.0),
            "tilt": (0.0, distance),
            "drift": (distance * 0.8, distance * 0.35 * self.rng.choice((-1.0, 1.0))),
            "layered_drift": (distance * 0.6, 0.0),
        }[name]
        dx, dy = sign * aside * width / 2, sign * above * width * self._wide_per_tall() / 2
        start = self.geometry.place(rest.centre_x - dx, rest.centre_y - dy, width)
        end = self.geometry.place(rest.centre_x + dx, rest.centre_y + dy, width)
        if _apart(start, end) < 0.25 * distance * width:
            # The photo's border leaves no room to travel: closing in is a move as well.
            return self._zoom("push_in", candidate, slot, scale)
        return Move(name, start, end, self._settings(name, candidate, slot))

    def _hand(self, candidate: FramingCandidate, slot: Slot, scale: float) -> Move:
        rest = candidate.framing
        width = max(self.geometry.closest, min(rest.width, self.geometry.widest * 0.94))
        drift = 0.02 * slot.length_seconds * scale * width
        angle = self.rng.uniform(0.0, 2 * math.pi)
        dx, dy = drift * math.cos(angle) / 2, drift * math.sin(angle) * self._wide_per_tall() / 2
        # The move narrows its window by as much as it sways sideways; a flat window sways further than it narrows.
        margin = self._sway() * max(0.0, 1 / self.geometry.height_ratio - 1)
        start = self.geometry.place(rest.centre_x - dx, rest.centre_y - dy, width, margin)
        end = self.geometry.place(rest.centre_x + dx, rest.centre_y + dy, width, margin)
        return Move("handheld", start, end, self._settings("handheld", candidate, slot))

    def _sweep(self, candidate: FramingCandidate, slot: Slot, free_x: float, free_y: float) -> Move | None:
        """Over a panorama or a tower: towards the wide, from as far away as the speed limit lets."""
        rest, width = candidate.framing, self.geometry.widest * 0.97
        reach = FASTEST_TRAVEL * slot.length_seconds * 0.9 * width
        if free_x >= free_y:
            name, dx, dy = "pan", min(reach, free_x), 0.0
        else:
            name, dx, dy = "tilt", 0.0, min(reach * self._wide_per_tall(), free_y)
        towards = 1.0 if (rest.centre_x if dx else rest.centre_y) > 0.5 else -1.0
        end = self.geometry.place(rest.centre_x, rest.centre_y, width)
        for scale in _SCALES:
            start = self.geometry.place(end.centre_x - towards * dx * scale, end.centre_y - towards * dy * scale, width)
            move = Move(name, start, end)
            if self._is_valid(move, slot, FACE_MARGIN / 2, ()):
                return move
        return None

    def _wide_per_tall(self) -> float:
        # A distance in widths of the frame, told in fractions of the photo's height.
        return self.geometry.photo_width_px / self.geometry.photo_height_px

    def _sway(self) -> float:
        # The engine sways by as large a share of the photo's height as of its width: less on a tall photo.
        return round(min(_HAND_SWAY, 1.4 * _HAND_SWAY * self._wide_per_tall()), 5)

    def _settings(self, name: str, candidate: FramingCandidate, slot: Slot) -> dict[str, Setting]:
        if name == "drift":
            # The engine's bow is told in fractions of both sides; on a long photo it must be flatter.
            shape = self._wide_per_tall()
            return {"arc": round(self.rng.choice((-0.12, 0.12)) * min(shape, 1 / shape), 4)}
        if name == "handheld":
            return {"sway": self._sway(), "phase": round(self.rng.random(), 3)}
        if name == "focus_pull":
            return {"blur": 0.012, "seconds": round(min(1.1, 0.5 * slot.length_seconds), 3)}
        if name == "layered_drift":
            return {"depth": self.rng.choice((-1.0, 1.0)) * _LAYER_DEPTH}
        if name == "depth_dolly":
            return {"depth": round(min(0.045, 0.015 * slot.length_seconds), 4)}
        if name == "rack_focus":
            return {"blur": 0.012}
        return {}


def path(move: Move, start_seconds: float, length_seconds: float) -> list[Framing]:
    """What the move shows at even distances from its first frame to its last."""
    return [
        MOVES[move.name](
            move,
            FrameTime(
                frame=0,
                seconds=start_seconds + length_seconds * index / (_SAMPLES - 1),
                frames_left=0,
                progress=index / (_SAMPLES - 1),
                shot_seconds=length_seconds,
            ),
        ).framing
        for index in range(_SAMPLES)
    ]


def _apart(one: Framing, other: Framing) -> float:
    return abs(one.centre_x - other.centre_x) + abs(one.centre_y - other.centre_y) + abs(one.width - other.width)
