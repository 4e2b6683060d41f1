"""Effects over the film and over its shots."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.stories import a_scene

from auratune.core.options import LOOKS, FilmFormat
from auratune.film.editing.effect_choice import film_effects, letterbox_bar
from auratune.film.effect_table import effect_of


def settings(scene, look="golden", form: FilmFormat | None = None) -> dict[str, dict]:
    form = form or FilmFormat()
    frames = round(form.length_seconds * form.fps)
    return {effect.name: effect.settings for effect in film_effects(scene, look, "lo-fi", form, frames)}


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_is_made_of_effects_that_exist(look: str) -> None:
    for effect in film_effects(a_scene(), look, "lo-fi", FilmFormat(letterbox=True), 900):
        effect_of(effect)


def test_a_night_photo_is_graded_more_gently() -> None:
    day, night = settings(a_scene(brightness=0.5)), settings(a_scene(brightness=0.03))
    assert night["grade"]["amount"] < day["grade"]["amount"]
    assert night["grain"]["sigma"] < day["grain"]["sigma"]
    assert night["vignette"]["amount"] < day["vignette"]["amount"]


def test_a_blown_out_sky_gets_no_glow() -> None:
    scene = a_scene()
    assert "bloom" in settings(scene)
    assert "bloom" not in settings(replace(scene, light=replace(scene.light, clipped_highlights=0.5)))


def test_fades_fit_into_short_films() -> None:
    short = settings(a_scene(), form=FilmFormat(length_seconds=5.0, fps=60))
    assert short["fade_in"]["frames"] + short["fade_out"]["frames"] <= 0.5 * 300


def test_bars_leave_wide_pictures_alone() -> None:
    assert letterbox_bar(FilmFormat(), 1080, 1080) == 0.0
    assert letterbox_bar(FilmFormat(letterbox=True), 1920, 800) == 0.0
    assert letterbox_bar(FilmFormat(letterbox=True), 1000, 1000) == pytest.approx(0.2908, abs=1e-3)
