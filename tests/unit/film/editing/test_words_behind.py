"""Words stand behind the subject where they can be read there, and in front of it anywhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.stories import a_scene

from auratune.core.geometry import Box
from auratune.core.scene import SubjectMask
from auratune.core.storyboard import Effect, Framing, Move, Shot, TypeCue
from auratune.film.editing.detail_lookup import Detail
from auratune.film.editing.framing_rules import FrameGeometry
from auratune.film.editing.text_cues import TextPlacer

MASK = SubjectMask(key="photos/a.mask.png", box=Box(0.35, 0.35, 0.6, 0.9), area=0.15, trust=0.9)
STILL = Move("push_in", Framing(0.5, 0.5, 0.95), Framing(0.5, 0.5, 0.95))
SHOTS = (
    Shot(first_frame=0, end_frame=60, subject="wide", move=STILL),
    Shot(first_frame=60, end_frame=120, subject="wide", move=STILL),
)
LYRIC = TypeCue(role="lyric", text="Every step", first_frame=40, end_frame=60, box=Box(0, 0, 1, 1))


def placer(*effects: tuple[Effect, ...]) -> TextPlacer:
    """Of a film whose shots carry these effects."""
    scene = replace(a_scene(busy=0.2), mask=MASK)
    shots = tuple(replace(shot, effects=own) for shot, own in zip(SHOTS, effects, strict=True))
    return TextPlacer(scene, FrameGeometry(1080, 1440, 1080, 1440, 0.6), shots, 0.0, Detail(scene.detail))


@pytest.mark.parametrize("name", ["match_cut", "freeze_flash", "light_sweep"])
def test_a_line_stands_behind_the_subject_whatever_happens_to_the_whole_picture(name: str) -> None:
    behind = placer((Effect(name),), ()).behind(LYRIC)
    assert behind is not None
    assert behind.behind


def test_a_line_never_stands_behind_the_subject_of_a_frame_of_strips() -> None:
    assert placer((Effect("triptych"),), ()).behind(LYRIC) is None
    assert placer((), (Effect("triptych"),)).behind(replace(LYRIC, end_frame=70)) is None, "it reaches into the strips"


def test_strips_in_another_shot_are_no_matter() -> None:
    assert placer((), (Effect("triptych"),)).behind(LYRIC) is not None
