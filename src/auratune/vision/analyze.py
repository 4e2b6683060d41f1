"""Looks at a normalised photo and tells the facts that every later stage works from."""

from __future__ import annotations

from auratune.core.scene import Scene
from auratune.vision import image_ops
from auratune.vision.caption import caption_of
from auratune.vision.detail import detail_of
from auratune.vision.light import light_of
from auratune.vision.mood import mood_of
from auratune.vision.palette import palette_of
from auratune.vision.subjects import subjects_of

_LOOKED_AT_EDGE_PX = 1440


def analyze(path: str, width_px: int, height_px: int) -> Scene:
    """The scene of the JPEG at `path`, whose size is `width_px` by `height_px`. The same bytes give the same scene."""
    picture = image_ops.read_rgb(path)
    light = light_of(picture)
    picture = image_ops.shrink(picture, _LOOKED_AT_EDGE_PX)
    palette = palette_of(picture)
    subjects = subjects_of(picture)
    detail = detail_of(picture)
    return Scene(
        width_px=width_px,
        height_px=height_px,
        subjects=subjects,
        palette=palette,
        light=light,
        mood=mood_of(light),
        detail=detail,
        caption=caption_of(light, palette, subjects, detail),
        seen_by="embedded",
    )
