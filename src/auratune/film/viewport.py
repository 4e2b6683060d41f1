"""Where the camera points: framings between two others, and the part of the photo that a framing shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from auratune.core.storyboard import Framing


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the photo that fills the frame, in photo pixels and real numbers; pixel k covers k to k + 1."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class View:
    """What one frame of a shot shows."""

    framing: Framing
    blur: float = 0.0
    """Radius of the lens blur as a fraction of the frame's width."""
    parallax: float = 0.0
    """How far the subject has slid to the right against its background, in fractions of the frame's width."""
    subject_zoom: float = 1.0
    """How much larger the subject is than its background shows it; with `parallax`, for photos with layers only."""
    background_blur: float = 0.0
    """As `blur`, but the subject stays sharp; for photos with layers only."""


def between(start: Framing, end: Framing, t: float) -> Framing:
    """The framing at `t` (0 to 1) on the straight way from one to another.

    The window grows by equal ratios, so that a zoom feels even, and its centre follows the width, so that a zoom aims
    at one fixed point of the picture.
    """
    if start.width > 0 and abs(math.log(max(1e-6, end.width) / start.width)) > 0.02:
        width = start.width * (end.width / start.width) ** t
        t = (width - start.width) / (end.width - start.width)
    else:
        width = start.width + (end.width - start.width) * t
    return Framing(
        start.centre_x + (end.centre_x - start.centre_x) * t,
        start.centre_y + (end.centre_y - start.centre_y) * t,
        width,
    )


def narrowed(framing: Framing, factor: float) -> Framing:
    """The same centre, with a window `factor` times as wide."""
    return Framing(framing.centre_x, framing.centre_y, framing.width * factor)


def subject_window(view: View, window: Window) -> Window:
    """The window through which the subject's layer is seen when its background is seen through `window`."""
    width, height = window.width / view.subject_zoom, window.height / view.subject_zoom
    return Window(
        window.left + (window.width - width) / 2 - view.parallax * window.width,
        # Heads stay where they are: a subject that grew upwards would push its head over the frame's edge.
        window.top + (window.height - height) * 0.3,
        width,
        height,
    )


def window_of(framing: Framing, photo: tuple[int, int], film: tuple[int, int]) -> Window:
    """The window that a framing shows of a photo of (width, height) in a film of (width, height).

    A window that would look over the edge of the picture is made smaller or moved until it does not.
    """
    photo_width, photo_height = photo
    film_width, film_height = film
    width = min(max(framing.width, 1e-3) * photo_width, photo_width, photo_height * film_width / film_height)
    height = width * film_height / film_width
    left = min(max(0.0, framing.centre_x * photo_width - width / 2), photo_width - width)
    top = min(max(0.0, framing.centre_y * photo_height - height / 2), photo_height - height)
    return Window(left, top, width, height)
