"""Which shots carry a set piece: at most three a film, each of another kind, where the song gives a reason."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from auratune.core.beat_grid import BeatGrid
from auratune.core.geometry import Box
from auratune.core.storyboard import Effect, Framing, Move, Setting
from auratune.film.editing.candidates import CandidatePool
from auratune.film.editing.framing_rules import FrameGeometry, crops_any
from auratune.film.editing.shot_sequence import Slot
from auratune.film.strips import CLOSING
from auratune.film.viewport import between

MOST_SET_PIECES = 3
_SHORTEST_FILM_SECONDS = 8.0
_TRUSTED_CONFIDENCE = 0.4
_DIVE_SECONDS, _BURN_SECONDS = 0.34, 0.55
_LEAST_SHOT_SECONDS = 1.2


@dataclass(frozen=True, slots=True)
class Placement:
    """A set piece: the effects that shots get, by their index, and the cuts that must be plain."""

    effects: dict[int, Effect]
    plain_cuts: frozenset[int] = field(default_factory=frozenset)
    """Indices of the shots whose transition becomes a cut."""


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """What the choice is made from."""

    slots: tuple[Slot, ...]
    moves: tuple[Move, ...]
    beats: BeatGrid
    pool: CandidatePool
    geometry: FrameGeometry
    fps: int
    has_layers: bool
    look: str
    faces: tuple[Box, ...]
    """All that there are: strips cut even those that are too large for a close-up."""

    def beat_frames(self, index: int) -> list[int]:
        """Frames of the beats inside a shot, its first frame left out."""
        slot = self.slots[index]
        low = bisect_left(self.beats.beats, slot.start_seconds + 0.12)
        high = bisect_left(self.beats.beats, slot.end_seconds - 0.05)
        return [round(beat * self.fps) for beat in self.beats.beats[low:high]]

    def begins_on_hit(self, index: int) -> bool:
        """Whether a shot begins with an accent of the song; those are the first to be asked for a set piece."""
        hits = [point.start_seconds for point in self.beats.sync_points if point.kind == "hit"]
        return any(abs(round(hit * self.fps) - self.slots[index].first_frame) <= 1 for hit in hits)

    def enters(self, index: int, section: str) -> bool:
        """Whether a section of that name begins with this shot."""
        return index > 0 and self.slots[index].section == section != self.slots[index - 1].section


def place_set_pieces(plan: FilmPlan, rng: random.Random) -> list[Placement]:
    """The set pieces of a film, in the order in which they were chosen; none in a film that is too short for them."""
    if plan.slots[-1].end_seconds < _SHORTEST_FILM_SECONDS or plan.beats.confidence < _TRUSTED_CONFIDENCE:
        return []
    kinds = list(_CHOICES)
    rng.shuffle(kinds)
    kept: list[Placement] = []
    taken: set[int] = set()
    for kind in kinds:
        # The last shot is held for the end card.
        indices = list(range(len(plan.slots) - 1))
        rng.shuffle(indices)
        indices.sort(key=lambda index: not plan.begins_on_hit(index))
        for index in indices:
            placement = _CHOICES[kind](plan, index, rng)
            if placement is None or taken & placement.effects.keys():
                continue
            kept.append(placement)
            taken |= {near for one in placement.effects for near in (one - 1, one, one + 1)}
            break
        if len(kept) == MOST_SET_PIECES:
            break
    return kept


def _silhouette_reveal(plan: FilmPlan, index: int, rng: random.Random) -> Placement | None:
    del rng
    if not plan.has_layers or index > 0:
        return None
    downbeats = [round(beat * plan.fps) for beat in plan.beats.downbeats if beat >= 0.9]
    if not downbeats or downbeats[0] > plan.slots[0].end_frame - plan.fps:
        return None
    return Placement({0: Effect("silhouette_reveal", {"frame": downbeats[0], "frames": round(0.3 * plan.fps)})})


def _colour_arrives(plan: FilmPlan, index: int, rng: random.Random) -> Placement | None:
    del rng
    if not plan.enters(index, "chorus") or plan.look == "noir" or index < 2:
        return None
    settings: dict[str, Setting] = {"frame": plan.slots[index].first_frame, "frames": round(0.6 * plan.fps)}
    effect = Effect("colour_arrives", settings)
    return Placement({index - 1: effect, index: effect}, frozenset({index - 1}))


def _triptych(plan: FilmPlan, index: int, rng: random.Random) -> Placement | None:
    beats, slot = plan.beat_frames(index), plan.slots[index]
    details = list(plan.pool.details)
    if index == 0 or len(beats) < 3 or len(details) < 3 or slot.energy < 0.45:
        return None
    first, second, third = rng.sample(details, 3)
    width = plan.geometry.widest * 0.8
    framings = [one.framing for one in (first, second, third)]
    # As wide as a strip is drawn at first and at last.
    widths = (width, width * (1 - CLOSING))
    if any(crops_any(_strip(plan.geometry, one, across), plan.faces) for one in framings for across in widths):
        return None
    settings: dict[str, Setting] = {"width": round(width, 4)}
    for number, (detail, frame) in enumerate(zip((first, second, third), (slot.first_frame, *beats), strict=False), 1):
        x, y = detail.framing.centre_x, detail.framing.centre_y
        settings |= {f"x{number}": round(x, 4), f"y{number}": round(y, 4), f"frame{number}": frame}
    return Placement({index: Effect("triptych", settings)}, frozenset({index - 1, index}))


def _match_cut(plan: FilmPlan, index: int, rng: random.Random) -> Placement | None:
    del rng
    slot, move, following = plan.slots[index], plan.moves[index], plan.moves[index + 1].start
    if slot.length_seconds < _LEAST_SHOT_SECONDS or following.width > 0.75 * move.end.width:
        return None
    dive = [plan.geometry.window(between(move.end, following, step / 8)) for step in range(9)]
    if any(crops_any(window, plan.pool.protected) for window in dive):
        return None
    settings: dict[str, Setting] = {
        "frame": slot.end_frame,
        "frames": round(_DIVE_SECONDS * plan.fps),
        **_centre(following),
        "width": round(following.width, 5),
    }
    return Placement({index: Effect("match_cut", settings)}, frozenset({index}))


def _light_sweep(plan: FilmPlan, index: int, rng: random.Random) -> Placement | None:
    slot = plan.slots[index]
    if slot.energy > 0.6 or slot.length_seconds < 2.0:
        return None
    spare = (slot.end_frame - slot.first_frame) // 5
    settings: dict[str, Setting] = {
        "first_frame": slot.first_frame + spare,
        "end_frame": slot.end_frame - spare,
        "rightward": rng.random() < 0.5,
    }
    return Placement({index: Effect("light_sweep", settings)})


def _beat_punch(plan: FilmPlan, index: int, rng: random.Random) -> Placement | None:
    del rng
    slot, beats = plan.slots[index], plan.beat_frames(index)
    if len(beats) < 2 or slot.energy < 0.5 or not plan.slots[index + 1].opens_section:
        return None
    first = beats[-min(3, len(beats))]
    return Placement({index: Effect("beat_punch", {"first_frame": first, "end_frame": slot.end_frame})})


def _freeze_flash(plan: FilmPlan, index: int, rng: random.Random) -> Placement | None:
    del rng
    slot, beats = plan.slots[index], plan.beat_frames(index)
    ends_chorus = slot.section == "chorus" != plan.slots[index + 1].section
    if not ends_chorus or not beats or slot.length_seconds < _LEAST_SHOT_SECONDS:
        return None
    # The flash is as sudden as a cut, so it comes on the last beat.
    return Placement({index: Effect("freeze_flash", {"frame": beats[-1]})}, frozenset({index}))


def _film_burn(plan: FilmPlan, index: int, rng: random.Random) -> Placement | None:
    if not plan.slots[index].opens_section or index < 2:
        return None
    settings: dict[str, Setting] = {
        "frame": plan.slots[index].first_frame,
        "frames": round(_BURN_SECONDS * plan.fps),
        "from_left": rng.random() < 0.5,
    }
    effect = Effect("film_burn", settings)
    return Placement({index - 1: effect, index: effect}, frozenset({index - 1}))


def _strip(geometry: FrameGeometry, framing: Framing, width: float) -> Box:
    """What a third of a frame shows: side by side in a wide film, one above the other in a tall one."""
    across, down, bars = width, width * geometry.height_ratio, 0.0
    if geometry.film_width_px >= geometry.film_height_px:
        across /= 3
        bars = down * (1 - geometry.visible_share)
    else:
        down /= 3
    x = min(1 - across / 2, max(across / 2, framing.centre_x))
    y = min(1 - down / 2, max(down / 2, framing.centre_y))
    return Box(x - across / 2, y - (down - bars) / 2, x + across / 2, y + (down - bars) / 2)


def _centre(framing: Framing) -> dict[str, Setting]:
    return {"centre_x": round(framing.centre_x, 5), "centre_y": round(framing.centre_y, 5)}


_CHOICES: dict[str, Callable[[FilmPlan, int, random.Random], Placement | None]] = {
    "silhouette_reveal": _silhouette_reveal,
    "colour_arrives": _colour_arrives,
    "triptych": _triptych,
    "match_cut": _match_cut,
    "light_sweep": _light_sweep,
    "beat_punch": _beat_punch,
    "freeze_flash": _freeze_flash,
    "film_burn": _film_burn,
}
