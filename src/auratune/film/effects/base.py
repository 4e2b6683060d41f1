"""The base class of effects, and the post-processing settings of a frame.

Effects do not touch the pixels of frames: each adds its part to a `PostSettings`, and the renderer applies them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from auratune.core.storyboard import Framing
from auratune.film.frame_time import FrameTime
from auratune.film.pixels import Pixels


@dataclass(frozen=True, slots=True)
class Strip:
    """A part of a frame with a window of its own, in fractions of the photo, and its light (0 dark, 1 as it is)."""

    centre_x: float
    centre_y: float
    width: float
    light: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSettings:
    """Post-processing of one frame."""

    gain: float = 1.0
    """Exposure: what the picture is multiplied by."""
    fade: float = 1.0
    """As `gain`, but words fade with it; 0 is black."""
    white: float = 0.0
    """How far the picture has gone to white, 0 to 1."""
    saturation: float = 1.0
    """0 for black and white."""
    subject_gain: float = 1.0
    """Exposure of the subject alone, 0 to 1, where the photo has layers; of the whole picture where it has not."""
    vignette: float = 0.0
    """How much darker the corners are, 0 to 1."""
    grain_sigma: float = 0.0
    """Standard deviation of the luma grain, in levels of 255."""
    letterbox: float = 0.0
    """Width over height of what the bars leave open; 0 for no bars."""
    leak: float = 0.0
    """Strength of a warm light leak, 0 to 1."""
    leak_at: float = 0.5
    """Where the leak stands: 0 at the left edge, 1 at the right."""
    sweep: float = 0.0
    """Strength of a band of white light, 0 to 1."""
    sweep_at: float = 0.5
    """Where the band stands, as `leak_at`."""
    particles: str = ""
    """`dust`, `snow`, `bokeh` or `rain`."""
    particle_density: float = 0.0
    """0 (none) to 1."""
    strips: tuple[Strip, ...] = ()
    """Where given, the frame is divided into as many strips from left to right, or from top to bottom when tall."""


class FilmEffect:
    """The base of all effects: four hooks, each of which changes nothing by default.

    Effects are frozen dataclasses; their fields are the settings that a storyboard may give.
    """

    def on_source(self, picture: Pixels) -> Pixels:
        """The photo (height, width, 3: blue, green, red) before the film begins; returns a new picture."""
        return picture

    def on_time(self, time: FrameTime) -> FrameTime:
        """The time that the move sees."""
        return time

    def on_framing(self, framing: Framing, time: FrameTime) -> Framing:
        """The framing at a time."""
        del time
        return framing

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """The post-processing of the drawn frame."""
        del time
        return post
