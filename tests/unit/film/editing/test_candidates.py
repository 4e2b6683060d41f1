"""Whom and what to frame."""

from __future__ import annotations

import random
from itertools import combinations

from tests.stories import a_scene

from auratune.core.geometry import Box
from auratune.core.scene import Subject
from auratune.film.editing.candidates import propose_framings
from auratune.film.editing.framing_rules import FrameGeometry, crops


def geometry(film=(1080, 1440)) -> FrameGeometry:
    return FrameGeometry(1080, 1440, *film, 0.6)


def test_a_face_is_framed_whole_with_eyes_above_the_middle() -> None:
    face = Subject("face", Box(0.62, 0.4, 0.74, 0.52), 0.9)
    target = propose_framings(a_scene(subjects=[face]), geometry(), random.Random(1)).details[0]
    window = geometry().window(target.framing)
    assert target.name == "face"
    assert face.box.overlap(window) > 0.999 * face.box.area
    eyes = (face.box.top + 0.4 * face.box.height - window.top) / window.height
    assert 0.25 < eyes < 0.5


def test_details_differ_from_one_another() -> None:
    pool = propose_framings(a_scene(), geometry(), random.Random(1))
    windows = [geometry().window(target.framing) for target in pool.details]
    assert len(windows) == 5
    assert all(one.likeness(other) < 0.5 for one, other in combinations(windows, 2))


def test_a_flat_white_photo_still_has_details() -> None:
    pool = propose_framings(a_scene(busy=0.0, brightness=1.0), geometry(), random.Random(1))
    assert len(pool.details) >= 3


def test_the_wide_of_another_shape_holds_the_subject() -> None:
    person = Subject("person", Box(0.3, 0.6, 0.5, 0.95), 0.9)
    wide = geometry((1350, 760))
    target = propose_framings(a_scene(subjects=[person]), wide, random.Random(1)).wide
    assert person.box.overlap(wide.window(target.framing)) > 0.98 * person.box.area


def test_no_composition_cuts_any_of_twelve_faces() -> None:
    rng = random.Random(4)
    faces = []
    for _ in range(12):
        left, top = rng.uniform(0.05, 0.85), rng.uniform(0.05, 0.9)
        faces.append(Subject("face", Box(left, top, left + 0.08, top + 0.06), rng.random()))
    pool = propose_framings(a_scene(subjects=faces), geometry(), random.Random(1))
    for target in pool.details:
        window = geometry().window(target.framing)
        assert not any(crops(window, face) for face in pool.protected)
