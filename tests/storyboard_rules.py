"""What every storyboard must hold, each rule a function that raises when it is broken."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from auratune.core import serialization
from auratune.core.geometry import Box
from auratune.core.storyboard import Framing
from auratune.film.editing.framing_rules import FrameGeometry, crops, protected_boxes
from auratune.film.editing.pacing import TRUSTED_CONFIDENCE, longest_hole_seconds
from auratune.film.editing.transition_choice import STRONG
from auratune.film.effect_table import effect_of
from auratune.film.effects import EFFECTS
from auratune.film.frame_time import FrameTime
from auratune.film.moves import MOVES
from auratune.film.set_pieces import SET_PIECES
from auratune.film.transitions import TRANSITIONS

if TYPE_CHECKING:
    from auratune.core.beat_grid import BeatGrid
    from auratune.core.options import FilmFormat
    from auratune.core.scene import Scene
    from auratune.core.storyboard import Shot, Storyboard

SAMPLES = 13
MOST_ALIKE = 0.65
FASTEST_TRAVEL = 0.15
"""Frame widths a second at the quickest instant."""
FASTEST_ZOOM = 0.12
"""Natural logarithm a second at the quickest instant."""
ROUNDING = 1e-6


@dataclass(frozen=True)
class Case:
    """A storyboard and all it was made from."""

    scene: Scene
    beats: BeatGrid
    form: FilmFormat
    storyboard: Storyboard

    @property
    def height_ratio(self) -> float:
        board, scene = self.storyboard, self.scene
        return (scene.width_px / scene.height_px) * (board.height_px / board.width_px)

    @property
    def widest(self) -> float:
        return min(1.0, 1.0 / self.height_ratio)

    def window(self, framing: Framing) -> Box:
        half, tall = framing.width / 2, framing.width * self.height_ratio / 2
        return Box(framing.centre_x - half, framing.centre_y - tall, framing.centre_x + half, framing.centre_y + tall)

    @property
    def visible_share(self) -> float:
        """How much of the frame's height is seen."""
        board = self.storyboard
        return min(1.0, board.width_px / board.height_px / 2.39) if self.form.letterbox else 1.0

    def seen(self, framing: Framing) -> Box:
        """The window between the bars."""
        half, tall = framing.width / 2, framing.width * self.height_ratio * self.visible_share / 2
        return Box(framing.centre_x - half, framing.centre_y - tall, framing.centre_x + half, framing.centre_y + tall)

    def path(self, shot: Shot) -> list[Framing]:
        """What the camera really shows, by the engine's own moves."""
        seconds = (shot.end_frame - shot.first_frame) / self.storyboard.fps
        moments = (
            FrameTime(
                frame=shot.first_frame,
                seconds=shot.first_frame / self.storyboard.fps + seconds * index / (SAMPLES - 1),
                frames_left=0,
                progress=index / (SAMPLES - 1),
                shot_seconds=seconds,
            )
            for index in range(SAMPLES)
        )
        return [MOVES[shot.move.name](shot.move, time).framing for time in moments]

    @property
    def protected(self) -> tuple[Box, ...]:
        board, scene = self.storyboard, self.scene
        return protected_boxes(
            scene,
            FrameGeometry(
                scene.width_px,
                scene.height_px,
                board.width_px,
                board.height_px,
                scene.light.sharpness,
                self.visible_share,
            ),
        )

    @property
    def is_crowded(self) -> bool:
        """Whether no close-up at all can be framed without cutting a face."""
        protected = self.protected
        bears = 1.3 + 0.7 * self.scene.light.sharpness
        closest = self.storyboard.width_px / (bears * self.scene.width_px)
        for width in {self.widest * 0.66, max(closest, self.widest * 0.5)}:
            if width > 0.66 * self.widest:
                continue
            for row in range(9):
                for column in range(9):
                    left = (1 - width) * column / 8
                    top = (1 - width * self.height_ratio) * row / 8
                    window = self.seen(Framing(left + width / 2, top + width * self.height_ratio / 2, width))
                    if not any(crops(window, face, 0.12) for face in protected):
                        return False
        return True

    @property
    def is_hopeless(self) -> bool:
        """Whether even the widest window cannot be placed without cutting a face."""
        width, height = self.widest, self.widest * self.height_ratio
        places = [step / 32 for step in range(33)]
        windows = [
            self.seen(Framing(width / 2 + (1 - width) * place, height / 2 + (1 - height) * place, width))
            for place in places
        ]
        return all(any(crops(window, face, 0.12) for face in self.protected) for window in windows)


