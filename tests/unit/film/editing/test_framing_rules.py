"""What a camera window may show."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from tests.stories import a_grid, a_scene, a_song, a_treatment
from tests.storyboard_rules import Case

from auratune.core.geometry import Box
from auratune.core.options import FilmFormat, Options
from auratune.core.scene import Subject
from auratune.core.storyboard import Framing
from auratune.film.editing.candidates import propose_framings
from auratune.film.editing.editor import draw_storyboard
from auratune.film.editing.framing_rules import FrameGeometry, crops, head_of, is_awkward, protected_boxes


def geometry(photo=(4000, 3000), film=(1440, 1080), sharpness=1.0) -> FrameGeometry:
    return FrameGeometry(*photo, *film, sharpness)


def test_a_window_has_the_films_shape() -> None:
    wide = FrameGeometry(1080, 1440, 1920, 1080, 0.5)
    window = wide.window(Framing(0.5, 0.5, 1.0))
    assert window.width * 1080 / (window.height * 1440) == pytest.approx(16 / 9)


def test_crisp_photos_may_be_shown_closer_than_blurred_ones() -> None:
    assert geometry(sharpness=1.0).closest == 0.28
    assert geometry((2000, 1500), sharpness=1.0).closest == pytest.approx(1440 / 4000)
    assert geometry((2000, 1500), sharpness=0.0).closest == pytest.approx(1440 / 2600)


def test_a_tiny_photo_still_allows_close_ups() -> None:
    assert geometry((100, 75)).closest == pytest.approx(0.66)


def test_framings_are_moved_inside_the_picture() -> None:
    corner = geometry().place(0.0, 1.0, 0.4)
    window = geometry().window(corner)
    assert window.left == pytest.approx(0)
    assert window.bottom == pytest.approx(1)


def test_a_margin_is_kept_free_for_a_trembling_hand() -> None:
    window = geometry().window(geometry().place(0.0, 0.5, 0.4, margin=0.02))
    assert window.left == pytest.approx(0.008)


def test_a_face_is_cut_only_where_the_border_runs_through_it() -> None:
    window, face = Box(0.2, 0.2, 0.8, 0.8), Box(0.4, 0.4, 0.6, 0.6)
    assert not crops(window, face)
    assert not crops(window, Box(0.0, 0.4, 0.15, 0.6))
    assert crops(window, Box(0.1, 0.4, 0.3, 0.6))
    assert crops(window, Box(0.1, 0.1, 0.9, 0.9))
    assert crops(window, Box(0.21, 0.4, 0.3, 0.6), margin=0.2)


def test_a_face_at_the_photos_own_border_is_not_cut_by_it() -> None:
    assert not crops(Box(0.0, 0.0, 0.5, 0.5), Box(-0.1, 0.1, 0.2, 0.3))


def test_people_without_a_face_box_have_their_heads_protected_boxes() -> None:
    person = Subject("person", Box(0.4, 0.2, 0.6, 0.9), 0.8)
    assert protected_boxes(a_scene(subjects=[person]), geometry()) == (head_of(person.box),)
    face = Subject("face", Box(0.46, 0.22, 0.54, 0.32), 0.9)
    assert protected_boxes(a_scene(subjects=[person, face]), geometry()) == (face.box,)


def test_a_face_larger_than_any_close_up_is_a_landscape() -> None:
    assert protected_boxes(a_scene(subjects=[Subject("face", Box(0.1, 0.1, 0.9, 0.9), 1.0)]), geometry()) == ()


PERSON = Subject("person", Box(0.4, 0.3, 0.6, 0.9), 0.9)


@pytest.mark.parametrize(
    ("window", "awkward"),
    [
        (Box(0.3, 0.2, 0.8, 0.95), False),  # whole
        (Box(0.3, 0.2, 0.8, 0.65), False),  # clearly cropped below the waist
        (Box(0.3, 0.2, 0.8, 0.88), True),  # the feet are cut off by a little
        (Box(0.41, 0.2, 0.9, 0.95), True),  # an arm is cut off by a little
        (Box(0.595, 0.2, 0.9, 0.95), True),  # an elbow peeps in
        (Box(0.3, 0.5, 0.8, 0.95), True),  # a body without its head
        (Box(0.65, 0.2, 0.9, 0.95), False),  # left out
    ],
)
def test_a_window_shows_a_body_whole_crops_it_clearly_or_leaves_it_out(window: Box, awkward: bool) -> None:
    assert is_awkward(window, [PERSON]) is awkward


def test_what_the_photo_itself_crops_is_not_awkward() -> None:
    cut_by_the_photo = Subject("person", Box(0.0, 0.3, 0.3, 1.0), 0.9)
    assert not is_awkward(Box(0.0, 0.2, 0.6, 1.0), [cut_by_the_photo])


def test_people_are_neither_grazed_nor_beheaded_by_any_frame() -> None:
    for seed in range(12):
        scene = a_scene(subjects=[PERSON])
        treatment = a_treatment()
        board = draw_storyboard(scene, treatment, a_song(treatment), a_grid(), Options(), seed=seed)
        rules = Case(scene, board.beats, FilmFormat(), board)
        for shot in board.shots:
            assert not any(is_awkward(rules.seen(framing), [PERSON]) for framing in rules.path(shot)), shot


def test_a_face_that_looks_aside_has_room_in_front_of_it() -> None:
    lens = FrameGeometry(1080, 1440, 1080, 1440, 0.8)
    face = Subject("face", Box(0.45, 0.4, 0.55, 0.5), 1.0)
    centres = []
    for gaze in (-0.8, 0.0, 0.8):
        scene = a_scene(subjects=[replace(face, gaze=gaze)])
        centres.append(propose_framings(scene, lens, random.Random(1)).details[0].framing.centre_x)
    assert centres[0] < centres[1] < centres[2]
