"""Effects over the film and over its shots."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.stories import a_scene

from auratune.core.options import LOOKS, FilmFormat
from auratune.film.editing.effect_choice import film_effects, letterbox_bar, lift_for
from auratune.film.effect_table import effect_of
from auratune.film.effects.lift import Lift


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


def test_a_dark_photo_is_lifted_and_a_bright_one_is_not() -> None:
    assert "lift" not in settings(a_scene(brightness=0.4))
    dark, night = settings(a_scene(brightness=0.15)), settings(a_scene(brightness=0.04))
    assert 1.0 < dark["lift"]["gain"] < night["lift"]["gain"] <= 8.0


@pytest.mark.parametrize("brightness", [0.04, 0.08, 0.15])
def test_a_lifted_photo_can_be_seen_and_a_darker_one_stays_darker(brightness: float) -> None:
    texture = np.random.default_rng(3).normal(brightness * 255, 4, (200, 200)).clip(1, 255)
    after = Lift(lift_for(brightness)).on_source(cv2.merge([texture.astype(np.uint8)] * 3)).mean() / 255
    assert 0.2 < after < 0.28
    assert after < Lift(lift_for(0.2)).on_source(np.full((64, 64, 3), 51, np.uint8)).mean() / 255 + 0.01


def test_the_lift_holds_noise_down_and_keeps_edges() -> None:
    plain = np.full((160, 160), 8.0)
    plain[:, 80:] = 24.0
    noisy = (plain + np.random.default_rng(1).normal(0, 2.0, plain.shape)).clip(0, 255).astype(np.uint8)
    lifted = Lift(5.0).on_source(cv2.merge([noisy] * 3))[..., 1].astype(float)
    raw = 255 * (1 - (1 - noisy / 255) ** 5.0)
    assert lifted[20:140, 10:70].std() < 0.5 * raw[20:140, 10:70].std()
    assert lifted[:, 84:].mean() - lifted[:, :76].mean() > 0.9 * (raw[:, 84:].mean() - raw[:, :76].mean())
