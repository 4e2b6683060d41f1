"""What in a picture is worth a close-up: people first, then the masked subject, then what stands out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auratune.core.geometry import Box
from auratune.core.scene import Subject
from auratune.vision.faces import Face
from auratune.vision.mask import Mask
from auratune.vision.people import people_in
from auratune.vision.regions import regions_of
from auratune.vision.saliency import emptiness_of, saliency_of

_HEAVIEST_REGION = 0.7
_MASK_WEIGHT = 0.72
_LEAST_MASK_TRUST = 0.3
_LARGEST_THING = 0.5
"""A masked subject that covers more than this share of the picture is the picture itself."""
_SMALLEST_PICTURE_PX = 48


def subjects_of(
    picture: NDArray[np.uint8], faces: tuple[Face, ...] | None = None, mask: Mask | None = None
) -> tuple[Subject, ...]:
    """Subjects of an RGB picture, most important first; empty for a flat one.

    Regions overlap neither one another nor a person. A region weighs at most 0.7: nobody knows what it is.
    """
    if min(picture.shape[:2]) < _SMALLEST_PICTURE_PX:
        return ()
    people = people_in(picture, faces, mask)
    known = people + _masked(mask, people)
    regions = regions_of(saliency_of(picture), emptiness_of(picture), tuple(one.box for one in known))
    strongest = max((region.score for region in regions), default=1.0)
    marked = tuple(
        Subject("region", region.box, round(_HEAVIEST_REGION * region.score / strongest, 3)) for region in regions
    )
    ordered = sorted(known + marked, key=lambda one: -one.weight)
    return tuple(replace(one, box=_rounded(one.box)) for one in ordered)


def _masked(mask: Mask | None, people: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """The masked subject as a thing, unless it is a person who was found, or the whole picture."""
    if mask is None or mask.trust < _LEAST_MASK_TRUST or mask.area > _LARGEST_THING:
        return ()
    if any(person.box.overlap(mask.box) > 0.3 * min(person.box.area, mask.box.area) for person in people):
        return ()
    return (Subject("thing", mask.box, _MASK_WEIGHT),)


def _rounded(box: Box) -> Box:
    return Box(*(round(value, 4) for value in (box.left, box.top, box.right, box.bottom)))
