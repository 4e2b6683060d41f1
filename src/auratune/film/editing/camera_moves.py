"""How the camera moves over a composition: the kind of move, how far, and never faster than the eye likes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auratune.core.storyboard import Framing, Move
from auratune.film.editing.candidates import FACE_MARGIN, LARGEST_DETAIL
from auratune.film.editing.framing_rules import cuts_any
from auratune.film.editing.shot_sequence import LIKENESS_LIMIT
from auratune.film.frame_time import FrameTime
from auratune.film.moves import MOVES

if TYPE_CHECKING:
    import random

    from auratune.core.geometry import Box
    from auratune.core.storyboard import Setting
    from auratune.film.editing.candidates import FramingCandidate
    from auratune.film.editing.framing_rules import Lens
    from auratune.film.editing.shot_sequence import Slot

FASTEST_TRAVEL = 0.07
"""Widths of the frame that the picture travels in a second, on average over a move; easing peaks at twice that."""
FASTEST_ZOOM = 0.06
"""Natural logarithm of the zoom in a second, on average over a move."""

_LARGEST_ZOOM = 0.24
_LARGEST_TRAVEL = 0.3
_HAND_SWAY, _LEAST_SWAY = 0.006, 0.003
_LAYER_DEPTH = 0.014
_HAND_NARROWS = 1 - 2 * _HAND_SWAY
_ROUNDING = 1e-6
_LEAST_AIR = 0.01
_SAMPLES = 17
_SCALES = (1.0, 0.6, 0.35, 0.18)


@dataclass(frozen=True, slots=True)
class Camera:
    """Makes moves over one photo."""

    lens: Lens
    guarded: tuple[Box, ...]
    rng: random.Random

    def film(self, slots: tuple[Slot, ...], targets: tuple[FramingCandidate, ...]) -> tuple[Move, ...]:
        """A move for every slot over its target."""
        moves: list[Move] = []
        for index, (slot, target) in enumerate(zip(slots, targets, strict=True)):
            before = self.lens.window(moves[-1].end) if moves else None
            after = self.lens.window(targets[index + 1].framing) if index + 1 < len(targets) else None
            if index == 0:
                moves.append(self._opening(target, slot, after))
            elif after is None:
                moves.append(self._first_sound(["pull_out"], target, slot, (before, after)))
            else:
                names = [name for name in self._liked(target, slot) if name != moves[-1].name]
                moves.append(self._first_sound([*names, "push_in", "pull_out"], target, slot, (before, after)))
        return tuple(moves)

    def _opening(self, target: FramingCandidate, slot: Slot, after: Box | None) -> Move:
        """The first shot: travels over what the wide cannot hold at once, or closes in a little."""
        free_x, free_y = 1.0 - self.lens.widest, 1.0 - self.lens.widest * self.lens.tallness
        sweep = self._sweep(target, slot, free_x, free_y) if max(free_x, free_y) > 0.12 else None
        return sweep or self._first_sound(["push_in", "drift"], target, slot, (None, after))

    def _liked(self, target: FramingCandidate, slot: Slot) -> list[str]:
        """Moves that suit the subject and the energy, best first."""
        lively = slot.energy > 0.62
        if target.kind == "face":
            names = ["handheld", "push_in"] if lively else ["push_in", "focus_pull", "pull_out"]
        elif target.kind == "person":
            names = ["handheld", "layered_drift", "push_in"] if lively else ["layered_drift", "push_in", "drift"]
        elif target.kind == "wide":
            names = ["pull_out", "push_in", "drift"]
        else:
            shape = target.box.width / max(1e-6, target.box.height * self.lens.tallness)
            along = "pan" if shape > 1.5 else "tilt" if shape < 0.67 else "drift"
            names = [along, "push_in", "handheld"] if lively else [along, "push_in", "pull_out", "focus_pull"]
        if self.rng.random() < 0.45:
            names = [*names[1:], names[0]]
        return names

    def _first_sound(
        self, names: list[str], target: FramingCandidate, slot: Slot, neighbours: tuple[Box | None, Box | None]
    ) -> Move:
        """The first of the moves that, perhaps made smaller, keeps every rule and differs from its neighbours.

        Where none does, the first that keeps the rules of the picture; where there is none, a push too small to see.
        """
        second_best: Move | None = None
        for air in (FACE_MARGIN / 2, _LEAST_AIR):
            for name in names:
                for scale in _SCALES:
                    move = self._draw(name, target, slot, scale)
                    if move is None or not self._is_sound(move, slot, air):
                        continue
                    if self._differs(move, *neighbours):
                        return move
                    second_best = second_best or move
        rest = target.framing
        return second_best or Move("push_in", rest, self.lens.place(rest.centre_x, rest.centre_y, rest.width * 0.99))

    def _differs(self, move: Move, before: Box | None, after: Box | None) -> bool:
        first, last = self.lens.window(move.start), self.lens.window(move.end)
        return (before is None or before.likeness(first) <= LIKENESS_LIMIT) and (
            after is None or last.likeness(after) <= LIKENESS_LIMIT
        )

    def _is_sound(self, move: Move, slot: Slot, air: float) -> bool:
        """Whether no frame of the move leaves the photo, enlarges too much, or cuts what is guarded.

        `air` is kept around the guarded boxes, as a share of their size.
        """
        for framing in path(move, slot.start_seconds, slot.length_seconds):
            whole, window = self.lens.frame(framing), self.lens.window(framing)
            if min(whole.left, whole.top, 1 - whole.right, 1 - whole.bottom) < -_ROUNDING:
                return False
            if framing.width < self.lens.closest * _HAND_NARROWS - _ROUNDING:
                return False
            if cuts_any(window, self.guarded, air):
                return False
        return True

    def _draw(self, name: str, target: FramingCandidate, slot: Slot, scale: float) -> Move | None:
        if name in {"push_in", "pull_out", "focus_pull"}:
            return self._zoom(name, target, slot, scale)
        if name == "layered_drift" and not _can_be_layered(target, self.lens):
            return None
        if name == "handheld":
            if self._sway() < _LEAST_SWAY:
                return None
            return self._hand(target, slot, scale)
        return self._travel(name, target, slot, scale)

    def _zoom(self, name: str, target: FramingCandidate, slot: Slot, scale: float) -> Move:
        seconds = slot.length_seconds
        depth = min(_LARGEST_ZOOM, FASTEST_ZOOM * seconds * (0.45 + 0.5 * slot.energy)) * scale
        ratio = math.exp(depth)
        rest = target.framing
        if target.kind == "wide":
            wide = rest.width
            tight = max(self.lens.closest, wide / ratio)
        else:
            tight = max(self.lens.closest, rest.width / math.sqrt(ratio))
            wide = min(self.lens.widest * LARGEST_DETAIL, tight * ratio)
        far = self.lens.place(rest.centre_x, rest.centre_y, wide)
        near = self.lens.place(rest.centre_x, rest.centre_y, tight)
        if name == "pull_out":
            return Move(name, near, far)
        return Move(name, far, near, self._settings(name, target, slot))

    def _travel(self, name: str, target: FramingCandidate, slot: Slot, scale: float) -> Move:
        distance = min(_LARGEST_TRAVEL, FASTEST_TRAVEL * slot.length_seconds * (0.45 + 0.5 * slot.energy)) * scale
        sign = self.rng.choice((-1.0, 1.0))
        rest = target.framing
        width = min(rest.width, self.lens.widest * 0.955)
        aside, above = {
            "pan": (distance, 0.0),
            "tilt": (0.0, distance),
            "drift": (distance * 0.8, distance * 0.35 * self.rng.choice((-1.0, 1.0))),
            "layered_drift": (distance * 0.6, 0.0),
        }[name]
        dx, dy = sign * aside * width / 2, sign * above * width * self._wide_per_tall() / 2
        start = self.lens.place(rest.centre_x - dx, rest.centre_y - dy, width)
        end = self.lens.place(rest.centre_x + dx, rest.centre_y + dy, width)
        if _apart(start, end) < 0.25 * distance * width:
            # The photo's border leaves no room to travel: closing in is a move as well.
            return self._zoom("push_in", target, slot, scale)
        return Move(name, start, end, self._settings(name, target, slot))

    def _hand(self, target: FramingCandidate, slot: Slot, scale: float) -> Move:
        rest = target.framing
        width = max(self.lens.closest, min(rest.width, self.lens.widest * 0.94))
        drift = 0.02 * slot.length_seconds * scale * width
        angle = self.rng.uniform(0.0, 2 * math.pi)
        dx, dy = drift * math.cos(angle) / 2, drift * math.sin(angle) * self._wide_per_tall() / 2
        # The move narrows its window by as much as it sways sideways; a flat window sways further than it narrows.
        margin = self._sway() * max(0.0, 1 / self.lens.tallness - 1)
        start = self.lens.place(rest.centre_x - dx, rest.centre_y - dy, width, margin)
        end = self.lens.place(rest.centre_x + dx, rest.centre_y + dy, width, margin)
        return Move("handheld", start, end, self._settings("handheld", target, slot))

    def _sweep(self, target: FramingCandidate, slot: Slot, free_x: float, free_y: float) -> Move | None:
        """Over a panorama or a tower: towards the wide, from as far away as the speed limit lets."""
        rest, width = target.framing, self.lens.widest * 0.97
        reach = FASTEST_TRAVEL * slot.length_seconds * 0.9 * width
        if free_x >= free_y:
            name, dx, dy = "pan", min(reach, free_x), 0.0
        else:
            name, dx, dy = "tilt", 0.0, min(reach * self._wide_per_tall(), free_y)
        towards = 1.0 if (rest.centre_x if dx else rest.centre_y) > 0.5 else -1.0
        end = self.lens.place(rest.centre_x, rest.centre_y, width)
        for scale in _SCALES:
            start = self.lens.place(end.centre_x - towards * dx * scale, end.centre_y - towards * dy * scale, width)
            move = Move(name, start, end)
            if self._is_sound(move, slot, FACE_MARGIN / 2):
                return move
        return None

    def _wide_per_tall(self) -> float:
        # A distance in widths of the frame, told in fractions of the photo's height.
        return self.lens.photo_width_px / self.lens.photo_height_px

    def _sway(self) -> float:
        # The engine sways by as large a share of the photo's height as of its width: less on a tall photo.
        return round(min(_HAND_SWAY, 1.4 * _HAND_SWAY * self._wide_per_tall()), 5)

    def _settings(self, name: str, target: FramingCandidate, slot: Slot) -> dict[str, Setting]:
        if name == "drift":
            # The engine's bow is told in fractions of both sides; on a long photo it must be flatter.
            shape = self._wide_per_tall()
            return {"arc": round(self.rng.choice((-0.12, 0.12)) * min(shape, 1 / shape), 4)}
        if name == "handheld":
            return {"sway": self._sway(), "phase": round(self.rng.random(), 3)}
        if name == "focus_pull":
            return {"blur": 0.012, "seconds": round(min(1.1, 0.5 * slot.length_seconds), 3)}
        if name == "layered_drift":
            box = target.box.clipped()
            edges: dict[str, Setting] = {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom}
            return edges | {"depth": self.rng.choice((-1.0, 1.0)) * _LAYER_DEPTH, "angle": 0.0}
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


def _can_be_layered(target: FramingCandidate, lens: Lens) -> bool:
    """Whether the subject can be lifted off its background: whole, clear of the borders, neither tiny nor huge."""
    box = target.box
    window = lens.window(target.framing)
    clear = box.left > 0.04 and box.right < 0.96 and box.top > 0.04
    return clear and 0.02 < box.area < 0.35 and box.overlap(window) > 0.98 * box.area
