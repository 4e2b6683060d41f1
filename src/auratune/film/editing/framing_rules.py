"""What a camera window may show of the photo: how wide, how close, and whom it must not cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auratune.core.geometry import Box
from auratune.core.scene import Scene, Subject
from auratune.core.storyboard import Framing

TIGHTEST_WIDTH = 0.28
"""However large the photo, a close-up shows at least this share of the widest window's width."""
ALWAYS_ALLOWED = 0.66
"""However small or soft the photo, a close-up may be this share of the widest window's width: without it no two shots
would differ."""
BORDER_STRIP = 0.04
"""What lies in this outermost strip of the photo is not protected: the photo itself cuts it."""
FACE_IN_CLOSE_UP = 0.62
"""A face larger than this share of the widest window cannot be held by any close-up; it is framed like a landscape."""

_SOFT_BEARS, _CRISP_BEARS = 1.3, 2.0
_HEAD_SHARE = 0.22
_GRAZE, _PEEP, _BODY_SHARE = 0.1, 0.04, 0.03
_BODY_WEIGHT = 0.7
"""Bodies of less weight are in the background."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class FrameGeometry:
    """The geometry between one photo and one film. Windows are boxes in fractions of the photo."""

    photo_width_px: int
    photo_height_px: int
    film_width_px: int
    film_height_px: int
    sharpness: float
    visible_share: float = 1.0
    """How much of the frame's height the letterbox leaves open."""

    @property
    def height_ratio(self) -> float:
        """Height of a window, in fractions of the photo's height, for each unit of its width."""
        return self.photo_width_px * self.film_height_px / (self.photo_height_px * self.film_width_px)

    @property
    def widest(self) -> float:
        """Width of the largest window inside the photo."""
        return min(1.0, 1.0 / self.height_ratio)

    @property
    def largest_enlargement(self) -> float:
        """Film pixels per photo pixel that still look sharp: 1.3 for a blurred photo to 2.0 for a crisp one."""
        return _SOFT_BEARS + (_CRISP_BEARS - _SOFT_BEARS) * min(1.0, max(0.0, self.sharpness))

    @property
    def closest(self) -> float:
        """Width of the smallest window: never enlarged beyond `largest_enlargement`, within the two bounds above."""
        bears = self.film_width_px / (self.photo_width_px * self.largest_enlargement)
        return min(self.widest * ALWAYS_ALLOWED, max(self.widest * TIGHTEST_WIDTH, bears))

    @property
    def visible_height_ratio(self) -> float:
        """`height_ratio` of what is seen between the bars of the letterbox."""
        return self.height_ratio * self.visible_share

    def window(self, framing: Framing) -> Box:
        """The part of the photo that a framing lets see, between the bars where there are any."""
        return _around(framing, self.visible_height_ratio)

    def frame(self, framing: Framing) -> Box:
        """The part of the photo under the whole frame, bars and all."""
        return _around(framing, self.height_ratio)

    def place(self, centre_x: float, centre_y: float, width: float, margin: float = 0.0) -> Framing:
        """The framing nearest to the wish that lies inside the photo.

        `margin` is kept free on every side, as a share of the window's own width and height, for a trembling hand.
        """
        width = min(width, self.widest / (1 + 2 * margin))
        half_width = width * (0.5 + margin)
        half_height = half_width * self.height_ratio
        return Framing(_within(centre_x, half_width), _within(centre_y, half_height), width)

    def spread(self, across: float, down: float, width: float) -> Framing:
        """A framing by its share of the room there is: (0, 0) is the top left corner, (1, 1) the bottom right."""
        half_width, half_height = width / 2, width * self.height_ratio / 2
        return self.place(half_width + (1.0 - width) * across, half_height + (1.0 - 2 * half_height) * down, width)

    def width_for(self, box: Box, share: float) -> float:
        """Width of a window in which the box takes `share` of the width or of the height, whichever comes first."""
        return max(box.width / share, box.height / (share * self.visible_height_ratio))


def _around(framing: Framing, height_ratio: float) -> Box:
    half_width, half_height = framing.width / 2, framing.width * height_ratio / 2
    return Box(
        framing.centre_x - half_width,
        framing.centre_y - half_height,
        framing.centre_x + half_width,
        framing.centre_y + half_height,
    )


