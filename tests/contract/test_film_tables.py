"""What every move, effect, transition and look keeps to, whoever wrote it."""

from __future__ import annotations

import dataclasses
import math
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from tests.drawings import scenery
from tests.footage import WAYS, reel, texture

from auratune.core.options import LOOKS
from auratune.core.storyboard import Effect, Framing, Move, Transition
from auratune.film.effect_table import effect_of
from auratune.film.effects import EFFECTS
from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime
from auratune.film.looks import LOOK_BOOK
from auratune.film.looks.grading import grade
from auratune.film.moves import MOVES
from auratune.film.rendering.frames import FrameMaker, blank_frame
from auratune.film.rendering.plates import to_source_image
from auratune.film.set_pieces import SET_PIECES
from auratune.film.transitions import TRANSITIONS
from auratune.film.transitions.base import TransitionMix
from auratune.film.viewport import View, Window, window_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPES = ((320, 240), (240, 320), (256, 256), (400, 100), (101, 203))
MOMENTS = tuple(
    FrameTime(
        frame=frame,
        seconds=frame / 24,
        frames_left=47 - frame,
        progress=frame / 47,
        shot_seconds=2.0,
        beat_phase=(frame % 12) / 12,
        beat_seconds=0.5,
        energy=0.8,
    )
    for frame in range(48)
)


def view(name: str, time: FrameTime) -> View:
    return MOVES[name](Move(name, *WAYS[name]), time)


@pytest.mark.parametrize("name", MOVES)
def test_a_move_stays_inside_the_picture_by_itself(name: str) -> None:
    for time in MOMENTS:
        framing = view(name, time).framing
        for centre in (framing.centre_x, framing.centre_y):
            assert framing.width / 2 <= centre <= 1 - framing.width / 2


@pytest.mark.parametrize(
    ("framing", "expected"),
    [
        (Framing(0.5, 0.5, 0.5), Window(80, 75, 160, 90)),
        (Framing(0.0, 0.0, 0.5), Window(0, 0, 160, 90)),
        (Framing(1.0, 1.0, 0.5), Window(160, 150, 160, 90)),
        (Framing(0.2, 0.5, 1.5), Window(0, 30, 320, 180)),
    ],
)
def test_a_window_over_the_edge_of_the_picture_is_moved_inside(framing: Framing, expected: Window) -> None:
    window = window_of(framing, (320, 240), (160, 90))
    assert dataclasses.astuple(window) == pytest.approx(dataclasses.astuple(expected))


@pytest.mark.parametrize("name", [name for name in MOVES if name != "handheld"])
def test_a_move_goes_from_its_start_to_its_end_and_never_back(name: str) -> None:
    start, end = WAYS[name]
    first, last = view(name, MOMENTS[0]).framing, view(name, MOMENTS[-1]).framing
    assert dataclasses.astuple(first) == pytest.approx(dataclasses.astuple(start), abs=1e-6)
    assert dataclasses.astuple(last) == pytest.approx(dataclasses.astuple(end), abs=1e-6)
    # How far along the straight way each framing lies.
    way = np.subtract(dataclasses.astuple(end), dataclasses.astuple(start))
    along = [
        float(np.dot(np.subtract(dataclasses.astuple(view(name, m).framing), dataclasses.astuple(start)), way))
        for m in MOMENTS
    ]
    assert min(np.diff(along)) >= -1e-9


@pytest.mark.parametrize("name", MOVES)
def test_a_move_has_no_jerk(name: str) -> None:
    path = np.array([dataclasses.astuple(view(name, time).framing) for time in MOMENTS])
    speed = np.abs(np.diff(path, axis=0)).max()
    assert np.abs(np.diff(path, n=2, axis=0)).max() < 0.35 * speed + 1e-9


def some_settings(name: str) -> dict[str, float | str | bool]:
    known = {"grade": {"look": "golden"}, "beat_pulse": {"kind": "exposure"}, "lift": {"gain": 3.0}}
    return known.get(name, {})  # type: ignore[return-value]


@pytest.mark.parametrize("name", [name for name in EFFECTS if EFFECTS[name].on_source is not FilmEffect.on_source])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_effect_on_the_photo_keeps_its_shape_and_leaves_its_input(name: str, shape: tuple[int, int]) -> None:
    picture = texture(*shape)
    before = picture.copy()
    after = effect_of(Effect(name, some_settings(name))).on_source(picture)
    assert after.shape == picture.shape
    assert after.dtype == np.uint8
    assert np.array_equal(picture, before)
    assert not np.array_equal(after, before), "it does nothing"


@pytest.mark.parametrize("name", EFFECTS | SET_PIECES)
def test_an_effect_never_steps_back_and_its_numbers_stay_in_range(name: str) -> None:
    effect = effect_of(Effect(name, some_settings(name)))
    for time in MOMENTS:
        post, framing = effect.on_post(PostSettings(), time), effect.on_framing(Framing(0.5, 0.5, 0.8), time)
        assert framing.width <= 0.8, "an effect may come closer, but would leave the picture if it stepped back"
        assert all(math.isfinite(value) for value in dataclasses.astuple(post) if isinstance(value, float))
        assert 0 <= post.fade <= 1


