"""Photo to scene: the facts that every later stage works from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auratune.core.scene import Scene, SubjectMask
from auratune.vision import image_ops
from auratune.vision.caption import caption_of
from auratune.vision.detail import detail_of
from auratune.vision.faces import faces_in
from auratune.vision.horizon import straightened, tilt_of
from auratune.vision.light import light_of
from auratune.vision.mask import MASK_EDGE_PX, Mask, mask_of
from auratune.vision.mood import mood_of
from auratune.vision.palette import palette_of
from auratune.vision.straightening import straightened_size
from auratune.vision.subjects import subjects_of
from auratune.vision.surroundings import surroundings_of

_LOOKED_AT_EDGE_PX = 1440


def analyze(path: str, width_px: int, height_px: int, mask_path: str = "", mask_key: str = "") -> Scene:
    """The scene of the JPEG at `path`, whose size is `width_px` by `height_px`. The same bytes give the same scene.

    A tilted photo is straightened first; the scene's size is that of the straightened picture. The subject's mask is
    written to `mask_path` as a PNG, and the scene names it `mask_key`; without a path no mask is kept.
    """
    picture = image_ops.read_rgb(path)
    light = light_of(picture)
    picture = image_ops.shrink(picture, _LOOKED_AT_EDGE_PX)
    faces = faces_in(picture)
    tilt = tilt_of(picture, tuple(face.box for face in faces or ()))
    if tilt:
        picture = straightened(picture, tilt)
        faces = faces_in(picture)
        width_px, height_px = straightened_size(width_px, height_px, tilt)
    mask = mask_of(picture)
    palette = palette_of(picture)
    subjects = subjects_of(picture, faces, mask)
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
        mask=_kept(mask, picture, mask_path, mask_key) if mask and mask_path else None,
        tilt_degrees=tilt,
        surroundings=surroundings_of(picture),
    )


def _kept(mask: Mask, picture: NDArray[np.uint8], path: str, key: str) -> SubjectMask:
    """Write the mask and tell its facts."""
    image_ops.write_png(path, mask.alpha)
    luma = image_ops.grey(image_ops.shrink(picture, MASK_EDGE_PX)).astype(np.float32) / np.float32(255)
    share = image_ops.resize(mask.alpha.astype(np.float32) / np.float32(255), luma.shape[1], luma.shape[0])
    return SubjectMask(
        key=key,
        box=mask.box,
        area=round(mask.area, 4),
        trust=mask.trust,
        brightness=round(float((luma * share).sum() / max(1e-6, share.sum())), 4),
        surround=round(float((luma * (1 - share)).sum() / max(1e-6, (1 - share).sum())), 4),
    )
