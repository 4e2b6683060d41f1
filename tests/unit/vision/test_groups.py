"""Photos of many people: everybody is kept whole and counted, and only the largest faces get close-ups."""

from __future__ import annotations

import numpy as np
import pytest
from tests.stories import a_grid, a_scene, a_song, a_treatment

from auratune.core.geometry import Box
from auratune.core.options import Options
from auratune.core.scene import Scene, Subject
from auratune.film.editing.editor import draw_storyboard
from auratune.film.editing.framing_rules import FrameGeometry, crops
from auratune.film.editing.move_planner import path
from auratune.providers.embedded.writing.facts import people_in as counted
from auratune.vision import faces as detector
from auratune.vision import image_ops, people
from auratune.vision.caption import caption_of
from auratune.vision.faces import Face
from auratune.vision.mask import Mask
from auratune.vision.subjects import subjects_of

PICTURE = np.random.default_rng(0).integers(90, 160, (300, 450, 3), dtype=np.uint8)


def group(rows: int, columns: int) -> tuple[Face, ...]:
    """Faces in rows, as in a photo of a class."""
    return tuple(
        Face(Box(left, top, left + 0.5 / columns, top + 0.3 / rows), 0.95, 0.0)
        for top in (0.2 + 0.6 * row / rows for row in range(rows))
        for left in (0.06 + 0.9 * column / columns for column in range(columns))
    )


def scene_of(group: tuple[Face, ...]) -> Scene:
    return a_scene(3000, 2000, subjects_of(PICTURE, group))


@pytest.mark.parametrize(("rows", "columns"), [(1, 5), (2, 4), (2, 6), (4, 10)])
def test_every_face_of_a_group_is_a_subject_and_counted(rows: int, columns: int) -> None:
    faces = group(rows, columns)
    scene = scene_of(faces)
    found = [one for one in scene.subjects if one.kind == "face"]
    assert len(found) == counted(scene) == len(faces)
    assert "several people" in caption_of(scene.light, scene.palette, scene.subjects, scene.detail)


@pytest.mark.parametrize(("rows", "columns"), [(2, 4), (2, 6), (4, 10)])
def test_no_shot_cuts_any_face_of_a_group(rows: int, columns: int) -> None:
    faces = group(rows, columns)
    scene, treatment = scene_of(faces), a_treatment()
    for seed in range(4):
        film = draw_storyboard(scene, treatment, a_song(treatment), a_grid(), Options(), seed=seed)
        geometry = FrameGeometry(scene.width_px, scene.height_px, film.width_px, film.height_px, scene.light.sharpness)
        for shot in film.shots:
            seconds = (shot.end_frame - shot.first_frame) / film.fps
            windows = [geometry.window(framing) for framing in path(shot.move, shot.first_frame / film.fps, seconds)]
            assert not [face for face in faces if any(crops(window, face.box) for window in windows)], shot


def test_the_largest_faces_come_first_and_leave_room_for_other_sights() -> None:
    found = subjects_of(PICTURE, group(4, 10))
    assert [one.kind for one in found[:4]] == ["face"] * 4
    assert "region" in {one.kind for one in found[:12]}
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)


def test_the_detector_s_faces_are_all_kept_but_for_a_stadium(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "weights_path", lambda _: "weights")
    for seen, kept in ((group(2, 6), 12), (group(10, 10), detector.MOST_FACES)):
        monkeypatch.setattr(detector, "_detect", lambda *_, seen=seen: list(seen))
        found = detector.faces_in(PICTURE)
        assert found is not None
        assert len(found) == kept


def test_people_who_are_found_by_their_shape_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (400, 700, 3), dtype=np.uint8)
    hits = [((20 + 110 * number, 100, 90, 200), 1.0) for number in range(6)]
    monkeypatch.setattr(image_ops, "people", lambda *_: hits)
    assert [one.kind for one in people.people_in(picture, ())] == ["person"] * 6


def test_a_group_of_which_only_some_bodies_are_found_is_counted_by_its_faces() -> None:
    faces = group(2, 4)
    alpha = np.full((256, 256), 255, np.uint8)
    found = people.people_in(PICTURE, faces, Mask(alpha, Box(0, 0, 1, 1), 1.0, 0.9))
    persons = sum(one.kind == "person" for one in found)
    assert 0 < persons < len(faces)
    scene = a_scene(3000, 2000, found)
    assert "several people" in caption_of(scene.light, scene.palette, found, scene.detail)


def test_one_person_and_their_face_are_one_person() -> None:
    alone = (Subject("face", Box(0.4, 0.2, 0.5, 0.3), 1.0), Subject("person", Box(0.3, 0.2, 0.6, 0.9), 0.9))
    scene = a_scene(3000, 2000, alone)
    assert "one person" in caption_of(scene.light, scene.palette, alone, scene.detail)
