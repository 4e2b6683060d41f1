"""The size of the film: its shape by wish, its pixels by what the photo can fill."""

from __future__ import annotations

from auratune.core.options import FilmFormat
from auratune.core.scene import Scene

WIDEST_ASPECT = 2.39
"""A wider panorama (or a taller tower, the other way round) is cropped to this shape and panned over."""
LARGEST_ENLARGEMENT = 1.25
"""A film has at most this many pixels per pixel of the photo's crop, each way: the rest is kept for close-ups."""
SMALLEST_SHORT_EDGE_PX = 360
"""The film of a tiny photo is this large all the same, so that a player shows more than a stamp."""

_RATIOS = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}


def film_aspect(scene: Scene, form: FilmFormat) -> float:
    """Width over height of the film; `source` is the photo's own within `WIDEST_ASPECT`."""
    own = scene.width_px / scene.height_px
    return _RATIOS.get(form.aspect, min(WIDEST_ASPECT, max(1 / WIDEST_ASPECT, own)))


def film_size(scene: Scene, form: FilmFormat) -> tuple[int, int]:
    """Width and height of the film in pixels, both even.

    The short edge is at most `short_edge_px` and the long one `long_edge_px`; neither is larger than the photo's crop
    bears (`LARGEST_ENLARGEMENT`), unless the photo is tiny (`SMALLEST_SHORT_EDGE_PX`).
    """
    aspect = film_aspect(scene, form)
    crop_width = min(scene.width_px, scene.height_px * aspect)
    crop_short = min(crop_width, crop_width / aspect)
    long_over_short = max(aspect, 1 / aspect)
    short = min(form.short_edge_px, form.long_edge_px / long_over_short)
    short = min(short, max(SMALLEST_SHORT_EDGE_PX, crop_short * LARGEST_ENLARGEMENT))
    width, height = (short * aspect, short) if aspect >= 1 else (short, short / aspect)
    return _even(width), _even(height)


def _even(length: float) -> int:
    return max(16, 2 * round(length / 2 - 0.001))
