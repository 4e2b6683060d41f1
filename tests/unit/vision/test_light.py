from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter
from tests.drawings import scenery, spot, tiles

from auratune.core.scene import Light
from auratune.vision.light import light_of
from auratune.vision.mood import mood_of


def measure(image: Image.Image) -> Light:
    return light_of(np.asarray(image.convert("RGB")))


def flat(red: int, green: int, blue: int) -> Image.Image:
    return Image.new("RGB", (160, 120), (red, green, blue))


def test_brightness_runs_from_black_to_white() -> None:
    assert measure(flat(0, 0, 0)).brightness == 0
    assert measure(flat(128, 128, 128)).brightness == pytest.approx(0.5, abs=0.01)
    assert measure(flat(255, 255, 255)).brightness == 1


def test_amber_is_warm_blue_is_cold_and_grey_is_neither() -> None:
    assert measure(flat(230, 150, 60)).warmth > 0.5
    assert measure(flat(60, 110, 220)).warmth < -0.5
    assert measure(flat(128, 128, 128)).warmth == pytest.approx(0, abs=0.02)


def test_what_is_blown_out_has_no_say_in_warmth() -> None:
    image = flat(200, 160, 120)
    image.paste((255, 255, 255), (0, 0, 160, 90))
    assert measure(image).warmth == pytest.approx(measure(flat(200, 160, 120)).warmth, abs=0.05)


def test_contrast_and_colour_fall_when_they_are_taken_out() -> None:
    picture = scenery(4)
    dull = ImageEnhance.Color(ImageEnhance.Contrast(picture).enhance(0.3)).enhance(0.3)
    assert measure(dull).contrast < 0.6 * measure(picture).contrast
    assert measure(dull).colourfulness < 0.6 * measure(picture).colourfulness


def test_a_wall_of_windows_has_more_edges_than_one_spot() -> None:
    assert measure(tiles()).edge_energy > 4 * measure(spot()).edge_energy


def test_sharpness_falls_with_blur_and_does_not_depend_on_contrast() -> None:
    picture = tiles((480, 640))
    values = [measure(picture.filter(ImageFilter.GaussianBlur(sigma))).sharpness for sigma in (0, 0.8, 1.5, 3, 6)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.8
    assert values[-1] < 0.25
    faint = ImageEnhance.Contrast(picture.filter(ImageFilter.GaussianBlur(1.5))).enhance(0.5)
    assert measure(faint).sharpness == pytest.approx(values[2], abs=0.1)


@pytest.mark.parametrize("factor", [2, 3])
def test_an_enlarged_picture_is_as_much_less_sharp(factor: int) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(0.5))
    large = picture.resize((320 * factor, 240 * factor), Image.Resampling.BICUBIC)
    assert measure(large).sharpness == pytest.approx(measure(picture).sharpness / factor, rel=0.45)


def test_clipped_ends_are_told_as_shares() -> None:
    image = flat(128, 128, 128)
    image.paste((255, 255, 255), (0, 0, 40, 120))
    image.paste((0, 0, 0), (120, 0, 160, 120))
    light = measure(image)
    assert light.clipped_highlights == pytest.approx(0.25, abs=0.02)
    assert light.clipped_shadows == pytest.approx(0.25, abs=0.02)


def _light(**changes: float) -> Light:
    middling = {"brightness": 0.45, "contrast": 0.7, "warmth": 0.0, "colourfulness": 0.25, "edge_energy": 0.4}
    return Light(**{**middling, "sharpness": 0.9, **changes})


@pytest.mark.parametrize(("what", "steps"), [("brightness", (0.1, 0.3, 0.5, 0.7)), ("warmth", (-0.8, -0.2, 0.2, 0.8))])
def test_valence_rises_with_light_and_with_warmth(what: str, steps: tuple[float, ...]) -> None:
    values = [mood_of(_light(**{what: step})).valence for step in steps]
    assert values == sorted(set(values))


@pytest.mark.parametrize("what", ["colourfulness", "contrast", "edge_energy"])
def test_arousal_rises_with_colour_contrast_and_edges(what: str) -> None:
    values = [mood_of(_light(**{what: step})).arousal for step in (0.2, 0.35, 0.5, 0.65)]
    assert values == sorted(set(values))


def test_moods_stay_on_their_plane_and_fill_it() -> None:
    moods = [mood_of(measure(scenery(number, (120, 160)))) for number in range(60)]
    assert all(-1 <= mood.valence <= 1 and 0 <= mood.arousal <= 1 for mood in moods)
    assert min(mood.valence for mood in moods) < -0.4 < 0.4 < max(mood.valence for mood in moods)
    assert min(mood.arousal for mood in moods) < 0.25 < 0.7 < max(mood.arousal for mood in moods)
