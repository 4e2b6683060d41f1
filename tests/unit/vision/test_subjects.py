from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.drawings import scenery, spot, tiles, walker

from auratune.core.geometry import Box
from auratune.core.scene import Subject
from auratune.vision import image_ops, people
from auratune.vision.regions import regions_of
from auratune.vision.saliency import emptiness_of, saliency_of
from auratune.vision.subjects import subjects_of


def look(image: Image.Image) -> tuple[Subject, ...]:
    return subjects_of(np.asarray(image))


def holds(box: Box, x: float, y: float) -> bool:
    return box.left <= x <= box.right and box.top <= y <= box.bottom


@pytest.mark.parametrize("at", [(0.25, 0.3), (0.7, 0.3), (0.5, 0.5), (0.3, 0.75)])
@pytest.mark.parametrize("size", [(480, 640), (640, 480), (900, 300)])
def test_the_one_spot_in_a_calm_picture_is_found_wherever_it_is(size: tuple[int, int], at: tuple[float, float]) -> None:
    first = look(spot(size, at))[0]
    assert first.kind == "region"
    assert holds(first.box, *at)
    assert first.label == "", "a region is not recognised, so it has no name"


@pytest.mark.parametrize("colour", ["white", "black", "grey"])
def test_a_flat_picture_has_no_subject(colour: str) -> None:
    assert look(Image.new("RGB", (300, 400), colour)) == ()


@pytest.mark.parametrize("number", range(10))
def test_boxes_lie_inside_the_picture_hardly_overlap_and_come_in_order_of_weight(number: int) -> None:
    found = look(scenery(number))
    assert found
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
    for one in found:
        assert 0 <= one.box.left < one.box.right <= 1
        assert 0 <= one.box.top < one.box.bottom <= 1
        assert 0 < one.weight <= (0.7 if one.kind == "region" else 1)
    for one, other in combinations(found, 2):
        assert one.box.overlap(other.box) <= 0.13 * min(one.box.area, other.box.area)


def test_light_or_darkness_that_swallows_everything_counts_as_empty() -> None:
    for swallowing in ("white", "black"):
        image = Image.new("RGB", (160, 120), (120, 120, 120))
        image.paste(swallowing, (0, 0, 160, 60))
        found = emptiness_of(np.asarray(image))
        assert found[:50].min() > 0.95
        assert found[70:].max() < 0.05


def test_the_rim_of_a_blown_out_sky_draws_the_eye_to_the_roofs_and_not_into_the_white() -> None:
    image = Image.new("RGB", (480, 640), (120, 124, 128))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 480, 330), fill="white")
    for left in range(0, 480, 60):
        draw.polygon([(left, 330), (left + 30, 290), (left + 60, 330)], fill=(60, 60, 60))
    found = saliency_of(np.asarray(image))
    rows = found.shape[0]
    above, roofs = found[int(rows * 0.40) : int(rows * 0.445)], found[int(rows * 0.46) : int(rows * 0.51)]
    assert above.mean() < 0.35 * roofs.mean()


def test_of_two_equal_sights_the_one_in_an_empty_place_comes_last() -> None:
    saliency = np.zeros((80, 160), np.float32)
    saliency[30:50, 25:55] = saliency[30:50, 105:135] = 1
    emptiness = np.zeros_like(saliency)
    emptiness[:, :80] = 0.6
    first, second = regions_of(saliency, emptiness)[:2]
    assert first.box.centre[0] > 0.5 > second.box.centre[0]
    assert second.score < 0.8 * first.score


def test_a_person_in_plain_view_is_found_where_they_stand() -> None:
    for at in (0.3, 0.6):
        found = [one for one in look(walker(at=at)) if one.kind == "person"]
        assert len(found) == 1
        assert found[0].box.left < at < found[0].box.right
        assert found[0].box.height > found[0].box.width
        assert found[0].weight > 0.6


def test_no_close_up_of_something_else_covers_a_person() -> None:
    found = look(walker(at=0.4))
    person = next(one for one in found if one.kind == "person")
    for one in found:
        if one.kind == "region":
            assert one.box.overlap(person.box) <= 0.13 * min(one.box.area, person.box.area)


def test_windows_are_taken_neither_for_faces_nor_for_people() -> None:
    assert {one.kind for one in look(tiles())} <= {"region"}


def test_a_shape_of_one_tone_is_no_person_though_it_stands_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_ops, "people", lambda *_: [((150, 180, 180, 360), 2.0)])
    vase = Image.new("RGB", (480, 640), (30, 30, 34))
    assert people.people_in(np.asarray(vase)) == ()
    dressed = vase.copy()
    dressed.paste((205, 160, 130), (150, 180, 330, 270))
    assert [one.kind for one in people.people_in(np.asarray(dressed))] == ["person"]


@pytest.fixture
def a_cascade_that_sees_a_face(monkeypatch: pytest.MonkeyPatch) -> None:
    def hits(plane: np.ndarray, name: str, *, neighbours: int, least_px: int) -> list[image_ops.PixelBox]:
        del neighbours, least_px
        return [(300, 200, 90, 90)] if name.startswith("frontalface") else []

    monkeypatch.setattr(image_ops, "cascade", hits)


@pytest.mark.usefixtures("a_cascade_that_sees_a_face")
def test_a_face_that_only_the_cascade_sees_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_ops, "people", lambda *_: [])
    assert people.people_in(np.asarray(tiles())) == ()


@pytest.mark.usefixtures("a_cascade_that_sees_a_face")
def test_a_face_on_the_head_of_a_found_person_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_ops, "people", lambda *_: [((220, 160, 260, 520), 1.2)])
    kinds = [one.kind for one in people.people_in(np.asarray(tiles((540, 720))))]
    assert kinds == ["face", "person"]


@pytest.mark.usefixtures("a_cascade_that_sees_a_face")
def test_a_face_at_the_feet_of_a_person_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_ops, "people", lambda *_: [((220, 0, 200, 300), 1.2)])
    kinds = [one.kind for one in people.people_in(np.asarray(tiles((540, 720))))]
    assert kinds == ["person"]


def test_the_map_of_saliency_is_highest_on_the_spot() -> None:
    found = saliency_of(np.asarray(spot((320, 320), at=(0.25, 0.75))))
    y, x = np.unravel_index(found.argmax(), found.shape)
    assert abs(x / found.shape[1] - 0.25) < 0.15
    assert abs(y / found.shape[0] - 0.75) < 0.15
