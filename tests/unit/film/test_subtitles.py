"""Captions as files: WebVTT and LRC."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.stories import a_grid, a_scene, a_song, a_treatment, wishes_for

from auratune.core.geometry import Box
from auratune.core.options import FilmFormat
from auratune.core.storyboard import TypeCue
from auratune.film.editing.editor import draw_storyboard
from auratune.film.rendering.subtitles import write_lrc, write_vtt

if TYPE_CHECKING:
    from auratune.core.storyboard import Storyboard


def line(text: str, first_frame: int, end_frame: int, timing: str = "sung") -> TypeCue:
    return TypeCue(
        role="lyric",
        text=text,
        first_frame=first_frame,
        end_frame=end_frame,
        box=Box(0.08, 0.74, 0.92, 0.92),
        timing=timing,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def board() -> Storyboard:
    treatment = a_treatment()
    return draw_storyboard(a_scene(), treatment, a_song(treatment), a_grid(), wishes_for(FilmFormat(fps=30)), seed=1)


def test_each_line_has_its_times_and_place(board: Storyboard) -> None:
    vtt = write_vtt(replace(board, captions=(line("Morning", 45, 135), line("Evening", 110_000, 110_030))))
    assert vtt == (
        "WEBVTT\n\n"
        "1\n00:00:01.500 --> 00:00:04.500 line:83%,center align:center\nMorning\n\n"
        "2\n01:01:06.667 --> 01:01:07.667 line:83%,center align:center\nEvening\n"
    )


def test_markup_and_arrows_in_a_line_are_escaped(board: Storyboard) -> None:
    vtt = write_vtt(replace(board, captions=(line("<b>you & me</b> --> home\n\nNOTE x", 0, 30),)))
    assert "&lt;b&gt;you &amp; me&lt;/b&gt; --&gt; home NOTE x\n" in vtt
    assert vtt.count("-->") == 1


def test_estimated_times_are_marked(board: Storyboard) -> None:
    assert "NOTE " in write_vtt(replace(board, captions=(line("Morning", 0, 30, "estimated"),)))
    assert "NOTE " not in write_vtt(replace(board, captions=(line("Morning", 0, 30, "sung"),)))


def test_a_film_without_words_has_only_a_header(board: Storyboard) -> None:
    assert write_vtt(replace(board, captions=())) == "WEBVTT\n"
    assert write_lrc(replace(board, title="Light", captions=())) == "[ti:Light]\n[length:00:30]\n"


def test_lrc_tells_title_length_and_pauses(board: Storyboard) -> None:
    captions = (line("Morning", 45, 135), line("Noon", 140, 200), line("[night]", 600, 700))
    assert write_lrc(replace(board, title="Light", captions=captions)) == (
        "[ti:Light]\n[length:00:30]\n[00:01.50]Morning\n[00:04.67]Noon\n[00:06.67]\n[00:20.00][night]\n[00:23.33]\n"
    )


def test_what_the_editor_laid_comes_out_whole(board: Storyboard) -> None:
    vtt = write_vtt(board)
    for cue in board.captions:
        assert cue.text in vtt
    assert len(board.captions) == 4
