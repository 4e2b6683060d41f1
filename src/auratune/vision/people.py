"""People by their shape (HOG), their faces and the mask of the subject."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auratune.core.geometry import Box
from auratune.core.scene import Subject
from auratune.vision import image_ops
from auratune.vision.faces import MOST_FACES, Face
from auratune.vision.mask import Mask

_SEARCHED_EDGE_PX = 720
"""Half of a glasses photo: people in plain view are found there, and windows and tiles are not taken for them."""
_LEAST_PERSON_SCORE = 0.5
_SURE_PERSON_SCORE = 1.5
_LEAST_PERSON_WEIGHT = 0.75
_LEAST_TONES = 12.0
"""Spread of grey levels down the middle of a person: head, coat and legs differ, the parts of a vase do not."""
_HEAD_SHARE = 0.36
"""The upper part of a person's box in which a face may be."""
_LEAST_SKIN = 0.45
_CLOSE_UPS = 4
"""Of a group, so many of the largest faces are worth a close-up; the others are kept whole, and counted."""
_BYSTANDER_WEIGHT = 0.5
_LARGEST_GROWTH = 3.0
_MOST_SLENDER = 5.0
"""Height over width: an outline that is more slender is of a tower, a pole or a rocket."""


def people_in(
    picture: NDArray[np.uint8], known: tuple[Face, ...] | None = None, mask: Mask | None = None
) -> tuple[Subject, ...]:
    """People and faces, surest first, as boxes in fractions of the picture. Often empty, seldom wrong.

    `known` are faces by the detector with landmarks, None where it is not installed: then a cascade's hit counts only
    inside the head of a found person, or where its middle has the chroma of skin **and** an eye is found in its upper
    half. A person's box grows to the part of the mask that it lies in, so that arms, bags and a turned back belong to
    it; a face in the mask makes a person of it as well.
    """
    small = image_ops.shrink(picture, _SEARCHED_EDGE_PX)
    luma = image_ops.grey(small)
    height, width = luma.shape
    people = _persons(luma)
    if known is None:
        known = tuple(Face(_fraction(box, width, height), 1.0, 0.0) for box in _faces(small, luma, people))
    faces = [
        Subject("face", face.box, 1.0 if place < _CLOSE_UPS else _BYSTANDER_WEIGHT, "a face", gaze=round(face.gaze, 2))
        for place, face in enumerate(known)
    ]
    bodies = [body for face in faces[:_CLOSE_UPS] if (body := _body_of(face.box, mask))]
    persons = [Subject("person", body, 0.9, "a person") for body in bodies]
    for box, score in people:
        part = mask.part_in(_fraction(box, width, height)) if mask else None
        if part and part.height * height > _MOST_SLENDER * part.width * width:
            continue
        person = _person(_fraction(box, width, height), score, part)
        if all(body.overlap(person.box) < 0.5 * min(body.area, person.box.area) for body in bodies):
            persons.append(person)
    return (*faces, *persons)


def _person(box: Box, score: float, part: Box | None) -> Subject:
    sureness = min(1.0, (score - _LEAST_PERSON_SCORE) / (_SURE_PERSON_SCORE - _LEAST_PERSON_SCORE))
    weight = round(_LEAST_PERSON_WEIGHT + (0.98 - _LEAST_PERSON_WEIGHT) * sureness, 3)
    if part and part.overlap(box) > 0.6 * box.area and part.area < _LARGEST_GROWTH * box.area:
        box = Box(
            min(box.left, part.left), min(box.top, part.top), max(box.right, part.right), max(box.bottom, part.bottom)
        )
    return Subject("person", box, weight, "a person")


def _body_of(face: Box, mask: Mask | None) -> Box | None:
    """The part of the mask around a face: at most seven faces wide, from just above it to where the mask ends."""
    part = mask.part_in(face) if mask else None
    if part is None or part.overlap(face) < 0.6 * face.area:
        return None
    x, reach = face.centre[0], 3.5 * face.width
    top = max(part.top, face.top - 0.6 * face.height)
    return Box(max(part.left, x - reach), top, min(part.right, x + reach), min(part.bottom, top + 9 * face.height))


def _persons(luma: NDArray[np.uint8]) -> list[tuple[image_ops.PixelBox, float]]:
    kept: list[tuple[image_ops.PixelBox, float]] = []
    for (left, top, width, height), score in image_ops.people(luma, _LEAST_PERSON_SCORE):
        # The detector's window has a quarter of air: a person fills about 0.6 of its width and 0.8 of its height.
        box = (left + width // 5, top + height // 11, width * 3 // 5, height * 9 // 11)
        if _has_parts(luma, box) and all(_shared(box, other) < 0.35 for other, _ in kept):
            kept.append((box, score))
    return kept[:MOST_FACES]


def _has_parts(luma: NDArray[np.uint8], box: image_ops.PixelBox) -> bool:
    left, top, width, height = box
    rows = slice(max(0, top + height // 24), top + height * 23 // 24)
    middle = luma[rows, max(0, left + width // 4) : left + width * 3 // 4]
    return middle.size > 0 and float(middle.std()) >= _LEAST_TONES


def _faces(
    picture: NDArray[np.uint8], luma: NDArray[np.uint8], people: list[tuple[image_ops.PixelBox, float]]
) -> list[image_ops.PixelBox]:
    least_px = max(24, min(luma.shape) // 14)
    if min(luma.shape) < least_px:
        return []
    hits = image_ops.cascade(luma, "frontalface_alt2", neighbours=6, least_px=least_px)
    believed = [hit for hit in hits if _on_a_person(hit, people) or _looks_alive(hit, picture, luma)]
    return sorted(believed, key=lambda box: -box[2] * box[3])[:MOST_FACES]


def _on_a_person(face: image_ops.PixelBox, people: list[tuple[image_ops.PixelBox, float]]) -> bool:
    x, y = face[0] + face[2] / 2, face[1] + face[3] / 2
    return any(
        left <= x <= left + width and top <= y <= top + _HEAD_SHARE * height and face[2] <= width
        for (left, top, width, height), _ in people
    )


def _looks_alive(face: image_ops.PixelBox, picture: NDArray[np.uint8], luma: NDArray[np.uint8]) -> bool:
    left, top, width, height = face
    middle = picture[top + height // 5 : top + height * 4 // 5, left + width // 4 : left + width * 3 // 4]
    if float(image_ops.skin_like(middle).mean()) < _LEAST_SKIN:
        return False
    upper = luma[top + height // 6 : top + height * 3 // 5, left : left + width]
    return bool(image_ops.cascade(upper, "eye", neighbours=4, least_px=max(6, width // 9)))


def _shared(one: image_ops.PixelBox, other: image_ops.PixelBox) -> float:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = min(one[2] * one[3], other[2] * other[3])
    return max(0, across) * max(0, down) / smaller if smaller else 0.0


def _fraction(box: image_ops.PixelBox, width: int, height: int) -> Box:
    left, top, across, down = box
    return Box(left / width, top / height, (left + across) / width, (top + down) / height).clipped()
