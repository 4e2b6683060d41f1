"""Scores are written as people write: tempo, grooves, tunes and voices keep to what real songs show."""

from __future__ import annotations

import itertools
from statistics import mean
from typing import TYPE_CHECKING

import pytest
from benchmarks.music_score import (
    briefs,
    groove_figures,
    lag_one,
    melody_figures,
    mood_figures,
    voice_figures,
)
from tests.unit.music.briefs import a_brief, many_briefs

from auratune.core.options import MUSIC_STYLES
from auratune.music.composition.arranger import arrange
from auratune.music.composition.patterns import in_metre
from auratune.music.score import METRES
from auratune.music.styles import STYLES

if TYPE_CHECKING:
    from auratune.music.score import Score


pytestmark = pytest.mark.xdist_group("writing")  # the scores of a style are shared


@pytest.fixture(scope="module", params=MUSIC_STYLES)
def scores(request: pytest.FixtureRequest) -> list[Score]:
    return [arrange(brief) for brief in briefs(request.param, 10)]


@pytest.mark.parametrize("window", [0.0, 12.0])
def test_a_mood_alone_never_leaves_the_tempo_range_of_its_style(window: float) -> None:
    for brief in many_briefs(60, tempo_low_bpm=window and 60.0, tempo_high_bpm=window and 72.0):
        score = arrange(brief)
        style = STYLES[score.style]
        assert style.tempo_low_bpm <= round(score.tempo_bpm, 3) <= style.tempo_high_bpm


def test_tunes_walk_by_step_and_turn_back_after_leaps(scores: list[Score]) -> None:
    figures = melody_figures(scores)
    assert 0.45 <= figures["steps"] <= 0.70
    assert 0.07 <= figures["repeated_notes"] <= 0.24
    assert figures["leaps_8"] <= 0.02
    assert figures["leaps_turned"] >= 0.7


def test_tunes_repeat_bars_breathe_and_keep_their_highest_note_for_the_chorus(scores: list[Score]) -> None:
    figures = melody_figures(scores)
    assert figures["bars_repeated"] >= 0.13
    assert figures["longest_phrase"] <= 10.0
    assert figures["top_in_chorus"] >= 0.9


def test_seeds_play_different_grooves_and_the_bass_follows_the_kick(scores: list[Score]) -> None:
    figures = groove_figures(scores)
    assert figures["drum_jaccard"] <= 0.6
    assert figures["bass_rhythms"] >= 3
    assert figures["comp_rhythms"] >= 3
    assert figures["bass_on_kick"] >= 0.7


def test_the_tune_agrees_with_the_players_and_outer_voices_do_not_run_in_parallel(scores: list[Score]) -> None:
    figures = voice_figures(scores)
    assert figures["rubs"] < 0.03
    assert figures["parallels"] <= 0.1 or scores[0].style in {"house", "synthwave"}
    assert figures["third_doubled"] == 0.0
    assert figures["two_chord_bars"] > 0.02


def test_timing_drifts_rather_than_jumps(scores: list[Score]) -> None:
    assert 0.15 <= mean(value for score in scores[:6] for value in lag_one(score)) <= 0.55


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_arousal_means_more_notes_and_valence_higher_ones_in_other_colours(style: str) -> None:
    figures = mood_figures(style, 5)
    assert figures["arousal_onsets"] >= 1.3
    assert figures["valence_register"] >= 1.0
    assert figures["valence_colour"] >= 0.6


@pytest.mark.parametrize(("words", "metre"), [("waltz", "3/4"), ("ballad in 6/8", "6/8"), ("slow", "4/4")])
def test_words_ask_for_a_metre(words: str, metre: str) -> None:
    score = arrange(a_brief(style="bossa", genre_tags=(words,), length_seconds=30.0))
    assert score.metre == METRES[metre]
    assert score.total_beats * score.beat_seconds + score.tail_seconds == pytest.approx(30.0)
    bass = next(part for part in score.parts if part.role == "bass")
    struck = {round(note.start_beats / score.bar_beats) for note in bass.notes}
    assert len(struck) >= 0.7 * score.bars, "the bass marks the bars of this metre"
    assert all(a.end_bar == b.first_bar for a, b in itertools.pairwise(score.sections))


def test_a_back_beat_becomes_that_of_a_waltz_and_halves_become_bars_of_six() -> None:
    assert in_metre("X...x...X...x...", METRES["3/4"]) == "X...x...x..."
    assert in_metre("X---x---X---x---", METRES["6/8"]) == "X-----x-----" * 2
    assert in_metre("x-x-", METRES["6/8"]) == "x---x-"
