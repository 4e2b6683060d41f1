"""Two layers: the subject apart from its background, and what stands between them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.footage import reel, shift_px, texture

from auratune.core.geometry import Box
from auratune.core.storyboard import Effect, Setting, Storyboard, TypeCue
from auratune.film.rendering.frames import FrameMaker, blank_frame
from auratune.film.rendering.layers import cut_out, lifted, refined_mask
from auratune.film.rendering.plates import SourceImage, subject_plate_of, to_source_image
from auratune.film.set_pieces import SET_PIECES
from auratune.film.strips import STRIP_EFFECTS
from auratune.film.viewport import Window

SIZE = (192, 256)
STEADY_PX = 0.05
WHOLE = (slice(8, 248), slice(8, 184))


def disc(height: int, width: int, radius: float = 0.22) -> NDArray[np.uint8]:
    """A round subject in the middle, 255 inside."""
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (width // 2, height // 2), round(radius * width), 255, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.0), np.uint8)


def layered(subject: NDArray[np.uint8] | int, background: NDArray[np.uint8] | int) -> SourceImage:
    """A photo of 288 x 384 whose subject and background are known; a number stands for a flat grey."""
    parts = [np.full((384, 288, 3), one, np.uint8) if isinstance(one, int) else one for one in (subject, background)]
    alpha = disc(384, 288)
    whole = np.where(alpha[..., None] > 127, parts[0], parts[1])
    return replace(to_source_image(whole), alpha=alpha, background=to_source_image(parts[1]))


def shoot(board: Storyboard, still: SourceImage, words=None) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    maker = FrameMaker(board, still, words)
    frames = []
    for number in range(board.frame_count):
        y, uv = blank_frame(board.width_px, board.height_px)
        maker.draw(number, y, uv)
        frames.append((y, uv))
    return frames


def sharpness(luma: NDArray[np.uint8]) -> float:
    return float(cv2.Laplacian(luma, cv2.CV_64F).std())


def steps(frames: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]], part: tuple[slice, slice]) -> NDArray[np.float64]:
    return np.array([shift_px(one[0][part], two[0][part])[0] for one, two in pairwise(frames)])


def test_a_subject_slides_smoothly_before_its_background() -> None:
    settings = {"depth": 0.03}
    middle = (slice(104, 152), slice(72, 120))
    board = reel(["layered_drift"], size=SIZE, frames_per_shot=40, settings=settings)
    near, far = shoot(board, layered(texture(288, 384), 90)), shoot(board, to_source_image(texture(288, 384)))
    slide = steps(near, middle) - steps(far, middle)
    assert slide.sum() == pytest.approx(0.03 * SIZE[0], abs=0.6)
    assert np.abs(np.diff(slide)).max() < STEADY_PX


@pytest.mark.parametrize("move", ["layered_drift", "depth_dolly", "rack_focus"])
def test_neither_layer_trembles(move: str) -> None:
    board = reel([move], size=SIZE, frames_per_shot=40, settings={"blur": 0.0} if move == "rack_focus" else {})
    corner, middle = (slice(8, 72), slice(8, 184)), (slice(104, 152), slice(72, 120))
    for still, part in ((layered(90, texture(288, 384)), corner), (layered(texture(288, 384), 90), middle)):
        speed = steps(shoot(board, still), part)
        assert np.abs(np.diff(speed)).max() < STEADY_PX


def test_a_photo_without_a_mask_is_moved_over_as_one_picture() -> None:
    still = to_source_image(texture(288, 384))
    flat = shoot(reel(["push_in"], size=SIZE, frames_per_shot=4), still)
    deep = shoot(reel(["rack_focus"], size=SIZE, frames_per_shot=4), still)
    assert flat[0][0].std() == pytest.approx(deep[0][0].std(), rel=0.1)


@pytest.mark.parametrize("thickness", range(1, 13))
@pytest.mark.parametrize("is_upright", [True, False])
def test_a_subject_that_is_no_more_than_a_sliver_is_still_seen(thickness: int, is_upright: bool) -> None:
    alpha = np.zeros((384, 288), np.uint8)
    if is_upright:
        alpha[60:320, 140 : 140 + thickness] = 255
    else:
        alpha[180 : 180 + thickness, 60:230] = 255
    picture = np.where(alpha[..., None] > 0, 220, 60).astype(np.uint8).repeat(3, axis=2)
    background = np.full((384, 288, 3), 60, np.uint8)
    still = replace(to_source_image(picture), alpha=alpha, background=to_source_image(background))
    y, _ = shoot(reel(["layered_drift"], size=SIZE, frames_per_shot=2), still)[0]
    assert y.max() > 100


def test_a_shot_may_end_anywhere_at_the_edge_of_the_subject() -> None:
    grey = to_source_image(np.full((384, 288, 3), 90, np.uint8))
    corner = [Window(0, 0, 150, 200)]
    for place in range(130, 170):
        for part in ((slice(None), slice(place, None)), (slice(place + 50, None), slice(None))):
            alpha = np.zeros((384, 288), np.uint8)
            alpha[part] = 255
            subject = subject_plate_of(replace(grey, alpha=alpha, background=grey), corner, SIZE[0])
            inside = 150 - place
            assert subject is not None if inside > 10 else True, "it reaches well into the shot"
            assert subject is None if inside < -10 else True, "it is outside the shot"


def test_a_rack_focus_blurs_the_background_and_never_the_subject() -> None:
    far = shoot(reel(["rack_focus"], size=SIZE, frames_per_shot=40), layered(90, texture(288, 384)))
    near = shoot(reel(["rack_focus"], size=SIZE, frames_per_shot=40), layered(texture(288, 384), 90))
    corner, middle = (slice(8, 72), slice(8, 184)), (slice(104, 152), slice(72, 120))
    soft, sharp, back = (sharpness(far[number][0][corner]) for number in (24, 0, 39))
    assert soft < 0.6 * sharp
    assert back > 0.9 * sharp
    assert sharpness(near[24][0][middle]) == pytest.approx(sharpness(near[0][0][middle]), rel=0.15)


def test_words_behind_the_subject_are_covered_by_it_and_nothing_else() -> None:
    cue = TypeCue(role="title", text="x", first_frame=0, end_frame=4, box=Box(0, 0, 1, 1), behind=True)

    def white(frame: int, y: NDArray[np.uint8], uv: NDArray[np.uint8], fade: float, behind: bool) -> None:
        if behind:
            y[:], uv[:] = 235, 128

    y, _ = shoot(reel(["push_in"], size=SIZE, frames_per_shot=4, cues=[cue]), layered(60, 120), white)[2]
    assert y[4:30, 4:30].min() > 230
    assert y[118:138, 86:106].max() < 80


@pytest.mark.parametrize("name", SET_PIECES)
def test_words_behind_the_subject_are_drawn_under_every_effect_but_strips(name: str) -> None:
    cue = TypeCue(role="title", text="x", first_frame=0, end_frame=24, box=Box(0, 0, 1, 1), behind=True)
    board = reel(["push_in"], size=SIZE, frames_per_shot=24, cues=[cue])
    settings: dict[str, Setting] = {"frame": 12} if name in {"match_cut", "freeze_flash", "film_burn"} else {}
    shots = tuple(replace(shot, effects=(Effect(name, settings),)) for shot in board.shots)
    behind = []

    def note(frame: int, y: NDArray[np.uint8], uv: NDArray[np.uint8], fade: float, is_behind: bool) -> None:
        if is_behind:
            behind.append(frame)

    shoot(replace(board, shots=shots), layered(60, 120), note)
    assert behind == ([] if name in STRIP_EFFECTS else list(range(24)))


def test_without_layers_words_behind_stand_in_front() -> None:
    cue = TypeCue(role="title", text="x", first_frame=0, end_frame=4, box=Box(0, 0, 1, 1), behind=True)
    drawn = []

    def note(frame: int, y: NDArray[np.uint8], uv: NDArray[np.uint8], fade: float, behind: bool) -> None:
        drawn.append((frame, behind))

    shoot(reel(["push_in"], size=SIZE, frames_per_shot=2, cues=[cue]), to_source_image(texture(288, 384)), note)
    assert drawn == [(0, False), (0, True), (1, False), (1, True)]


def test_the_refined_mask_follows_the_edge_of_the_picture() -> None:
    picture = np.full((400, 300, 3), 200, np.uint8)
    cv2.rectangle(picture, (90, 120), (210, 300), (40, 50, 60), -1)
    coarse = np.zeros((256, 256), np.uint8)
    cv2.rectangle(
        coarse, (int(86 / 300 * 256), int(116 / 400 * 256)), (int(214 / 300 * 256), int(304 / 400 * 256)), 255, -1
    )
    alpha = refined_mask(picture, cv2.GaussianBlur(coarse, (0, 0), 4))
    assert alpha[200, 110:190].min() > 230
    assert alpha[200, :80].max() < 25
    assert alpha[200, 220:].max() < 25


def test_the_hole_behind_the_subject_is_filled_from_around_it() -> None:
    picture = np.full((400, 300, 3), 200, np.uint8)
    cv2.circle(picture, (150, 200), 60, (20, 20, 20), -1)
    alpha = np.zeros((400, 300), np.uint8)
    cv2.circle(alpha, (150, 200), 60, 255, -1)
    assert cut_out(picture, alpha).background.min() > 170


def test_a_subject_in_the_shade_is_lifted_and_the_rest_is_not() -> None:
    picture = np.full((400, 300, 3), 210, np.uint8)
    alpha = disc(400, 300, 0.3)
    picture[alpha > 127] = (40, 45, 50)
    light = lifted(picture, alpha, 0.7)
    assert 65 < light[200, 150].mean() < 130
    assert np.abs(light[:40].astype(int) - picture[:40]).max() <= 1
    # No halo: just outside the subject the background is no brighter than it was by more than can be seen.
    assert light[alpha < 8].max() <= 222


@pytest.mark.parametrize("kind", ["dust", "snow", "bokeh", "rain"])
def test_particles_add_light_that_moves_and_is_the_same_each_time(kind: str) -> None:
    board = reel(
        ["push_in"], size=SIZE, frames_per_shot=6, effects=[Effect("particles", {"kind": kind, "density": 1.0})]
    )
    still = to_source_image(np.full((384, 288, 3), 60, np.uint8))
    plain = shoot(reel(["push_in"], size=SIZE, frames_per_shot=6), still)
    frames = shoot(board, still)
    assert all((frame[0].astype(int) - clear[0]).max() > 4 for frame, clear in zip(frames, plain, strict=True))
    assert not np.array_equal(frames[1][0], frames[4][0])
    assert all(np.array_equal(one[0], two[0]) for one, two in zip(frames, shoot(board, still), strict=True))


def test_the_background_beside_the_subject_is_the_photos_own() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    alpha = np.zeros((300, 400), np.uint8)
    alpha[100:200, 150:250] = 255
    background = cut_out(picture, alpha).background
    assert np.array_equal(background[100:200, 259:], picture[100:200, 259:])
    assert not np.array_equal(background[100:200, 252:254], picture[100:200, 252:254])