def _within(centre: float, half: float) -> float:
    # Where the window is as large as the photo, rounding must not push it out: the middle is the only place.
    return 0.5 if half >= 0.5 else min(1.0 - half, max(half, centre))


def protected_boxes(scene: Scene, geometry: FrameGeometry) -> tuple[Box, ...]:
    """Boxes that no window may cut: `faces_of` without those too large for any close-up."""
    most_width = geometry.widest * FACE_IN_CLOSE_UP
    return tuple(
        box
        for box in faces_of(scene)
        if box.width <= most_width and box.height <= most_width * geometry.visible_height_ratio
    )


def faces_of(scene: Scene) -> tuple[Box, ...]:
    """Faces, and the heads of people without a face box of their own, without the outermost strip of the photo."""
    faces = [subject.box for subject in scene.subjects if subject.kind == "face"]
    heads = [
        head_of(subject.box)
        for subject in scene.subjects
        if subject.kind == "person" and not any(face.overlap(subject.box) > 0.5 * face.area for face in faces)
    ]
    inner = (_without_border(box) for box in (*faces, *heads))
    return tuple(box for box in inner if box.area > 0)


def bodies_of(scene: Scene) -> tuple[Subject, ...]:
    """People, and the subject of the mask: what a window shows clearly, crops clearly, or leaves out."""
    return tuple(
        subject
        for subject in scene.subjects
        if subject.kind in {"person", "thing"} and subject.box.area > 0 and subject.weight >= _BODY_WEIGHT
    )


def is_awkward(window: Box, bodies: Iterable[Subject]) -> bool:
    """Whether a window crops a body just a little, lets it peep over an edge, or shows a body without its head."""
    return any(_grazes(window, body.box) or (body.kind == "person" and _beheads(window, body.box)) for body in bodies)


def _grazes(window: Box, box: Box) -> bool:
    """Less than a tenth of the box is cropped away on a side, or less than 4 % of the window shows it."""
    across, down = box.overlap_across(window), box.overlap_down(window)
    if across <= 0 or down <= 0:
        return False
    if across < _PEEP * window.width or down < _PEEP * window.height:
        return across < 0.9 * box.width or down < 0.9 * box.height
    cropped = (
        ((window.left - box.left) / box.width, window.left),
        ((box.right - window.right) / box.width, 1 - window.right),
        ((window.top - box.top) / box.height, window.top),
        ((box.bottom - window.bottom) / box.height, 1 - window.bottom),
    )
    # At the photo's own border there is nothing more to show.
    return any(_ROUNDING < share < _GRAZE and room > _ROUNDING for share, room in cropped)


def _beheads(window: Box, person: Box) -> bool:
    head = head_of(person)
    seen = person.overlap(window)
    return seen > _BODY_SHARE * window.area and head.overlap(window) < 0.9 * head.area and window.top > head.top


def head_of(person: Box) -> Box:
    """Where the head of a standing or sitting person is: the top of the box, its middle half."""
    quarter = person.width / 4
    return Box(person.left + quarter, person.top, person.right - quarter, person.top + person.height * _HEAD_SHARE)


def crops(window: Box, box: Box, margin: float = 0.0) -> bool:
    """Whether the window's border runs through the box, enlarged on every side.

    It is enlarged by `margin` of its own size, but by no less than a third of `margin` of the window's.
    """
    aside = margin * max(box.width, window.width / 3)
    above = margin * max(box.height, window.height / 3)
    left, right = box.left - aside, box.right + aside
    top, bottom = box.top - above, box.bottom + above
    if right <= window.left or left >= window.right or bottom <= window.top or top >= window.bottom:
        return False
    return not (
        _reaches(window.left, left)
        and _reaches(window.top, top)
        and _reaches(1 - window.right, 1 - right)
        and _reaches(1 - window.bottom, 1 - bottom)
    )


def crops_any(window: Box, boxes: Iterable[Box], margin: float = 0.0) -> bool:
    """Whether the window cuts any of the boxes."""
    return any(crops(window, box, margin) for box in boxes)


def _reaches(edge: float, wanted: float) -> bool:
    # At the photo's own border there is nothing more to show.
    return edge <= max(0.0, wanted) + _ROUNDING


def _without_border(box: Box) -> Box:
    return Box(
        max(BORDER_STRIP, box.left),
        max(BORDER_STRIP, box.top),
        min(1 - BORDER_STRIP, box.right),
        min(1 - BORDER_STRIP, box.bottom),
    )
