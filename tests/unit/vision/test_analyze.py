from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageFilter
from tests.drawings import scenery, spot, walker

from auratune.core import serialization
from auratune.core.errors import InvalidPhoto
from auratune.core.geometry import Box
from auratune.core.scene import DetailMap, Light, Scene, Subject, Swatch
from auratune.vision.analyze import analyze
from auratune.vision.caption import caption_of
from auratune.vision.detail import detail_of

if TYPE_CHECKING:
    from pathlib import Path

MIDDLING = Light(brightness=0.5, contrast=0.6, warmth=0.0, colourfulness=0.3, edge_energy=0.3, sharpness=0.9)
CALM = DetailMap(2, 2, (0.0, 0.0, 0.0, 0.5), (0.5,) * 4)


@pytest.fixture
def see(tmp_path: Path):
    def run(image: Image.Image) -> Scene:
        path = tmp_path / "photo.jpg"
        image.convert("RGB").save(path, "JPEG", quality=95, subsampling=0)
        return analyze(str(path), *image.size)

    return run


ODD_ONES = {
    "flat white": Image.new("RGB", (320, 240), "white"),
    "near black": Image.fromarray(np.random.default_rng(1).integers(0, 5, (240, 320, 3), dtype=np.uint8)),
    "noise": Image.fromarray(np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8)),
    "tiny": scenery(1, (32, 32)),
    "a thread": scenery(1, (640, 32)),
    "a tower": scenery(2, (40, 800)),
    "a panorama": scenery(3, (1600, 200)),
    "blurred": scenery(4).filter(ImageFilter.GaussianBlur(25)),
    "square": scenery(5, (400, 400)),
}


@pytest.mark.parametrize("name", ODD_ONES)
def test_any_picture_can_be_looked_at(see, name: str) -> None:
    image = ODD_ONES[name]
    scene = see(image)
    assert (scene.width_px, scene.height_px) == image.size
    assert scene.seen_by == "embedded"
    assert scene.palette
    assert scene.caption.endswith(".")
    assert serialization.loads(serialization.dumps(scene)) == scene


def test_a_photo_that_was_spoilt_in_the_store_is_an_error_with_a_code(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"no picture")
    with pytest.raises(InvalidPhoto) as caught:
        analyze(str(path), 10, 10)
    assert caught.value.code == "photo_unreadable"


def test_the_same_bytes_give_the_same_scene(see) -> None:
    assert see(scenery(9)) == see(scenery(9))


def test_a_large_photo_is_described_like_its_small_copy(see) -> None:
    small, large = see(scenery(6, (600, 800))), see(scenery(6, (600, 800)).resize((1800, 2400)))
    assert large.light.brightness == pytest.approx(small.light.brightness, abs=0.02)
    assert large.mood.valence == pytest.approx(small.mood.valence, abs=0.05)
    assert large.palette[0].share == pytest.approx(small.palette[0].share, abs=0.05)


@pytest.mark.parametrize(
    ("size", "grid"),
    [((1080, 1440), (12, 16)), ((1440, 1080), (16, 12)), ((500, 500), (14, 14)), ((1920, 1080), (18, 10))],
)
def test_the_map_of_detail_follows_the_aspect(size: tuple[int, int], grid: tuple[int, int]) -> None:
    found = detail_of(np.asarray(scenery(1, size)))
    assert (found.columns, found.rows) == grid
    assert len(found.busyness) == len(found.brightness) == grid[0] * grid[1]


def test_the_map_tells_busy_from_calm_and_bright_from_dark() -> None:
    image = Image.new("RGB", (480, 640), (30, 30, 30))
    image.paste((230, 230, 230), (0, 0, 480, 320))
    noise = np.random.default_rng(2).integers(0, 255, (320, 240, 3), dtype=np.uint8)
    image.paste(Image.fromarray(noise), (0, 320))
    cells = list(detail_of(np.asarray(image)).cells())
    sky = [bright for box, _, bright in cells if box.bottom < 0.45]
    rough = [busy for box, busy, _ in cells if box.top > 0.55 and box.right < 0.45]
    calm = [busy for box, busy, _ in cells if box.top > 0.55 and box.left > 0.55]
    assert min(sky) > 0.85
    assert min(rough) > 0.3 > 0.05 > max(calm)


def test_a_caption_names_light_colour_and_a_person_that_was_found(see) -> None:
    caption = see(walker(at=0.25)).caption
    assert "one person" in caption
    assert "left" in caption


def test_a_caption_says_what_was_measured() -> None:
    gold = (Swatch(230, 180, 50, 0.7), Swatch(80, 90, 100, 0.3))
    sunny = replace(MIDDLING, warmth=0.5, brightness=0.7)
    assert caption_of(sunny, gold, (), CALM) == "A warm, bright picture in gold and slate, with clear lines."
    dark = replace(MIDDLING, warmth=-0.4, brightness=0.1, edge_energy=0.1)
    assert caption_of(dark, gold[1:], (), CALM) == "A cool, very dark picture in slate, with calm, open surfaces."


def test_people_are_counted() -> None:
    crowd = tuple(Subject("person", Box(0.1 * n, 0.5, 0.1 * n + 0.08, 0.9), 0.8) for n in range(3))
    assert "and three people." in caption_of(MIDDLING, (Swatch(90, 90, 90, 1.0),), crowd, CALM)


def test_what_was_not_recognised_gets_no_name() -> None:
    region = (Subject("region", Box(0.7, 0.1, 0.9, 0.3), 0.7),)
    caption = caption_of(MIDDLING, (Swatch(90, 90, 90, 1.0),), region, CALM)
    assert caption.endswith("; the eye goes first to something high on the right.")


def test_captions_never_claim_more_than_light_colour_texture_and_people(see) -> None:
    allowed = re.compile(
        r"An? (?:warm|cool|bright|dark|very dark|high-contrast|low-contrast|softly lit|, )+ picture"
        r"(?: in [a-z ]+?(?: and [a-z ]+?)?)?, with (?:soft, blurred shapes|clear lines|strong lines and fine detail"
        r"|calm, open surfaces|almost nothing in it)(?: and (?:(?:one|perhaps a) person[a-z ]*|\w+ people)"
        r"|; the eye goes first to something[a-z ]+)?\."
    )
    for number in range(8):
        caption = see(scenery(number, (160, 200))).caption
        assert allowed.fullmatch(caption), caption


def test_a_spot_is_named_by_its_place(see) -> None:
    assert "high on the right" in see(spot(at=(0.75, 0.2))).caption
