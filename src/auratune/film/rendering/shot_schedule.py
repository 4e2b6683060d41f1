"""The shot schedule: when each shot is on screen, what it shows then, and the plate it is drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from auratune.core.errors import RenderError
from auratune.core.geometry import Box
from auratune.core.storyboard import Shot, Storyboard
from auratune.film.effects import effect_of
from auratune.film.effects.base import FilmEffect
from auratune.film.frame_time import Clock, FrameTime
from auratune.film.moves import MOVES
from auratune.film.rendering.plates import Plate, SourceImage, blurred, plate_of
from auratune.film.transitions.base import TransitionSide
from auratune.film.viewport import View, Window, narrowed, window_of

_PROBES = 24
"""Moments of a shot that are looked at before its plate is made."""
_BLUR_STEPS = (0.1, 0.22, 0.42, 0.7, 1.0)
"""Blurred plates of a focus pull, as shares of its widest blur; frames between two of them are mixed."""


@dataclass(frozen=True, slots=True)
class ScheduledShot:
    """A shot and the frames it is on screen, `first_frame` up to but not including `end_frame`."""

    shot: Shot
    first_frame: int
    end_frame: int
    effects: tuple[FilmEffect, ...]
    """The film's and then the shot's own."""


def scheduled_shots(storyboard: Storyboard) -> tuple[ScheduledShot, ...]:
    """Each shot with the frames it is on screen, the halves of its transitions included."""
    film_effects = tuple(effect_of(effect) for effect in storyboard.effects)
    found = []
    lead = 0
    for shot in storyboard.shots:
        if shot.move.name not in MOVES:
            raise RenderError(f"There is no move called {shot.move.name!r}.", code="unknown_move")
        is_last = shot is storyboard.shots[-1]
        length = 0 if is_last else shot.transition.frames
        own = tuple(effect_of(effect) for effect in shot.effects)
        found.append(
            ScheduledShot(
                shot,
                max(0, shot.first_frame - lead),
                min(storyboard.frame_count, shot.end_frame + length - length // 2),
                film_effects + own,
            )
        )
        lead = length // 2
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ShotSource:
    """What a shot is drawn from: its plate, and the same plate out of focus by rising radii, if ever it is."""

    plate: Plate
    soft: tuple[tuple[float, Plate], ...]
    """Radius as a fraction of the frame's width, and the plate blurred by it."""


class ViewCalculator:
    """Computes what each shot shows at each frame."""

    def __init__(self, still_size: tuple[int, int], film: tuple[int, int], clock: Clock) -> None:
        self._still = still_size
        self._film = film
        self._clock = clock

    def time_of(self, scheduled: ScheduledShot, frame: int) -> FrameTime:
        """The time of a frame in a shot."""
        return self._clock.at(frame, scheduled.first_frame, scheduled.end_frame)

    def view_at(
        self, scheduled: ScheduledShot, time: FrameTime, side: TransitionSide | None = None
    ) -> tuple[View, Window]:
        """What a shot shows at a time, and its window of the still; a transition's side may shift and zoom it.

        Only a whip's throw leads over the edge of the picture, where its streaks show the picture mirrored.
        """
        view = MOVES[scheduled.shot.move.name](scheduled.shot.move, time)
        framing = view.framing
        for effect in scheduled.effects:
            framing = effect.on_framing(framing, time)
        if side is not None and side.zoom != 1.0:
            framing = narrowed(framing, 1 / side.zoom)
        window = window_of(framing, self._still, self._film)
        if side is not None and side.shift:
            window = Window(window.left + side.shift * window.width, window.top, window.width, window.height)
        return view, window

    def source(self, scheduled: ScheduledShot, still: SourceImage) -> ShotSource:
        """Make what a shot is drawn from."""
        span = scheduled.end_frame - scheduled.first_frame
        frames = sorted({scheduled.first_frame + round(probe * (span - 1) / (_PROBES - 1)) for probe in range(_PROBES)})
        looks = [self.view_at(scheduled, self.time_of(scheduled, frame)) for frame in frames]
        plate = plate_of(still, (window for _, window in looks), self._film[0])
        widest_blur = max(view.blur for view, _ in looks)
        if widest_blur <= 0:
            return ShotSource(plate, ())
        # Radius in plate pixels: the plate has so many for each pixel of the film.
        per_width = plate.scale_x * max(window.width for _, window in looks)
        return ShotSource(
            plate,
            tuple((step * widest_blur, blurred(plate, step * widest_blur * per_width)) for step in _BLUR_STEPS),
        )


def near_box(scheduled: ScheduledShot) -> Box:
    """The box of what is near in a shot, from its move's settings; the middle of the picture when there is none."""
    settings = scheduled.shot.move.settings
    left, top = float(settings.get("left", 0.3)), float(settings.get("top", 0.3))
    right, bottom = float(settings.get("right", 0.7)), float(settings.get("bottom", 0.7))
    box = Box(left, top, right, bottom).clipped()
    return box if math.isfinite(box.area) and box.area > 0 else Box(0.3, 0.3, 0.7, 0.7)
