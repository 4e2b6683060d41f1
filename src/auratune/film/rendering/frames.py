"""Draws the frames of a storyboard into arrays that the caller provides."""

from __future__ import annotations

from dataclasses import replace

import cv2

from auratune.core.errors import RenderError
from auratune.core.storyboard import Storyboard
from auratune.film.effect_table import effect_of
from auratune.film.effects.base import PostSettings
from auratune.film.frame_time import FrameTime
from auratune.film.pixels import Pixels
from auratune.film.rendering.plates import MaskUse, SourceImage, read_source_image
from auratune.film.rendering.post_processing import PostProcessor
from auratune.film.rendering.sampler import apply_post
from auratune.film.rendering.shot_drawing import DrawText, ShotDrawer, blank_frame
from auratune.film.rendering.shot_schedule import is_layered
from auratune.film.transitions import TRANSITIONS
from auratune.film.transitions.base import TransitionMix, TransitionSide
from auratune.film.viewport import Window

__all__ = ["FrameMaker", "blank_frame", "source_image_for"]
_SMALLEST_SMEAR_PX = 3


class FrameMaker:
    """Draws the frames of one film.

    Frames may be asked for in any order, but plates are kept only for the shots that are on screen.
    `compiled` says whether the compiled kernel may be used where there is one.
    """

    def __init__(
        self, storyboard: Storyboard, still: SourceImage, words: DrawText | None = None, *, compiled: bool = True
    ) -> None:
        self._width = storyboard.width_px
        self._shots = ShotDrawer(storyboard, still, words, compiled=compiled)
        self._words = words
        self._post = PostProcessor((storyboard.width_px, storyboard.height_px), storyboard.seed)
        self._spare = blank_frame(storyboard.width_px, storyboard.height_px)

    def draw(self, frame: int, y: Pixels, uv: Pixels, *, with_words: bool = True) -> None:
        """Draw a frame into its luma (height, width) and interleaved chroma (half as high and wide, 2)."""
        index = self._shot_at(frame)
        transition = self._transition_at(frame, index)
        if transition:
            post = self._draw_transition(*transition, frame, y, uv, with_words=with_words)
        else:
            post = self._draw_shot(index, frame, y, uv, with_words=with_words)
        if post.letterbox > 0:
            self._post.lay_bars(y, uv, post.letterbox)
        if with_words and self._words:
            self._words(frame, y, uv, post.fade, False)
            if not self._shots.has_layers:
                # Words that were to stand behind the subject, of a photo whose mask is gone.
                self._words(frame, y, uv, post.fade, True)

    def window(self, frame: int) -> Window:
        """The part of the still that a frame's shot shows, in pixels of the still; transitions left aside."""
        index = self._shot_at(frame)
        return self._shots.views.view_at(self._shots.schedule[index], self._shots.time_of(index, frame))[1]

    def _shot_at(self, frame: int) -> int:
        schedule = self._shots.schedule
        for index, scheduled in enumerate(schedule):
            if frame < scheduled.shot.end_frame:
                return index
        raise RenderError(f"Frame {frame} is past the end of the film ({schedule[-1].end_frame} frames).")

    def _transition_at(self, frame: int, index: int) -> tuple[int, TransitionMix] | None:
        """The transition that a frame lies in: the index of its outgoing shot, and its mix."""
        for outgoing in (index, index - 1):
            if not 0 <= outgoing < len(self._shots.schedule) - 1:
                continue
            shot = self._shots.schedule[outgoing].shot
            start = shot.end_frame - shot.transition.frames // 2
            if start <= frame < start + shot.transition.frames:
                make = TRANSITIONS.get(shot.transition.name)
                if make is None:
                    raise RenderError(
                        f"There is no transition called {shot.transition.name!r}.", code="unknown_transition"
                    )
                return outgoing, make(shot.transition, (frame - start + 0.5) / shot.transition.frames)
        return None

    def _draw_shot(self, index: int, frame: int, y: Pixels, uv: Pixels, *, with_words: bool) -> PostSettings:
        """Draw and post-process a frame of one shot, in one pass over the pixels where it can be."""
        time = self._shots.time_of(index, frame)
        post = self._post_of(index, time)
        self._shots.draw(index, time, post, y, uv, arrays=self._post.arrays(post, frame), with_words=with_words)
        self._add_light(index, post, time, y, uv)
        return post

    def _draw_transition(
        self, outgoing: int, mix: TransitionMix, frame: int, y: Pixels, uv: Pixels, *, with_words: bool
    ) -> PostSettings:
        """Draw the two shots of a transition, mix them, and post-process the result."""
        leading = outgoing if mix.mix < 0.5 else outgoing + 1
        time = self._shots.time_of(leading, frame)
        post = self._post_of(leading, time)
        post = replace(
            post, gain=post.gain * mix.gain, white=max(post.white, mix.white), leak=max(post.leak, mix.leak),
            leak_at=mix.leak_at if mix.leak > post.leak else post.leak_at,
        )  # fmt: skip
        if mix.mix < 1:
            self._draw_side(outgoing, frame, mix.outgoing, y, uv, with_words=with_words)
        if mix.mix >= 1:
            self._draw_side(outgoing + 1, frame, mix.incoming, y, uv, with_words=with_words)
        elif mix.mix > 0:
            other_y, other_uv = self._spare
            self._draw_side(outgoing + 1, frame, mix.incoming, other_y, other_uv, with_words=with_words)
            cv2.addWeighted(y, 1 - mix.mix, other_y, mix.mix, 0, y)
            cv2.addWeighted(uv, 1 - mix.mix, other_uv, mix.mix, 0, uv)
        apply_post(y, uv, self._post.arrays(post, frame))
        self._add_light(leading, post, time, y, uv)
        return post

    def _draw_side(
        self, index: int, frame: int, side: TransitionSide, y: Pixels, uv: Pixels, *, with_words: bool
    ) -> None:
        time = self._shots.time_of(index, frame)
        self._shots.draw(index, time, self._post_of(index, time), y, uv, side=side, with_words=with_words)
        smear = round(side.smear * self._width)
        if smear >= _SMALLEST_SMEAR_PX:
            # Twice a box is a triangle: streaks without hard ends.
            cv2.blur(y, (smear, 1), y)
            cv2.blur(y, (smear, 1), y)
            cv2.blur(uv, (max(1, smear // 2), 1), uv)

    def _post_of(self, index: int, time: FrameTime) -> PostSettings:
        post = self._shots.post_settings(index, time)
        if post.subject_gain < 1 and not self._shots.is_layered(index, time.frame):
            # No subject to darken alone: the whole picture is dim, but not black.
            return replace(post, gain=post.gain * max(0.25, post.subject_gain), subject_gain=1.0)
        return post

    def _add_light(self, index: int, post: PostSettings, time: FrameTime, y: Pixels, uv: Pixels) -> None:
        near = True if self._shots.is_layered(index, time.frame) else None
        self._shots.draw_particles(post, time, y, near=near)
        if post.leak > 0:
            self._post.leak(y, uv, post.leak * post.fade, post.leak_at)
        if post.sweep > 0:
            self._post.sweep(y, post.sweep * post.fade, post.sweep_at)


def source_image_for(storyboard: Storyboard, photo_path: str, mask_path: str = "") -> SourceImage:
    """Read the photo in the film's look, no larger than its closest shot can show, with layers if a shot has them."""
    narrowest = min(min(shot.move.start.width, shot.move.end.width) for shot in storyboard.shots)
    treatments = [effect_of(effect).on_source for effect in storyboard.effects]
    useful_width_px = storyboard.width_px / max(0.02, 0.9 * narrowest)
    layers = any(is_layered(storyboard, shot) for shot in storyboard.shots)
    used = bool(mask_path) and (layers or storyboard.subject_lift > 0)
    mask = MaskUse(mask_path, storyboard.subject_lift, layers) if used else None
    return read_source_image(photo_path, treatments, useful_width_px, storyboard.tilt_degrees, mask)
