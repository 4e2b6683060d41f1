"""Set pieces: what each does to the picture, and when the editor uses them."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.footage import reel, texture
from tests.stories import a_grid, a_scene, a_song, a_treatment

from auratune.core.geometry import Box
from auratune.core.options import FilmFormat, Options
from auratune.core.scene import Scene, Subject, SubjectMask
from auratune.core.storyboard import Effect, Shot, Storyboard
from auratune.film.editing.depth_choice import has_layers, subject_lift
from auratune.film.editing.editor import draw_storyboard
from auratune.film.editing.effect_choice import letterbox_bar
from auratune.film.editing.framing_rules import crops_any
from auratune.film.effect_table import effect_of
from auratune.film.effects.base import PostSettings
from auratune.film.frame_time import FrameTime
from auratune.film.moves import DEPTH_MOVES
from auratune.film.rendering.frames import FrameMaker, blank_frame
from auratune.film.rendering.plates import to_source_image
from auratune.film.rendering.shot_drawing import strip_places, strip_window
from auratune.film.set_pieces import SET_PIECES
from auratune.film.typography.type_styles import TYPE_STYLES

SIZE = (192, 256)
MASK = SubjectMask(key="photos/a.mask.png", box=Box(0.3, 0.25, 0.7, 0.9), area=0.2, trust=0.9)


def shoot(effect: Effect, *, grey: bool = False) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    board = reel(["push_in"], size=SIZE, frames_per_shot=40)
    shots: tuple[Shot, ...] = tuple(replace(shot, effects=(effect,)) for shot in board.shots)
    picture = np.full((384, 288, 3), (40, 90, 160), np.uint8) if grey else texture(288, 384)
    maker = FrameMaker(replace(board, shots=shots), to_source_image(picture))
    frames = []
    for number in range(board.frame_count):
        y, uv = blank_frame(*SIZE)
        maker.draw(number, y, uv)
        frames.append((y, uv))
    return frames


def film(seed: int, scene: Scene | None = None, style: str = "lo-fi", options: Options | None = None) -> Storyboard:
    treatment = a_treatment(look="vivid")
    treatment = replace(treatment, music=replace(treatment.music, style=style))
    scene = scene or a_scene(seed=seed)
    return draw_storyboard(scene, treatment, a_song(treatment), a_grid(108), options or Options(), seed=seed)


def pieces_of(board: Storyboard) -> list[str]:
    names: list[str] = []
    for shot in board.shots:
        names += [one.name for one in shot.effects if one.name in SET_PIECES and one.name not in names]
    return names


def test_colours_arrive_at_their_frame() -> None:
    frames = shoot(Effect("colour_arrives", {"frame": 20, "frames": 8}), grey=True)
    assert np.abs(frames[10][1].astype(int) - 128).max() <= 1
    assert np.abs(frames[35][1].astype(int) - 128).max() > 20


def test_a_silhouette_is_lit_at_its_frame() -> None:
    frames = shoot(Effect("silhouette_reveal", {"frame": 20, "frames": 6}))
    assert frames[10][0].mean() < 0.5 * frames[35][0].mean()


def test_a_triptych_lights_its_strips_one_after_another() -> None:
    frames = shoot(Effect("triptych", {"frame1": 0, "frame2": 12, "frame3": 24}))
    thirds = [slice(4, 80), slice(92, 166), slice(178, 252)]
    lit = [[float(frames[number][0][third].mean()) > 60 for third in thirds] for number in (6, 18, 36)]
    assert lit == [[True, False, False], [True, True, False], [True, True, True]]


def test_a_punch_comes_closer_on_the_beat_and_falls_back() -> None:
    frames = shoot(Effect("beat_punch", {"first_frame": 0, "end_frame": 40}))
    plain = shoot(Effect("vignette", {"amount": 0.0}))
    change = [float(np.abs(one[0].astype(int) - two[0]).mean()) for one, two in zip(frames, plain, strict=True)]
    assert change[13] > 3 > change[11] + 1
    assert change[11] < 1


def test_a_freeze_stands_still_after_its_flash() -> None:
    frames = shoot(Effect("freeze_flash", {"frame": 20, "frames": 6}))
    assert frames[20][0].mean() > frames[19][0].mean() + 40
    assert np.abs(frames[38][0].astype(int) - frames[39][0]).mean() < 1.0
    assert np.abs(frames[10][0].astype(int) - frames[11][0]).mean() > 1.0


def test_a_sweep_brightens_one_place_after_another() -> None:
    frames = shoot(Effect("light_sweep", {"first_frame": 0, "end_frame": 40}), grey=True)
    brightest = [int(frames[number][0].mean(axis=0).argmax()) for number in (10, 20, 30)]
    assert brightest == sorted(brightest)
    assert brightest[2] - brightest[0] > 60


def test_a_burn_is_brightest_at_its_cut() -> None:
    frames = shoot(Effect("film_burn", {"frame": 20, "frames": 12}), grey=True)
    means = [float(y.mean()) for y, _ in frames]
    assert 17 <= int(np.argmax(means)) <= 23
    assert means[0] == pytest.approx(means[39], abs=2)


def test_a_match_cut_dives_into_its_detail() -> None:
    board = reel(["pull_out"], size=SIZE, frames_per_shot=40)
    dive = Effect("match_cut", {"frame": 40, "frames": 10, "centre_x": 0.4, "centre_y": 0.4, "width": 0.5})
    maker = FrameMaker(
        replace(board, shots=tuple(replace(shot, effects=(dive,)) for shot in board.shots)),
        to_source_image(texture(288, 384)),
    )
    widths = [maker.window(number).width for number in (28, 34, 39)]
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] == pytest.approx(0.5 * 288, rel=0.15)


def test_at_most_three_set_pieces_a_film_no_kind_twice_and_never_two_in_a_row() -> None:
    for seed in range(20):
        board = film(seed)
        names = pieces_of(board)
        assert len(names) <= 3
        carriers = [{one.name for one in shot.effects if one.name in SET_PIECES} for shot in board.shots]
        assert all(len(one) <= 1 for one in carriers)
        assert all(not one or not two or one == two for one, two in pairwise(carriers))


def people(rng: random.Random, *sizes: tuple[float, float]) -> tuple[Subject, ...]:
    """Somebody whose face is between two widths, for each such pair, anywhere."""
    found = []
    for least, most in sizes:
        width = rng.uniform(least, most)
        left, top = rng.uniform(0.05, 0.95 - width), rng.uniform(0.05, 0.95 - width)
        found.append(Subject("face", Box(left, top, left + width, top + width), 1.0))
    return tuple(found)


def strips_of(board: Storyboard, photo: tuple[int, int], bar: float = 0.0) -> list[Box]:
    """What the strips of a film show as they are drawn, in fractions of the photo; bars hide a share of their ends."""
    size, found = (board.width_px, board.height_px), []
    for effect in (effect for shot in board.shots for effect in shot.effects if effect.name == "triptych"):
        for progress in (0.0, 0.5, 1.0):
            time = FrameTime(frame=0, seconds=0.0, frames_left=0, progress=progress, shot_seconds=2.0)
            strips = effect_of(effect).on_post(PostSettings(), time).strips
            for strip, place in zip(strips, strip_places(size, len(strips)), strict=True):
                seen = strip_window(strip, photo, size, place[2:])
                top, height = seen.top + bar * seen.height, (1 - 2 * bar) * seen.height
                right, bottom = seen.left + seen.width, top + height
                found.append(Box(seen.left / photo[0], top / photo[1], right / photo[0], bottom / photo[1]))
    return found


@pytest.mark.parametrize(
    ("photo", "form"),
    [
        ((3000, 2000), FilmFormat()),
        ((2000, 3000), FilmFormat()),
        ((3000, 2000), FilmFormat(aspect="16:9", letterbox=True)),
    ],
)
def test_no_strip_of_a_triptych_cuts_a_face(photo: tuple[int, int], form: FilmFormat) -> None:
    drawn = 0
    for seed in range(60):
        subjects = people(random.Random(seed), *[(0.05, 0.14)] * (1 + seed % 2))
        board = film(seed, a_scene(*photo, subjects, seed=seed), options=Options(format=form))
        strips = strips_of(board, photo, letterbox_bar(form, board.width_px, board.height_px))
        drawn += len(strips)
        # The gap between two strips may take a few pixels.
        whole = [
            Box(face.left + 0.004, face.top + 0.004, face.right - 0.004, face.bottom - 0.004)
            for face in (one.box for one in subjects)
        ]
        assert not any(crops_any(strip, whole) for strip in strips), seed
    assert drawn > 20


def test_a_face_that_fills_the_photo_is_never_cut_into_strips() -> None:
    for seed in range(40):
        scene = a_scene(1500, 2000, people(random.Random(seed), (0.64, 0.75)), seed=seed)
        assert not strips_of(film(seed, scene), (1500, 2000))


def test_every_set_piece_depth_move_and_title_appears_each_film_has_five_kinds_of_shot_and_no_two_are_alike() -> None:
    scenes = [replace(a_scene(seed=seed), mask=MASK if seed % 2 else None) for seed in range(40)]
    styles = sorted(TYPE_STYLES)
    boards = [film(seed, scene, styles[seed % len(styles)]) for seed, scene in enumerate(scenes)]
    titles = {cue.reveal for board in boards for cue in board.cues if cue.role == "title"}
    assert titles == {style.title_sequence for style in TYPE_STYLES.values()}
    seen = {name for board in boards for name in pieces_of(board)}
    assert seen == set(SET_PIECES)
    assert {shot.move.name for board in boards for shot in board.shots} >= DEPTH_MOVES
    # A kind of shot is a move, alone or with a set piece.
    sequences = [
        tuple((shot.move.name, *(one.name for one in shot.effects if one.name in SET_PIECES)) for shot in board.shots)
        for board in boards
    ]
    assert len(set(sequences)) == len(sequences)
    assert min(len(set(sequence)) for sequence in sequences) >= 5


def test_two_or_three_depth_shots_where_the_mask_is_good_and_none_where_it_is_not() -> None:
    for seed in range(10):
        for trust, least, most in ((0.9, 1, 3), (0.3, 0, 0)):
            board = film(seed, replace(a_scene(seed=seed), mask=replace(MASK, trust=trust)))
            deep = [shot.move.name in DEPTH_MOVES for shot in board.shots]
            assert least <= sum(deep) <= most
            assert not any(one and two for one, two in pairwise(deep))


@pytest.mark.parametrize(
    ("mask", "good"),
    [
        (MASK, True),
        (replace(MASK, trust=0.4), False),
        (replace(MASK, area=0.01), False),
        (replace(MASK, area=0.7), False),
        (replace(MASK, box=Box(0.0, 0.2, 1.0, 0.4)), False),
        (None, False),
    ],
)
def test_the_gate_for_depth(mask: SubjectMask | None, good: bool) -> None:
    assert has_layers(replace(a_scene(), mask=mask)) is good


def test_only_a_subject_against_the_light_is_lifted() -> None:
    shade = replace(MASK, brightness=0.12, surround=0.6)
    assert subject_lift(replace(a_scene(), mask=shade)) > 0.5
    assert subject_lift(replace(a_scene(), mask=replace(shade, surround=0.13))) == 0.0
    assert subject_lift(replace(a_scene(), mask=replace(shade, brightness=0.5))) == 0.0
    assert subject_lift(a_scene()) == 0.0
