from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from tests.drawings import scenery, spot

from auratune.core.scene import Swatch
from auratune.vision.colour_names import COLOUR_NAMES, name_of
from auratune.vision.palette import palette_of


def palette(image: Image.Image) -> tuple[Swatch, ...]:
    return palette_of(np.asarray(image))


def test_the_largest_colour_comes_first_with_its_share() -> None:
    image = Image.new("RGB", (100, 100), (20, 60, 160))
    image.paste((230, 180, 40), (0, 0, 100, 30))
    first, second = palette(image)
    assert (first.red, first.green, first.blue) == (20, 60, 160)
    assert first.share == pytest.approx(0.7, abs=0.02)
    assert second.share == pytest.approx(0.3, abs=0.02)


def test_a_small_vivid_spot_has_a_swatch_of_its_own() -> None:
    names = [name_of(one.red, one.green, one.blue) for one in palette(spot())]
    assert names[0] == "grey"
    assert "orange" in names or "amber" in names


def test_shades_that_look_alike_are_one_colour() -> None:
    noise = np.random.default_rng(1).integers(118, 124, (80, 80, 3), dtype=np.uint8)
    assert len(palette_of(noise)) == 1


@pytest.mark.parametrize("number", range(12))
def test_any_picture_has_one_to_six_colours_whose_shares_add_up(number: int) -> None:
    found = palette(scenery(number))
    assert 1 <= len(found) <= 6
    assert sum(one.share for one in found) == pytest.approx(1, abs=0.001)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)


def test_the_same_picture_has_the_same_palette_twice() -> None:
    assert palette(scenery(7)) == palette(scenery(7))


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((255, 255, 255), "white"),
        ((190, 192, 191), "silver"),
        ((110, 112, 111), "grey"),
        ((8, 8, 10), "black"),
        ((220, 30, 30), "red"),
        ((240, 150, 40), "amber"),
        ((235, 200, 40), "gold"),
        ((60, 160, 70), "green"),
        ((30, 140, 140), "teal"),
        ((40, 90, 220), "blue"),
        ((15, 20, 80), "navy"),
        ((170, 205, 245), "sky blue"),
        ((130, 60, 200), "violet"),
        ((240, 160, 190), "pink"),
        ((110, 70, 30), "brown"),
        ((200, 180, 150), "sand"),
    ],
)
def test_colours_are_called_what_people_call_them(colour: tuple[int, int, int], name: str) -> None:
    assert name_of(*colour) == name


def test_every_colour_there_is_has_a_name_of_the_list() -> None:
    steps = range(0, 256, 15)
    assert {name_of(r, g, b) for r in steps for g in steps for b in steps} <= set(COLOUR_NAMES)
