"""The optional detectors: faces, the subject's mask, and the tilt of a photo."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.drawings import as_bytes, scenery, spot, tiles
from tests.footage import texture

from auratune.core.geometry import Box
from auratune.vision import weights
from auratune.vision.analyze import analyze
from auratune.vision.faces import faces_in
from auratune.vision.horizon import straightened, tilt_of
from auratune.vision.mask import mask_of
from auratune.vision.people import people_in
from auratune.vision.straightening import straightened_box, straightened_size
from auratune.vision.weights import U2NETP, YUNET, Weights, weights_path

TILTS = (-8, -6, -4, -2, 2, 4, 6, 8)


def street(width: int, height: int) -> np.ndarray:
    """Houses with windows above a pavement."""
    image = Image.new("RGB", (width, height), (150, 180, 210))
    draw = ImageDraw.Draw(image)
    ground = int(0.75 * height)
    draw.rectangle((0, ground, width, height), fill=(90, 90, 95))
    for number, left in enumerate(range(0, width, width // 6)):
        roof = ground - height * (2 + number * 7 % 4) // 9
        draw.rectangle((left, roof, left + width // 6, ground), fill=(90 + 25 * (number % 4), 80, 70))
        for top in range(roof + 15, ground - 20, 40):
            for at in range(left + 10, left + width // 6 - 25, 35):
                draw.rectangle((at, top, at + 16, top + 22), fill=(40, 40, 50))
    return np.asarray(image)


def sea(width: int, height: int) -> np.ndarray:
    """A horizon, and nothing else that is straight."""
    picture = np.zeros((height, width, 3), np.float64)
    line = int(0.55 * height)
    picture[:line] = np.linspace(150, 220, line)[:, None, None] * np.array([0.8, 0.9, 1.1])
    picture[line:] = np.linspace(90, 60, height - line)[:, None, None] * np.array([0.5, 0.8, 1.0])
    return np.clip(picture + np.random.default_rng(3).normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


def shore(width: int, height: int) -> np.ndarray:
    """A wooded bank behind water: nothing is straight, and no piece of its edge is long."""
    random = np.random.default_rng(8)
    line = int(0.62 * height)
    sky = np.linspace(150, 220, line)[:, None, None] * np.array([0.72, 0.9, 1.12])
    water = np.linspace(110, 80, height - line)[:, None, None] * np.array([0.7, 0.95, 1.15])
    picture = np.repeat(np.vstack([sky, water]), width, axis=1)
    clouds = cv2.resize(random.normal(0, 14, (12, 10)), (width, line // 2), interpolation=cv2.INTER_CUBIC)
    picture[: line // 2] += clouds[..., None]
    for centre in range(0, width, width // 40):
        across, down = int(width * random.uniform(0.012, 0.03)), int(height * random.uniform(0.02, 0.09))
        shade = random.uniform(25, 60)
        foot = line - down + int(random.integers(-2, 3) * height / 640)
        cv2.ellipse(picture, (centre, foot), (across, down), 0, 0, 360, (shade, shade, shade), -1)
    return np.clip(picture + random.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.25)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC))


@pytest.mark.parametrize("degrees", TILTS)
@pytest.mark.parametrize("size", [(1080, 1440), (640, 480)])
@pytest.mark.parametrize("draw", [street, sea, shore])
def test_a_tilted_photo_ends_level(draw, size: tuple[int, int], degrees: int) -> None:
    assert tilt_of(turned(draw(*size), degrees)) == pytest.approx(-degrees, abs=0.5)


@pytest.mark.parametrize("draw", [street, sea, shore, texture])
def test_a_level_photo_and_one_without_lines_are_left_alone(draw) -> None:
    assert tilt_of(draw(640, 480)) == 0.0


def test_a_portrait_is_never_straightened() -> None:
    assert tilt_of(turned(street(640, 480), 4), (Box(0.3, 0.2, 0.6, 0.7),)) == 0.0


def test_a_photo_whose_face_would_be_lost_in_a_corner_is_left_as_it_was_taken() -> None:
    assert tilt_of(turned(street(640, 480), 6), (Box(0.0, 0.0, 0.08, 0.08),)) == 0.0


def test_straightening_keeps_the_shape_and_shows_no_empty_corner() -> None:
    picture = np.full((400, 300, 3), 200, np.uint8)
    level = straightened(picture, 5.0)
    assert level.shape[:2] == straightened_size(300, 400, 5.0)[::-1]
    assert level.shape[1] / level.shape[0] == pytest.approx(0.75, abs=0.01)
    assert level.min() == 200


def test_a_box_turns_with_the_picture() -> None:
    picture = np.zeros((400, 300, 3), np.uint8)
    picture[100:120, 200:220] = 255
    level = straightened(picture, 6.0)
    rows, columns = np.nonzero(level[..., 0] > 128)
    box = straightened_box(Box(200 / 300, 0.25, 220 / 300, 0.3), 6.0, 300, 400)
    assert box.centre[0] == pytest.approx(columns.mean() / level.shape[1], abs=0.01)
    assert box.centre[1] == pytest.approx(rows.mean() / level.shape[0], abs=0.01)


@pytest.mark.parametrize("number", range(6))
def test_no_face_is_seen_where_there_is_none(number: int) -> None:
    assert not faces_in(np.asarray(scenery(number)))
    assert not faces_in(np.asarray(tiles()))


def test_the_mask_covers_the_subject_and_says_that_its_edge_is_clear() -> None:
    mask = mask_of(np.asarray(spot()))
    assert mask is not None
    assert mask.trust > 0.7
    assert mask.box.likeness(Box(0.61, 0.2325, 0.79, 0.3675)) > 0.7


def test_without_weights_the_older_cues_still_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    weights_path.cache_clear()
    try:
        picture = np.asarray(spot())
        assert faces_in(picture) is None
        assert mask_of(picture) is None
        (tmp_path / "photo.jpg").write_bytes(as_bytes(spot()))
        scene = analyze(str(tmp_path / "photo.jpg"), 480, 640, str(tmp_path / "mask.png"), "a key")
        assert scene.mask is None
        assert scene.subjects[0].kind == "region"
        assert "not installed" in weights.describe_detectors()
    finally:
        weights_path.cache_clear()


def test_a_weight_file_that_is_not_the_known_one_is_not_used() -> None:
    assert weights_path(YUNET)
    assert weights_path(U2NETP)
    assert weights_path(Weights(YUNET.package, YUNET.file, "0" * 64, "faces")) is None


def test_the_mask_is_written_beside_the_photo(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(as_bytes(spot()))
    scene = analyze(str(tmp_path / "photo.jpg"), 480, 640, str(tmp_path / "mask.png"), "photos/a.mask.png")
    assert scene.mask is not None
    assert scene.mask.key == "photos/a.mask.png"
    alpha = cv2.imread(str(tmp_path / "mask.png"), cv2.IMREAD_GRAYSCALE)
    assert alpha[int(0.3 * alpha.shape[0]), int(0.7 * alpha.shape[1])] > 200
    assert alpha[-5, 5] < 30
    assert scene.subjects[0].kind == "thing"


def test_a_person_grows_to_the_mask_they_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.asarray(scenery(2))
    mask = mask_of(np.asarray(spot()))
    assert mask is not None
    alpha = np.zeros_like(mask.alpha)
    alpha[60:220, 90:180] = 255
    whole = type(mask)(alpha, Box(90 / 256, 60 / 256, 180 / 256, 220 / 256), 0.2, 0.9)
    monkeypatch.setattr("auratune.vision.image_ops.people", lambda *_: [((190, 150, 150, 330), 1.0)])
    (person,) = people_in(picture, (), whole)
    assert person.box.right == pytest.approx(180 / 256, abs=0.01)


def test_a_tower_is_no_person_though_its_top_is_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = mask_of(np.asarray(spot()))
    assert mask is not None
    alpha = np.zeros_like(mask.alpha)
    alpha[40:240, 120:140] = 255
    slender = type(mask)(alpha, Box(120 / 256, 40 / 256, 140 / 256, 240 / 256), 0.06, 0.9)
    monkeypatch.setattr("auratune.vision.image_ops.people", lambda *_: [((230, 150, 90, 220), 1.0)])
    assert people_in(np.asarray(scenery(2)), (), slender) == ()


@pytest.mark.parametrize(("colour", "trusted"), [((200, 60, 40), True), ((98, 104, 100), False)])
def test_an_outline_is_trusted_only_where_a_colour_ends(
    monkeypatch: pytest.MonkeyPatch, colour: tuple[int, int, int], *, trusted: bool
) -> None:
    disc = np.hypot(*np.mgrid[-128:128, -128:128]) < 60
    monkeypatch.setattr("auratune.vision.mask._predict", lambda *_: disc.astype(np.float32))
    picture = np.full((256, 256, 3), 100, np.uint8)
    picture[disc] = colour
    mask = mask_of(picture)
    assert mask is not None
    assert (mask.trust > 0.6) == trusted