def shots_cover_the_film_with_no_gap(case: Case) -> None:
    board = case.storyboard
    assert board.frame_count == round(case.form.length_seconds * case.form.fps)
    assert board.fps == case.form.fps
    assert board.shots[0].first_frame == 0
    assert board.shots[-1].end_frame == board.frame_count
    for before, after in pairwise(board.shots):
        assert before.end_frame == after.first_frame
    for shot in board.shots:
        assert shot.end_frame - shot.first_frame >= 0.5 * board.fps


def the_size_is_even_within_its_edges_and_of_the_wished_shape(case: Case) -> None:
    board, form = case.storyboard, case.form
    short, long = sorted((board.width_px, board.height_px))
    assert board.width_px % 2 == board.height_px % 2 == 0
    assert short <= form.short_edge_px
    assert long <= form.long_edge_px
    own = min(2.39, max(1 / 2.39, case.scene.width_px / case.scene.height_px))
    wanted = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}.get(form.aspect, own)
    assert abs(board.width_px - board.height_px * wanted) <= 2 + 2 * wanted


def cuts_fall_on_beats(case: Case) -> None:
    board, beats = case.storyboard, case.beats
    if beats.confidence < TRUSTED_CONFIDENCE:
        return
    within = sorted(beat for beat in beats.beats if 0 < beat < board.length_seconds)
    marks = [0.0, *within, board.length_seconds]
    for shot in board.shots[:-1]:
        seconds = shot.end_frame / board.fps
        nearest = min(abs(seconds - beat) for beat in within) if within else math.inf
        in_hole = any(
            start < seconds < end and end - start > longest_hole_seconds(board.length_seconds)
            for start, end in pairwise(marks)
        )
        assert nearest * board.fps <= 1 or in_hole or len(within) < 3


def strong_transitions_stand_on_downbeats_and_never_twice_in_a_row(case: Case) -> None:
    board = case.storyboard
    names = [shot.transition.name for shot in board.shots]
    assert not any(one in STRONG and other in STRONG for one, other in pairwise(names))
    if case.beats.confidence < TRUSTED_CONFIDENCE or sum(0 < b < board.length_seconds for b in case.beats.beats) < 3:
        return
    for shot in board.shots:
        if shot.transition.name in STRONG:
            seconds = shot.end_frame / board.fps
            assert min(abs(seconds - beat) for beat in case.beats.downbeats) * board.fps <= 1


def transitions_are_centred_and_fit_into_their_shots(case: Case) -> None:
    shots = case.storyboard.shots
    assert shots[-1].transition.name == "cut"
    assert shots[-1].transition.frames == 0
    for before, after in pairwise(shots):
        frames = before.transition.frames
        assert frames % 2 == 0
        assert (before.transition.name == "cut") == (frames == 0)
        for shot in (before, after):
            assert frames / 2 <= 0.3 * (shot.end_frame - shot.first_frame)


def it_opens_wide_and_ends_on_a_held_wide(case: Case) -> None:
    board = case.storyboard
    first, last = board.shots[0], board.shots[-1]
    assert first.subject == last.subject == "wide"
    assert max(framing.width for framing in case.path(first)) >= 0.95 * case.widest
    assert last.move.end.width >= 0.95 * case.widest
    assert (last.end_frame - last.first_frame) / board.fps >= min(1.2, 0.12 * board.length_seconds)


def there_are_enough_shots(case: Case) -> None:
    if not case.is_crowded:
        assert len(case.storyboard.shots) >= (5 if case.storyboard.length_seconds >= 30 else 3)


def no_shot_is_endless(case: Case) -> None:
    if not case.is_crowded:
        board = case.storyboard
        assert max(shot.end_frame - shot.first_frame for shot in board.shots) / board.fps <= 11


def neighbours_show_different_things(case: Case) -> None:
    if case.is_crowded:
        return
    shots = case.storyboard.shots
    for before, after in pairwise(shots):
        seen, next_seen = case.seen(case.path(before)[-1]), case.seen(case.path(after)[0])
        assert seen.likeness(next_seen) <= MOST_ALIKE


def the_camera_stays_inside_the_picture(case: Case) -> None:
    for shot in case.storyboard.shots:
        for framing in case.path(shot):
            window = case.window(framing)
            assert min(window.left, window.top) >= -ROUNDING
            assert max(window.right, window.bottom) <= 1 + ROUNDING