@pytest.mark.parametrize("name", [name for name in TRANSITIONS if name != "cut"])
def test_a_transition_begins_with_one_shot_and_ends_with_the_other(name: str) -> None:
    mixes = [TRANSITIONS[name](Transition(name, 12), (frame + 0.5) / 12) for frame in range(12)]
    assert all(isinstance(mix, TransitionMix) for mix in mixes)
    assert mixes[0].mix < 0.05
    assert mixes[-1].mix > 0.95
    assert all(one.mix <= other.mix for one, other in pairwise(mixes))
    assert all(0 <= mix.mix <= 1 and 0 <= mix.gain <= 1 and 0 <= mix.white <= 1 for mix in mixes)


@pytest.mark.parametrize("name", TRANSITIONS)
@pytest.mark.parametrize("size", [(192, 108), (108, 192), (128, 128)])
def test_a_transition_draws_whole_frames_the_same_each_time(name: str, size: tuple[int, int]) -> None:
    still = to_source_image(texture(300, 300))
    kept = still.y.copy()
    board = reel(["pan", "push_in"], transitions=[Transition(name, 0 if name == "cut" else 10)], size=size)
    for frame in range(18, 30):
        once, again = frame_of(board, still, frame), frame_of(board, still, frame)
        assert np.array_equal(once, again)
        if name not in {"dip_black", "dip_white"}:
            assert once.std() > 8, "the frame shows nothing"
    assert np.array_equal(still.y, kept)


def frame_of(board: object, still: object, frame: int) -> NDArray[np.uint8]:
    y, uv = blank_frame(board.width_px, board.height_px)  # type: ignore[attr-defined]
    FrameMaker(board, still).draw(frame, y, uv)  # type: ignore[arg-type]
    return y


def patch(*bgr: int) -> NDArray[np.uint8]:
    return np.full((8, 8, 3), bgr, np.uint8)


def test_the_look_book_holds_every_look_that_can_be_wished_for() -> None:
    assert set(LOOK_BOOK) == set(LOOKS)


@pytest.mark.parametrize("name", LOOK_BOOK)
def test_a_look_keeps_white_white_and_opens_the_shadows(name: str) -> None:
    look = LOOK_BOOK[name]
    assert grade(patch(255, 255, 255), look).min() >= 250
    assert grade(patch(24, 24, 24), look).mean() >= 24
    assert grade(patch(0, 0, 0), look).max() <= 14
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(4, axis=0)
    assert (np.diff(grade(ramp, look).astype(float).mean(axis=2), axis=1) >= -0.5).all(), "tones changed places"


@pytest.mark.parametrize("name", [name for name in LOOK_BOOK if name != "noir"])
@pytest.mark.parametrize("skin", [(135, 170, 224), (92, 130, 190), (60, 86, 134)])
def test_a_look_leaves_skin_the_colour_of_skin(name: str, skin: tuple[int, int, int]) -> None:
    graded = grade(patch(*skin), LOOK_BOOK[name]).reshape(-1, 3).mean(axis=0)
    assert abs(hue(graded) - hue(np.array(skin))) < 9
    assert graded[2] > graded[1] > graded[0]


def hue(bgr: NDArray[np.floating]) -> float:
    blue, green, red = (float(value) for value in bgr)
    return math.degrees(math.atan2(math.sqrt(3) * (green - blue), 2 * red - green - blue))


LIT = [number for number in range(30) if 70 < np.asarray(scenery(number, (120, 160))).mean() < 190][:4]
"""Drawn pictures that are neither night nor snow."""


@pytest.mark.parametrize("number", LIT)
def test_any_two_looks_can_be_told_apart(number: int) -> None:
    picture = np.asarray(scenery(number, (120, 160)).convert("RGB"))[..., ::-1]
    graded = {name: lab(grade(np.ascontiguousarray(picture), look, 0.95)) for name, look in LOOK_BOOK.items()}
    for one, other in combinations(graded, 2):
        assert np.linalg.norm(graded[one] - graded[other], axis=2).mean() >= 7, (one, other)


def test_noir_is_darker_than_natural_on_a_dim_photo_without_colour() -> None:
    dim = np.tile(np.linspace(36, 84, 64).astype(np.uint8)[None, :, None], (8, 1, 3))
    natural, noir = (lab(grade(dim, LOOK_BOOK[name], 0.95)) for name in ("natural", "noir"))
    assert np.linalg.norm(natural - noir, axis=2).mean() >= 7
    assert noir[..., 0].mean() < natural[..., 0].mean()


def lab(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_BGR2LAB), np.float32)
