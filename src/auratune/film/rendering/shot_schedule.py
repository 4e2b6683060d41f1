"""The shot schedule: when each shot is on screen, what it shows then, and the plate it is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auratune.core.errors import RenderError
from auratune.core.storyboard import Shot, Storyboard
from auratune.film.effect_table import LAYERED_EFFECTS, effect_of
from auratune.film.effects.base import FilmEffect
from auratune.film.frame_time import Clock, FrameTime
from auratune.film.moves import DEPTH_MOVES, MOVES
from auratune.film.rendering.plates import Plate, SourceImage, SubjectPlate, blurred, plate_of, subject_plate_of
from auratune.film.transitions.base import TransitionSide
from auratune.film.viewport import View, Window, narrowed, subject_window, window_of

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
    layered: bool = False
    """Whether the subject is drawn apart from its background, where the photo has layers."""


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
                is_layered(storyboard, shot),
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
    subject: SubjectPlate | None = None
    """Laid over the plate, which then is of the background."""


class ViewCalculator:
    """Computes what each shot shows at each frame."""

    def __init__(self, still_size: tuple[int, int], film: tuple[int, int], clock: Clock) -> None:
        self._still = still_size
        self._film = film
        self._clock = clock

    def time_of(self, scheduled: ScheduledShot, frame: int) -> FrameTime:
        """The time of a frame in a shot."""
        time = self._clock.at(frame, scheduled.first_frame, scheduled.end_frame)
        for effect in scheduled.effects:
            time = effect.on_time(time)
        return time

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

    def source(self, scheduled: ScheduledShot, still: SourceImage, strips: Sequence[Window] = ()) -> ShotSource:
        """Make what a shot is drawn from; `strips` are further windows that it shows."""
        span = scheduled.end_frame - scheduled.first_frame
        frames = sorted({scheduled.first_frame + round(probe * (span - 1) / (_PROBES - 1)) for probe in range(_PROBES)})
        looks = [self.view_at(scheduled, self.time_of(scheduled, frame)) for frame in frames]
        subject = None
        if scheduled.layered and still.background is not None:
            near = [subject_window(view, window) for view, window in looks]
            subject = subject_plate_of(still, near, self._film[0])
        behind = still.background if subject and still.background else still
        plate = plate_of(behind, [*(window for _, window in looks), *strips], self._film[0])
        widest_blur = max(view.background_blur if subject else view.blur for view, _ in looks)
        if widest_blur <= 0:
            return ShotSource(plate, (), subject)
        # Radius in plate pixels: the plate has so many for each pixel of the film.
        per_width = plate.scale_x * max(window.width for _, window in looks)
        return ShotSource(
            plate,
            tuple((step * widest_blur, blurred(plate, step * widest_blur * per_width)) for step in _BLUR_STEPS),
            subject,
        )


def is_layered(storyboard: Storyboard, shot: Shot) -> bool:
    """Whether a shot shows the subject apart from its background: by its move, its effects, or words behind it."""
    if shot.move.name in DEPTH_MOVES or any(effect.name in LAYERED_EFFECTS for effect in shot.effects):
        return True
    return any(
        cue.behind and cue.first_frame < shot.end_frame and shot.first_frame < cue.end_frame for cue in storyboard.cues
    )