def nothing_is_enlarged_beyond_what_its_sharpness_bears(case: Case) -> None:
    bears = 1.3 + 0.7 * case.scene.light.sharpness
    for shot in case.storyboard.shots:
        for framing in case.path(shot):
            enlargement = case.storyboard.width_px / (framing.width * case.scene.width_px)
            # A hand that sways narrows its window by up to 2 %.
            assert enlargement <= bears * 1.02 or framing.width >= 0.66 * 0.98 * case.widest


def no_face_is_cut(case: Case) -> None:
    protected = case.protected
    if not protected:
        return
    hopeless, crowded = case.is_hopeless, case.is_crowded
    for shot in case.storyboard.shots:
        if hopeless or (crowded and shot.subject != "wide"):
            continue
        for framing in case.path(shot):
            window = case.seen(framing)
            assert not any(crops(window, face) for face in protected), shot


def nothing_races(case: Case) -> None:
    for shot in case.storyboard.shots:
        path = case.path(shot)
        step = (shot.end_frame - shot.first_frame) / case.storyboard.fps / (SAMPLES - 1)
        for one, other in pairwise(path):
            width = min(one.width, other.width)
            aside = (other.centre_x - one.centre_x) / width
            above = (other.centre_y - one.centre_y) / width * case.scene.height_px / case.scene.width_px
            assert math.hypot(aside, above) / step <= FASTEST_TRAVEL
            assert abs(math.log(other.width / one.width)) / step <= FASTEST_ZOOM


def every_shot_moves(case: Case) -> None:
    for shot in case.storyboard.shots:
        path = case.path(shot)
        zoom = abs(math.log(path[-1].width / path[0].width))
        aside = max(abs(framing.centre_x - path[0].centre_x) for framing in path) / path[0].width
        above = max(abs(framing.centre_y - path[0].centre_y) for framing in path) / path[0].width / case.height_ratio
        assert zoom + aside + above >= 0.004


def a_shot_of_somebody_shows_them(case: Case) -> None:
    for shot in case.storyboard.shots:
        kind = shot.subject.split()[0]
        if kind in {"face", "person"}:
            window = case.seen(case.path(shot)[SAMPLES // 2])
            assert any(
                subject.kind == kind and subject.box.overlap(window) > 0.1 * min(subject.box.area, window.area)
                for subject in case.scene.subjects
            )


def only_names_and_settings_that_exist_are_used(case: Case) -> None:
    board = case.storyboard
    for shot in board.shots:
        assert shot.move.name in MOVES
        assert shot.transition.name in TRANSITIONS
    for effect in (*board.effects, *(effect for shot in board.shots for effect in shot.effects)):
        assert effect.name in EFFECTS | SET_PIECES
        effect_of(effect)


def words_stand_in_the_safe_area_one_after_another(case: Case) -> None:
    board = case.storyboard
    for cue in (*board.cues, *board.captions):
        assert cue.text.strip()
        assert 0 <= cue.first_frame < cue.end_frame <= board.frame_count
        assert cue.box.left >= 0.05
        assert cue.box.right <= 0.95
        assert cue.box.top >= 0.05
        assert cue.box.bottom <= 0.95
        assert 0.0 <= cue.shade < 1.0
    for cues in (board.cues, board.captions):
        for before, after in pairwise(cues):
            assert before.end_frame <= after.first_frame


def it_is_json_and_back(case: Case) -> None:
    assert serialization.loads(serialization.dumps(case.storyboard)) == case.storyboard


RULES = (
    shots_cover_the_film_with_no_gap,
    the_size_is_even_within_its_edges_and_of_the_wished_shape,
    cuts_fall_on_beats,
    strong_transitions_stand_on_downbeats_and_never_twice_in_a_row,
    transitions_are_centred_and_fit_into_their_shots,
    it_opens_wide_and_ends_on_a_held_wide,
    there_are_enough_shots,
    no_shot_is_endless,
    neighbours_show_different_things,
    the_camera_stays_inside_the_picture,
    nothing_is_enlarged_beyond_what_its_sharpness_bears,
    no_face_is_cut,
    nothing_races,
    every_shot_moves,
    a_shot_of_somebody_shows_them,
    only_names_and_settings_that_exist_are_used,
    words_stand_in_the_safe_area_one_after_another,
    it_is_json_and_back,
)
