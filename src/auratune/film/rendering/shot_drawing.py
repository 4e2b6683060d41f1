"""Draws one shot at one time: its plate, words behind the subject, the subject, or a frame of strips."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np

from auratune.core.storyboard import Framing, Storyboard
from auratune.film.effects.base import PostSettings, Strip
from auratune.film.frame_time import Clock, FrameTime
from auratune.film.pixels import Pixels
from auratune.film.rendering.kernel import kernel
from auratune.film.rendering.particle_field import ParticleField
from auratune.film.rendering.plates import SourceImage
from auratune.film.rendering.sampler import PostArrays, Sampler, apply_post, draw_subject, grid_of
from auratune.film.rendering.shot_schedule import ScheduledShot, ShotSource, ViewCalculator, scheduled_shots
from auratune.film.transitions.base import TransitionSide
from auratune.film.viewport import View, Window, subject_window, window_of

DrawText = Callable[[int, Pixels, Pixels, float, bool], None]
"""Draws the words of a frame: its number, luma, chroma, the film's fade, and whether those behind the subject."""

_GAP_PX = 4
_DARK = 0.12
"""Light of a strip whose beat has not come."""


class ShotDrawer:
    """Keeps the plates of the shots that are on screen, and draws from them."""

    def __init__(self, storyboard: Storyboard, still: SourceImage, words: DrawText | None, *, compiled: bool) -> None:
        self._film = (storyboard.width_px, storyboard.height_px)
        self._still, self._words, self._seed = still, words, storyboard.seed
        self._sampler = Sampler(kernel() if compiled else None)
        self.schedule = scheduled_shots(storyboard)
        clock = Clock(storyboard.beats, storyboard.fps, storyboard.frame_count)
        self.views = ViewCalculator(still.size, self._film, clock)
        self._sources: dict[int, ShotSource] = {}
        self._fields: dict[tuple[str, float], ParticleField] = {}
        self._spare = blank_frame(*self._film)

    @property
    def has_layers(self) -> bool:
        """Whether the photo can show its subject apart from its background."""
        return self._still.background is not None

    def time_of(self, index: int, frame: int) -> FrameTime:
        """The time of a frame in a shot."""
        return self.views.time_of(self.schedule[index], frame)

    def post_settings(self, index: int, time: FrameTime) -> PostSettings:
        """What the effects of a shot ask for."""
        post = PostSettings()
        for effect in self.schedule[index].effects:
            post = effect.on_post(post, time)
        return post

    def draw(
        self,
        index: int,
        time: FrameTime,
        post: PostSettings,
        y: Pixels,
        uv: Pixels,
        *,
        side: TransitionSide | None = None,
        arrays: PostArrays | None = None,
        with_words: bool = True,
    ) -> None:
        """Draw a shot into a frame's luma and chroma; with arrays the frame is post-processed as well."""
        source = self._source(index, time.frame)
        if post.strips:
            self._draw_strips(source, post.strips, y, uv)
        else:
            view, window = self.views.view_at(self.schedule[index], time, side)
            blur = view.background_blur if source.subject else view.blur
            if not source.subject and not (blur > 0 and source.soft) and not self.schedule[index].layered:
                self._sampler.draw(source.plate, grid_of(source.plate, window, self._film), y, uv, arrays)
                return
            self._draw_layers(source, view, window, blur, time, post, y, uv, with_words=with_words)
        if arrays:
            apply_post(y, uv, arrays)

    def draw_particles(self, post: PostSettings, time: FrameTime, y: Pixels, *, near: bool | None) -> None:
        """Add the particles of a frame to its luma; `near` as in `ParticleField.draw`."""
        if not post.particles or post.particle_density <= 0:
            return
        key = post.particles, post.particle_density
        if key not in self._fields:
            self._fields[key] = ParticleField(*key, self._film, self._seed)
        light = post.fade * min(1.0, post.gain) * (1 - post.white)
        self._fields[key].draw(y, time.seconds, light, near=near)

    def is_layered(self, index: int, frame: int) -> bool:
        """Whether a shot that is on screen at this frame draws its subject apart."""
        return self._source(index, frame).subject is not None

    def _draw_layers(
        self,
        source: ShotSource,
        view: View,
        window: Window,
        blur: float,
        time: FrameTime,
        post: PostSettings,
        y: Pixels,
        uv: Pixels,
        *,
        with_words: bool,
    ) -> None:
        if blur > 0 and source.soft:
            self._draw_blurred(source, blur, window, y, uv)
        else:
            self._sampler.draw(source.plate, grid_of(source.plate, window, self._film), y, uv)
        if source.subject:
            self.draw_particles(post, time, y, near=False)
        if with_words and self._words and self.has_layers:
            self._words(time.frame, y, uv, 1.0, True)
        if source.subject:
            draw_subject(source.subject, subject_window(view, window), y, uv, post.subject_gain)

    def _draw_blurred(self, source: ShotSource, blur: float, window: Window, y: Pixels, uv: Pixels) -> None:
        """Mix the two plates whose blurs lie on either side of the one that is asked for."""
        radii = (0.0, *(radius for radius, _ in source.soft))
        plates = (source.plate, *(plate for _, plate in source.soft))
        upper = min(len(radii) - 1, max(1, bisect_left(radii, blur)))
        share = min(1.0, (blur - radii[upper - 1]) / (radii[upper] - radii[upper - 1]))
        other_y, other_uv = self._spare
        self._sampler.draw(plates[upper - 1], grid_of(plates[upper - 1], window, self._film), y, uv)
        self._sampler.draw(plates[upper], grid_of(plates[upper], window, self._film), other_y, other_uv)
        cv2.addWeighted(y, 1 - share, other_y, share, 0, y)
        cv2.addWeighted(uv, 1 - share, other_uv, share, 0, uv)

    def _draw_strips(self, source: ShotSource, strips: tuple[Strip, ...], y: Pixels, uv: Pixels) -> None:
        y[:], uv[:] = 16, 128
        for strip, (left, top, across, down) in zip(strips, strip_places(self._film, len(strips)), strict=True):
            window = strip_window(strip, self._still.size, self._film, (across, down))
            part = y[top : top + down, left : left + across]
            uv_part = uv[top // 2 : (top + down) // 2, left // 2 : (left + across) // 2]
            drawn, drawn_uv = blank_frame(across, down)
            self._sampler.draw(source.plate, grid_of(source.plate, window, (across, down)), drawn, drawn_uv)
            light = max(_DARK, strip.light)
            cv2.convertScaleAbs(drawn, drawn, light, 16 * (1 - light))
            cv2.convertScaleAbs(drawn_uv, drawn_uv, min(1.0, light), 128 * (1 - min(1.0, light)))
            part[:], uv_part[:] = np.maximum(drawn, 16), drawn_uv

    def _source(self, index: int, frame: int) -> ShotSource:
        if index not in self._sources:
            scheduled = self.schedule[index]
            # The plates of shots that have left the screen go before new ones are made.
            for old in [kept for kept in self._sources if not self._is_on_screen(kept, frame)]:
                del self._sources[old]
            self._sources[index] = self.views.source(scheduled, self._still, self._strip_windows(scheduled))
        return self._sources[index]

    def _is_on_screen(self, index: int, frame: int) -> bool:
        scheduled = self.schedule[index]
        return scheduled.first_frame <= frame < scheduled.end_frame

    def _strip_windows(self, scheduled: ScheduledShot) -> list[Window]:
        windows = []
        for frame in (scheduled.first_frame, scheduled.end_frame - 1):
            time, post = self.views.time_of(scheduled, frame), PostSettings()
            for effect in scheduled.effects:
                post = effect.on_post(post, time)
            for strip, place in zip(post.strips, strip_places(self._film, len(post.strips)), strict=True):
                windows.append(strip_window(strip, self._still.size, self._film, place[2:]))
        return windows


def strip_places(film: tuple[int, int], count: int) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of each strip, on even pixels with a gap in between."""
    width, height = film
    along = max(width, height)
    ends = [2 * round(along * index / max(1, count) / 2) for index in range(count + 1)]
    places = []
    for index, (start, end) in enumerate(pairwise(ends)):
        start += _GAP_PX * (index > 0)
        places.append((start, 0, end - start, height) if width >= height else (0, start, width, end - start))
    return places


def strip_window(strip: Strip, still: tuple[int, int], film: tuple[int, int], size: tuple[int, int]) -> Window:
    """The window of the still for a strip of (width, height) pixels, at the scale of a whole frame of its width."""
    return window_of(Framing(strip.centre_x, strip.centre_y, strip.width * size[0] / film[0]), still, size)


def blank_frame(width_px: int, height_px: int) -> tuple[Pixels, Pixels]:
    """Black luma (height, width) and interleaved chroma (half as high and wide, 2); both sizes must be even."""
    return np.full((height_px, width_px), 16, np.uint8), np.full((height_px // 2, width_px // 2, 2), 128, np.uint8)
