"""The editor: from scene, treatment, song and beats to a storyboard."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from tests.stories import a_grid, a_scene, a_song, a_treatment, wishes_for

from auratune.core import serialization
from auratune.core.geometry import Box
from auratune.core.options import LOOKS, FilmFormat, Options
from auratune.core.scene import Subject
from auratune.core.song import SungLine
from auratune.core.storyboard import Storyboard
from auratune.core.treatment import LyricLine
from auratune.film.editing.editor import draw_storyboard
from auratune.film.editing.pacing import section_at

FACE = Subject("face", Box(0.42, 0.3, 0.56, 0.42), 0.9, "a face")


def story(
    seed: int = 7, *, subjects=(FACE,), form: FilmFormat | None = None, grid=None, look="golden", **song
) -> Storyboard:
    form = form or FilmFormat()
    treatment = a_treatment(look=look)
    return draw_storyboard(
        a_scene(subjects=subjects),
        treatment,
        a_song(treatment, **song),
        grid or a_grid(length_seconds=form.length_seconds),
        wishes_for(form),
        seed=seed,
    )


def effect(board: Storyboard, name: str) -> dict:
    return next(dict(effect.settings) for effect in board.effects if effect.name == name)


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert serialization.dumps(story()) == serialization.dumps(story())


def test_another_seed_gives_another_cut() -> None:
    assert len({serialization.dumps(replace(story(seed), seed=0)) for seed in range(8)}) >= 7


def test_the_first_detail_is_the_face() -> None:
    assert story().shots[1].subject.startswith("face")


def test_shots_are_longer_in_verses_than_in_choruses() -> None:
    plan = (("verse", 0.5, 0.5), ("chorus", 1.0, 0.9))
    verse, chorus = [], []
    for seed in range(12):
        grid = a_grid(104, 60.0, plan=plan)
        board = story(seed, form=FilmFormat(length_seconds=60.0), grid=grid)
        for shot in board.shots[1:-1]:
            middle = (shot.first_frame + shot.end_frame) / 2 / board.fps
            lengths = verse if section_at(grid, middle).name == "verse" else chorus
            lengths.append((shot.end_frame - shot.first_frame) / board.fps)
    assert sum(verse) / len(verse) > 1.3 * sum(chorus) / len(chorus)


def test_the_rhythm_varies() -> None:
    for seed in range(10):
        board = story(seed)
        assert len({shot.end_frame - shot.first_frame for shot in board.shots}) >= 3


def test_the_camera_is_seen_to_move_in_the_quietest_song() -> None:
    slow = total = 0
    for seed in range(6):
        board = story(seed, grid=a_grid(plan=(("verse", 1.0, 0.0),)))
        for shot in board.shots:
            start, end, seconds = shot.move.start, shot.move.end, (shot.end_frame - shot.first_frame) / board.fps
            way = abs(end.centre_x - start.centre_x) + abs(end.centre_y - start.centre_y)
            slow += abs(end.width - start.width) + way < 0.024 * seconds * start.width
            total += 1
    # A shot between faces may have room for no more.
    assert slow <= 0.05 * total


def test_sections_are_met_by_cuts() -> None:
    met = total = 0
    for seed in range(10):
        board = story(seed)
        ends = [shot.end_frame for shot in board.shots]
        for section in board.beats.sections[1:]:
            total += 1
            met += any(abs(end - section.start_seconds * board.fps) <= 1 for end in ends)
    assert met >= 0.8 * total


def test_a_grid_that_is_a_guess_is_cut_by_phrases() -> None:
    board = story(grid=a_grid(confidence=0.2))
    lengths = [(shot.end_frame - shot.first_frame) / board.fps for shot in board.shots]
    step = 30.0 / 16
    assert all(abs(length / step - round(length / step)) < 0.05 for length in lengths)


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
@pytest.mark.parametrize("seconds", [5.0, 12.5, 30.0, 60.0])
def test_length_is_exact_at_every_rate(fps: int, seconds: float) -> None:
    board = story(form=FilmFormat(length_seconds=seconds, fps=fps))
    assert board.frame_count == round(seconds * fps)
    assert board.shots[-1].end_frame == board.frame_count


@pytest.mark.parametrize("look", LOOKS)
def test_the_look_of_the_treatment_is_graded(look: str) -> None:
    board = story(look=look)
    assert board.look == look
    assert effect(board, "grade")["look"] == look


def test_an_unknown_look_becomes_natural() -> None:
    assert story(look="sepia-dream").look == "natural"


def test_the_beat_pulses_only_where_it_is_loud_and_sure() -> None:
    pulses = [any(effect.name == "beat_pulse" for effect in shot.effects) for shot in story().shots]
    assert any(pulses)
    assert not all(pulses)
    unsure = story(grid=a_grid(confidence=0.45))
    assert not any(effect.name == "beat_pulse" for shot in unsure.shots for effect in shot.effects)


def test_captions_are_burned_kept_aside_or_off() -> None:
    boards = {mode: story(form=FilmFormat(captions=mode)) for mode in ("burned", "soft", "off")}
    drawn = {mode: [cue for cue in board.cues if cue.role == "lyric"] for mode, board in boards.items()}
    assert drawn["burned"]
    assert not drawn["soft"]
    assert not drawn["off"]
    assert all(board.captions for board in boards.values())
    assert {board.captions_mode for board in boards.values()} == {"burned", "soft", "off"}


def test_estimated_lyrics_begin_on_bars_and_are_marked() -> None:
    board = story()
    assert len(board.captions) == 4
    for cue in board.captions:
        assert cue.timing == "estimated"
        seconds = cue.first_frame / board.fps
        assert min(abs(seconds - downbeat) for downbeat in board.beats.downbeats) * board.fps <= 1


def test_sung_lyrics_keep_the_vendors_times_counted_from_where_the_film_begins() -> None:
    lines = (
        SungLine(text="before the film", start_seconds=2.0, end_seconds=4.0),
        SungLine(text="first", start_seconds=12.0, end_seconds=14.0),
        SungLine(text="second", start_seconds=20.5, end_seconds=23.0),
        SungLine(text="after the film", start_seconds=45.0, end_seconds=47.0),
    )
    board = story(grid=a_grid(starts_at_seconds=10.0), lines=lines, timing="sung")
    assert [(cue.text, cue.first_frame, cue.timing) for cue in board.captions] == [
        ("first", 60, "sung"),
        ("second", 315, "sung"),
    ]


def test_lyrics_give_way_to_the_titles() -> None:
    board = story()
    for one, other in pairwise(board.cues):
        assert one.end_frame <= other.first_frame
    assert board.cues[0].role == "title"
    assert board.cues[-1].role == "end"


@pytest.mark.parametrize(
    ("words_by", "music_by", "credit"),
    [
        ("embedded", "embedded", "an AuraTune film"),
        ("claude", "suno", "words by Claude · music by Suno"),
        ("you", "embedded", "an AuraTune film · words by you"),
        ("embedded", "elevenlabs", "an AuraTune film · music by ElevenLabs"),
    ],
)
def test_the_end_card_says_truthfully_who_made_it(words_by: str, music_by: str, credit: str) -> None:
    treatment = replace(a_treatment(), words_by=words_by)
    song = a_song(treatment, music_by=music_by)
    board = draw_storyboard(a_scene(), treatment, song, a_grid(), Options(), seed=1)
    assert board.cues[-1].text == f"Light on the Stone\n{credit}"


def test_a_remake_in_another_shape_needs_nothing_but_other_wishes() -> None:
    first, second = story(), story(form=FilmFormat(aspect="16:9", captions="soft"))
    assert (first.width_px, first.height_px) == (1080, 1440)
    assert second.width_px > second.height_px
    assert second.beats == first.beats


def test_letterboxed_words_stand_between_the_bars() -> None:
    board = story(form=FilmFormat(aspect="1:1", letterbox=True))
    bar = (1 - 1 / 2.39) / 2
    for cue in board.cues:
        assert cue.box.top >= bar
        assert cue.box.bottom <= 1 - bar


def test_words_keep_off_faces() -> None:
    low_face = Subject("face", Box(0.3, 0.74, 0.7, 0.95), 0.95)
    board = story(subjects=(low_face,), form=FilmFormat(captions="burned"))
    wide_cues = [cue for cue in board.cues if cue.end_frame <= board.shots[0].end_frame]
    assert wide_cues
    for cue in wide_cues:
        assert cue.box.overlap(low_face.box) < 0.1 * low_face.box.area


def test_planning_needs_no_heavy_library() -> None:
    heavy = "numpy", "scipy", "cv2", "PIL", "av"
    code = f"import sys, auratune.film.editing.editor; sys.exit(bool(set({heavy!r}) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_lines_that_came_with_times_stand_at_those_times() -> None:
    lyrics = (LyricLine("first", start_seconds=6.0), LyricLine("second", start_seconds=10.5))
    treatment = replace(a_treatment(), lyrics=lyrics)
    board = draw_storyboard(a_scene(), treatment, a_song(treatment), a_grid(), wishes_for(FilmFormat()), seed=1)
    starts = {cue.text: cue.first_frame / board.fps for cue in board.captions}
    assert starts == pytest.approx({"first": 6.0, "second": 10.5}, abs=0.05)
