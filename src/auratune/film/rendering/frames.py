"""Storyboard to frames: pure, in order, into arrays that the caller gives and uses again."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from auratune.core.errors import RenderError
from auratune.film.effects import effect_of
from auratune.film.effects.base import PostSettings
from auratune.film.frame_time import Clock
from auratune.film.rendering.kernel import kernel
from auratune.film.rendering.plates import open_still
from auratune.film.rendering.post_processing import PostProcessor
from auratune.film.rendering.sampler import Sampler, finish_chroma, finish_luma, grid_of, hills_of
from auratune.film.rendering.shot_schedule import Camera, ShotSource, near_box, scheduled_shots
from auratune.film.transitions import TRANSITIONS
from auratune.film.transitions.base import TransitionSide

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.storyboard import Storyboard
    from auratune.film.frame_time import FrameTime
    from auratune.film.pixels import Pixels
    from auratune.film.rendering.plates import SourceImage
    from auratune.film.rendering.sampler import Recipe
    from auratune.film.transitions.base import TransitionMix
    from auratune.film.viewport import Window

    Words = Callable[[int, Pixels, Pixels, float], None]
    """Lays words on a frame, given its number, luma, chroma, and the film's fade."""

_SMALLEST_SMEAR_PX = 3


class FrameMaker:
    """Draws the frames of one film.

    Frames may be asked for in any order, but plates are kept only for the shots around the last one asked for.
    `compiled` says whether the compiled kernel may be used where there is one.
    """

    def __init__(
        self, storyboard: Storyboard, still: SourceImage, words: Words | None = None, *, compiled: bool = True
    ) -> None:
        self._film = (storyboard.width_px, storyboard.height_px)
        self._still = still
        self._sampler = Sampler(kernel() if compiled else None)
        self._words = words
        self._screenings = scheduled_shots(storyboard)
        clock = Clock(storyboard.beats, storyboard.fps, storyboard.frame_count)
        self._camera = Camera(still.size, self._film, clock)
        self._darkroom = PostProcessor(self._film, storyboard.seed)
        self._sceneries: dict[int, ShotSource] = {}
        self._spare = tuple(blank_frame(*self._film) for _ in range(2))

    def draw(self, frame: int, y: Pixels, uv: Pixels, *, with_words: bool = True) -> None:
        """Draw a frame into its luma (height, width) and interleaved chroma (half as high and wide, 2)."""
        index = self._shot_at(frame)
        joined = self._join_at(frame, index)
        finish = self._draw_join(*joined, frame, y, uv) if joined else self._draw_shot(index, frame, y, uv)
        if finish.letterbox > 0:
            self._darkroom.lay_bars(y, uv, finish.letterbox)
        if with_words and self._words:
            self._words(frame, y, uv, finish.fade)

    def window(self, frame: int) -> Window:
        """The part of the still that a frame's shot shows, in pixels of the still; transitions left aside."""
        screening = self._screenings[self._shot_at(frame)]
        return self._camera.look(screening, self._camera.moment(screening, frame))[1]

    def _shot_at(self, frame: int) -> int:
        for index, screening in enumerate(self._screenings):
            if frame < screening.shot.end_frame:
                return index
        raise RenderError("A frame was asked for that lies behind the end of the film.")

    def _join_at(self, frame: int, index: int) -> tuple[int, TransitionMix] | None:
        """The transition that a frame lies in: the index of its outgoing shot, and its join."""
        for outgoing in (index, index - 1):
            if not 0 <= outgoing < len(self._screenings) - 1:
                continue
            shot = self._screenings[outgoing].shot
            start = shot.end_frame - shot.transition.frames // 2
            if start <= frame < start + shot.transition.frames:
                make = TRANSITIONS.get(shot.transition.name)
                if make is None:
                    raise RenderError(
                        f"There is no transition called {shot.transition.name!r}.", code="unknown_transition"
                    )
                return outgoing, make(shot.transition, (frame - start + 0.5) / shot.transition.frames)
        return None

    def _draw_shot(self, index: int, frame: int, y: Pixels, uv: Pixels) -> PostSettings:
        """Draw and finish a frame of one shot, in one pass over the pixels."""
        moment = self._camera.moment(self._screenings[index], frame)
        finish = self._finish(index, moment)
        self._expose(index, moment, TransitionSide(), y, uv, self._darkroom.recipe(finish, frame))
        return finish

    def _draw_join(self, outgoing: int, join: TransitionMix, frame: int, y: Pixels, uv: Pixels) -> PostSettings:
        """Draw the two shots of a transition, mix them, and finish the mixture."""
        leading = outgoing if join.mix < 0.5 else outgoing + 1
        finish = self._finish(leading, self._camera.moment(self._screenings[leading], frame))
        finish = replace(finish, gain=finish.gain * join.gain, white=max(finish.white, join.white))
        if join.mix < 1:
            self._draw_side(outgoing, frame, join.outgoing, y, uv)
        if join.mix >= 1:
            self._draw_side(outgoing + 1, frame, join.incoming, y, uv)
        elif join.mix > 0:
            other_y, other_uv = self._spare[0]
            self._draw_side(outgoing + 1, frame, join.incoming, other_y, other_uv)
            cv2.addWeighted(y, 1 - join.mix, other_y, join.mix, 0, y)
            cv2.addWeighted(uv, 1 - join.mix, other_uv, join.mix, 0, uv)
        if join.leak > 0:
            self._darkroom.leak(y, uv, join.leak, join.leak_at)
        recipe = self._darkroom.recipe(finish, frame)
        finish_luma(y, recipe)
        finish_chroma(uv, recipe)
        return finish

    def _draw_side(self, index: int, frame: int, side: TransitionSide, y: Pixels, uv: Pixels) -> None:
        self._expose(index, self._camera.moment(self._screenings[index], frame), side, y, uv, None)
        smear = round(side.smear * self._film[0])
        if smear >= _SMALLEST_SMEAR_PX:
            # Twice a box is a triangle: streaks without hard ends.
            cv2.blur(y, (smear, 1), y)
            cv2.blur(y, (smear, 1), y)
            cv2.blur(uv, (max(1, smear // 2), 1), uv)

    def _finish(self, index: int, moment: FrameTime) -> PostSettings:
        finish = PostSettings()
        for effect in self._screenings[index].effects:
            finish = effect.on_finish(finish, moment)
        return finish

    def _expose(
        self, index: int, moment: FrameTime, side: TransitionSide, y: Pixels, uv: Pixels, recipe: Recipe | None
    ) -> None:
        scenery = self._scenery(index)
        view, window = self._camera.look(self._screenings[index], moment, side)
        if view.blur > 0 and scenery.soft:
            self._expose_soft(scenery, view.blur, window, y, uv)
            if recipe:
                finish_luma(y, recipe)
                finish_chroma(uv, recipe)
            return
        grid = grid_of(scenery.plate, window, self._film)
        hills = None
        if view.parallax:
            slide = view.parallax * window.width
            near = near_box(self._screenings[index])
            hills = hills_of(scenery.plate, grid, near, self._still.size, slide, self._film)
        self._sampler.draw(scenery.plate, grid, y, uv, hills, recipe)

    def _expose_soft(self, scenery: ShotSource, blur: float, window: Window, y: Pixels, uv: Pixels) -> None:
        """Mix the two plates whose blurs lie on either side of the one that is asked for."""
        radii = (0.0, *(radius for radius, _ in scenery.soft))
        plates = (scenery.plate, *(plate for _, plate in scenery.soft))
        upper = min(len(radii) - 1, max(1, bisect_left(radii, blur)))
        share = min(1.0, (blur - radii[upper - 1]) / (radii[upper] - radii[upper - 1]))
        other_y, other_uv = self._spare[1]
        self._sampler.draw(plates[upper - 1], grid_of(plates[upper - 1], window, self._film), y, uv)
        self._sampler.draw(plates[upper], grid_of(plates[upper], window, self._film), other_y, other_uv)
        cv2.addWeighted(y, 1 - share, other_y, share, 0, y)
        cv2.addWeighted(uv, 1 - share, other_uv, share, 0, uv)

    def _scenery(self, index: int) -> ShotSource:
        if index not in self._sceneries:
            for old in [kept for kept in self._sceneries if abs(kept - index) > 1]:
                del self._sceneries[old]
            self._sceneries[index] = self._camera.scenery(self._screenings[index], self._still)
        return self._sceneries[index]


def blank_frame(width_px: int, height_px: int) -> tuple[Pixels, Pixels]:
    """Black luma (height, width) and interleaved chroma (half as high and wide, 2); both sizes must be even."""
    return np.full((height_px, width_px), 16, np.uint8), np.full((height_px // 2, width_px // 2, 2), 128, np.uint8)


def still_for(storyboard: Storyboard, photo_path: str) -> SourceImage:
    """Read the photo in the film's look, no larger than its closest shot can show."""
    narrowest = min(min(shot.move.start.width, shot.move.end.width) for shot in storyboard.shots)
    treatments = [effect_of(effect).on_still for effect in storyboard.effects]
    return open_still(photo_path, treatments, storyboard.width_px / max(0.02, 0.9 * narrowest))
