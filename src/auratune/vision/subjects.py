"""What in a picture is worth a close-up: people first, then what stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.geometry import Box
from auratune.core.scene import Subject
from auratune.vision.people import people_in
from auratune.vision.regions import regions_of
from auratune.vision.saliency import emptiness_of, saliency_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEAVIEST_REGION = 0.7
_SMALLEST_PICTURE_PX = 48


def subjects_of(picture: NDArray[np.uint8]) -> tuple[Subject, ...]:
    """Subjects of an RGB picture, most important first; empty for a flat one.

    Regions overlap neither one another nor a person. A region weighs at most 0.7: nobody knows what it is.
    """
    if min(picture.shape[:2]) < _SMALLEST_PICTURE_PX:
        return ()
    people = people_in(picture)
    regions = regions_of(saliency_of(picture), emptiness_of(picture), tuple(person.box for person in people))
    strongest = max((region.score for region in regions), default=1.0)
    marked = tuple(
        Subject("region", _rounded(region.box), round(_HEAVIEST_REGION * region.score / strongest, 3))
        for region in regions
    )
    return tuple(Subject(one.kind, _rounded(one.box), one.weight, one.label) for one in people) + marked


def _rounded(box: Box) -> Box:
    return Box(*(round(value, 4) for value in (box.left, box.top, box.right, box.bottom)))
