"""The base class of effects, and the post-processing settings of a frame.

Effects do not touch the pixels of frames: each adds its part to a `PostSettings`, and one pass over the frame applies
them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from auratune.core.storyboard import Framing
from auratune.film.frame_time import FrameTime
from auratune.film.pixels import Pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSettings:
    """Post-processing of one frame."""

    gain: float = 1.0
    """Exposure: what the picture is multiplied by."""
    fade: float = 1.0
    """As `gain`, but words fade with it; 0 is black."""
    white: float = 0.0
    """How far the picture has gone to white, 0 to 1."""
    vignette: float = 0.0
    """How much darker the corners are, 0 to 1."""
    grain_sigma: float = 0.0
    """Standard deviation of the luma grain, in levels of 255."""
    letterbox: float = 0.0
    """Width over height of what the bars leave open; 0 for no bars."""


class FilmEffect:
    """The base of all effects: three hooks, each of which changes nothing by default.

    Effects are frozen dataclasses; their fields are the settings that a storyboard may give.
    """

    def on_source(self, picture: Pixels) -> Pixels:
        """The photo (height, width, 3: blue, green, red) before the film begins; returns a new picture."""
        return picture

    def on_framing(self, framing: Framing, time: FrameTime) -> Framing:
        """What the camera sees at a time."""
        del time
        return framing

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """The post-processing of the drawn frame."""
        del time
        return post
