"""Draws the frames of a storyboard into arrays that the caller provides."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from auratune.core.errors import RenderError
from auratune.core.storyboard import Storyboard
from auratune.film.effects import effect_of
from auratune.film.effects.base import PostSettings
from auratune.film.frame_time import Clock, FrameTime
from auratune.film.pixels import Pixels
from auratune.film.rendering.kernel import kernel
from auratune.film.rendering.plates import SourceImage, read_source_image
from auratune.film.rendering.post_processing import PostProcessor
from auratune.film.rendering.sampler import (
    PostArrays,
    Sampler,
    apply_post_to_chroma,
    apply_post_to_luma,
    grid_of,
    parallax_map,
)
from auratune.film.rendering.shot_schedule import ShotSource, ViewCalculator, near_box, scheduled_shots
from auratune.film.transitions import TRANSITIONS
from auratune.film.transitions.base import TransitionMix, TransitionSide
from auratune.film.viewport import Window

DrawText = Callable[[int, Pixels, Pixels, float], None]
"""Lays words on a frame, given its number, luma, chroma, and the film's fade."""

_SMALLEST_SMEAR_PX = 3


class FrameMaker:
    """Draws the frames of one film.

    Frames may be asked for in any order, but plates are kept only for the shots around the last one asked for.
    `compiled` says whether the compiled kernel may be used where there is one.
    """

    def __init__(
        self, storyboard: Storyboard, still: SourceImage, words: DrawText | None = None, *, compiled: bool = True
    ) -> None:
        self._film = (storyboard.width_px, storyboard.height_px)
        self._still = still
        self._sampler = Sampler(kernel() if compiled else None)
        self._words = words
        self._schedule = scheduled_shots(storyboard)
        clock = Clock(storyboard.beats, storyboard.fps, storyboard.frame_count)
        self._views = ViewCalculator(still.size, self._film, clock)
        self._post = PostProcessor(self._film, storyboard.seed)
        self._sources: dict[int, ShotSource] = {}
        self._spare = tuple(blank_frame(*self._film) for _ in range(2))

    def draw(self, frame: int, y: Pixels, uv: Pixels, *, with_words: bool = True) -> None:
        """Draw a frame into its luma (height, width) and interleaved chroma (half as high and wide, 2)."""
        index = self._shot_at(frame)
        in_transition = self._transition_at(frame, index)
        post = (
            self._draw_transition(*in_transition, frame, y, uv)
            if in_transition
            else self._draw_shot(index, frame, y, uv)
        )
        if post.letterbox > 0:
            self._post.lay_bars(y, uv, post.letterbox)
        if with_words and self._words:
            self._words(frame, y, uv, post.fade)

    def window(self, frame: int) -> Window:
        """The part of the still that a frame's shot shows, in pixels of the still; transitions left aside."""
        scheduled = self._schedule[self._shot_at(frame)]
        return self._views.view_at(scheduled, self._views.time_of(scheduled, frame))[1]

    def _shot_at(self, frame: int) -> int:
        for index, scheduled in enumerate(self._schedule):
            if frame < scheduled.shot.end_frame:
                return index
        raise RenderError(f"Frame {frame} is past the end of the film ({self._schedule[-1].end_frame} frames).")

    def _transition_at(self, frame: int, index: int) -> tuple[int, TransitionMix] | None:
        """The transition that a frame lies in: the index of its outgoing shot, and its mix."""
        for outgoing in (index, index - 1):
            if not 0 <= outgoing < len(self._schedule) - 1:
                continue
            shot = self._schedule[outgoing].shot
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
        """Draw and post-process a frame of one shot, in one pass over the pixels."""
        time = self._views.time_of(self._schedule[index], frame)
        post = self._post_settings(index, time)
        self._draw_source(index, time, TransitionSide(), y, uv, self._post.arrays(post, frame))
        return post

    def _draw_transition(self, outgoing: int, mix: TransitionMix, frame: int, y: Pixels, uv: Pixels) -> PostSettings:
        """Draw the two shots of a transition, mix them, and post-process the result."""
        leading = outgoing if mix.mix < 0.5 else outgoing + 1
        post = self._post_settings(leading, self._views.time_of(self._schedule[leading], frame))
        post = replace(post, gain=post.gain * mix.gain, white=max(post.white, mix.white))
        if mix.mix < 1:
            self._draw_side(outgoing, frame, mix.outgoing, y, uv)
        if mix.mix >= 1:
            self._draw_side(outgoing + 1, frame, mix.incoming, y, uv)
        elif mix.mix > 0:
            other_y, other_uv = self._spare[0]
            self._draw_side(outgoing + 1, frame, mix.incoming, other_y, other_uv)
            cv2.addWeighted(y, 1 - mix.mix, other_y, mix.mix, 0, y)
            cv2.addWeighted(uv, 1 - mix.mix, other_uv, mix.mix, 0, uv)
        if mix.leak > 0:
            self._post.leak(y, uv, mix.leak, mix.leak_at)
        arrays = self._post.arrays(post, frame)
        apply_post_to_luma(y, arrays)
        apply_post_to_chroma(uv, arrays)
        return post

    def _draw_side(self, index: int, frame: int, side: TransitionSide, y: Pixels, uv: Pixels) -> None:
        self._draw_source(index, self._views.time_of(self._schedule[index], frame), side, y, uv, None)
        smear = round(side.smear * self._film[0])
        if smear >= _SMALLEST_SMEAR_PX:
            # Twice a box is a triangle: streaks without hard ends.
            cv2.blur(y, (smear, 1), y)
            cv2.blur(y, (smear, 1), y)
            cv2.blur(uv, (max(1, smear // 2), 1), uv)

    def _post_settings(self, index: int, time: FrameTime) -> PostSettings:
        post = PostSettings()
        for effect in self._schedule[index].effects:
            post = effect.on_post(post, time)
        return post

    def _draw_source(
        self, index: int, time: FrameTime, side: TransitionSide, y: Pixels, uv: Pixels, arrays: PostArrays | None
    ) -> None:
        source = self._source(index)
        view, window = self._views.view_at(self._schedule[index], time, side)
        if view.blur > 0 and source.soft:
            self._draw_blurred(source, view.blur, window, y, uv)
            if arrays:
                apply_post_to_luma(y, arrays)
                apply_post_to_chroma(uv, arrays)
            return
        grid = grid_of(source.plate, window, self._film)
        parallax = None
        if view.parallax:
            slide = view.parallax * window.width
            near = near_box(self._schedule[index])
            parallax = parallax_map(source.plate, grid, near, self._still.size, slide, self._film)
        self._sampler.draw(source.plate, grid, y, uv, parallax, arrays)

    def _draw_blurred(self, source: ShotSource, blur: float, window: Window, y: Pixels, uv: Pixels) -> None:
        """Mix the two plates whose blurs lie on either side of the one that is asked for."""
        radii = (0.0, *(radius for radius, _ in source.soft))
        plates = (source.plate, *(plate for _, plate in source.soft))
        upper = min(len(radii) - 1, max(1, bisect_left(radii, blur)))
        share = min(1.0, (blur - radii[upper - 1]) / (radii[upper] - radii[upper - 1]))
        other_y, other_uv = self._spare[1]
        self._sampler.draw(plates[upper - 1], grid_of(plates[upper - 1], window, self._film), y, uv)
        self._sampler.draw(plates[upper], grid_of(plates[upper], window, self._film), other_y, other_uv)
        cv2.addWeighted(y, 1 - share, other_y, share, 0, y)
        cv2.addWeighted(uv, 1 - share, other_uv, share, 0, uv)

    def _source(self, index: int) -> ShotSource:
        if index not in self._sources:
            for old in [kept for kept in self._sources if abs(kept - index) > 1]:
                del self._sources[old]
            self._sources[index] = self._views.source(self._schedule[index], self._still)
        return self._sources[index]


def blank_frame(width_px: int, height_px: int) -> tuple[Pixels, Pixels]:
    """Black luma (height, width) and interleaved chroma (half as high and wide, 2); both sizes must be even."""
    return np.full((height_px, width_px), 16, np.uint8), np.full((height_px // 2, width_px // 2, 2), 128, np.uint8)


def source_image_for(storyboard: Storyboard, photo_path: str) -> SourceImage:
    """Read the photo in the film's look, no larger than its closest shot can show."""
    narrowest = min(min(shot.move.start.width, shot.move.end.width) for shot in storyboard.shots)
    treatments = [effect_of(effect).on_source for effect in storyboard.effects]
    useful_width_px = storyboard.width_px / max(0.02, 0.9 * narrowest)
    return read_source_image(photo_path, treatments, useful_width_px, storyboard.tilt_degrees)
