"""Scores keep the promises of a good arrangement, whatever the mood, the seed and the length."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import pytest
from tests.unit.music.briefs import a_brief, many_briefs

from auratune.core.options import MUSIC_STYLES
from auratune.music.composition.arranger import arrange
from auratune.music.composition.harmony import harmonise
from auratune.music.composition.song_plan import fit_tempo, make_plan, plan_sections
from auratune.music.instruments import INSTRUMENTS
from auratune.music.styles import STYLES

if TYPE_CHECKING:
    from auratune.music.score import Part, Score

UNPITCHED = {"drums", "percussion", "effects", "texture"}
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


def tuned(score: Score) -> list[Part]:
    return [part for part in score.parts if part.role not in UNPITCHED]


def strong_beats(score: Score, role: str = "") -> tuple[int, int]:
    """How many notes of a role (or of all) on beats one and three are tones of their chord, and how many there are."""
    hits = total = 0
    slack = 0.08
    for part in tuned(score):
        for note in part.notes if role in {"", part.role} else ():
            beat = round(note.start_beats)
            if beat % 2 or abs(note.start_beats - beat) > slack or beat >= score.total_beats:
                continue
            chord = next(s.chord for s in score.chords if s.start_beats <= beat < s.end_beats)
            total += 1
            hits += note.pitch % 12 in (*chord.tones, chord.bass)
    return hits, total


def sounding_parts(score: Score, beat: float) -> int:
    return sum(
        any(note.start_beats < beat + 1.0 and note.start_beats + note.length_beats > beat for note in part.notes)
        for part in score.parts
        if part.role not in {"effects", "texture"}
    )


def test_the_table_holds_every_style_that_people_may_ask_for() -> None:
    assert set(STYLES) == set(MUSIC_STYLES)
    assert all(name == style.name for name, style in STYLES.items())


def test_forty_photos_give_forty_songs_in_all_styles_and_many_tempi() -> None:
    scores = [arrange(brief) for brief in many_briefs(40)]
    assert len({score.fingerprint() for score in scores}) == 40
    assert len({tuple(note for part in score.parts for note in part.notes) for score in scores}) == 40
    assert len({round(score.tempo_bpm) for score in scores}) >= 12
    assert {score.style for score in scores} == set(MUSIC_STYLES)
    assert len({score.key.name for score in scores}) >= 10


def test_every_style_can_be_asked_for_by_name_and_by_genre_words() -> None:
    for style in MUSIC_STYLES:
        assert arrange(a_brief(style=style)).style == style
    assert arrange(a_brief(genre_tags=("warm acoustic folk",))).style == "indie-folk"
    assert arrange(a_brief(style="something like bossa nova")).style == "bossa"


def test_the_same_brief_gives_the_same_score_in_another_process() -> None:
    here = [arrange(brief).fingerprint() for brief in many_briefs(3)]
    program = (
        "from tests.unit.music.briefs import many_briefs\n"
        "from auratune.music.composition.arranger import arrange\n"
        "print(*[arrange(brief).fingerprint() for brief in many_briefs(3)])"
    )
    root = Path(__file__).parents[3]
    there = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "77"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert there == here


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_strong_beats_carry_tones_of_the_chord(style: str) -> None:
    scores = [arrange(a_brief(style=style, seed=seed, length_seconds=36.0)) for seed in range(6)]
    for role in ("", "melody", "bass"):
        counts = [strong_beats(score, role) for score in scores]
        hits, total = sum(hit for hit, _ in counts), sum(count for _, count in counts)
        assert total > 30
        assert hits / total >= 0.9


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_no_note_is_foreign_to_both_its_key_and_its_chord(style: str) -> None:
    for seed in range(6):
        score = arrange(a_brief(style=style, seed=seed, length_seconds=36.0))
        for part in tuned(score):
            for note in part.notes:
                middle = note.start_beats + min(0.12, note.length_beats / 2)
                chord = next(s.chord for s in score.chords if s.start_beats <= middle < s.end_beats)
                assert note.pitch % 12 in {*score.key.scale, *chord.tones, chord.bass}, (part.name, note)


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_at_least_four_players_sound_in_every_bar_of_a_chorus(style: str) -> None:
    for seed in range(4):
        score = arrange(a_brief(style=style, seed=seed, length_seconds=30.0, arousal=STYLES[style].arousal))
        for section in score.sections:
            if section.name == "chorus":
                for bar in range(section.first_bar, section.end_bar):
                    assert (
                        max(
                            sounding_parts(score, score.bar_beats * bar + beat)
                            for beat in range(score.metre.beats_per_bar)
                        )
                        >= 4
                    )
                    assert sounding_parts(score, score.bar_beats * bar) >= 4


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_the_verse_is_thinner_than_the_chorus(style: str) -> None:
    score = arrange(a_brief(style=style, length_seconds=36.0))

    def velocity_a_beat(name: str) -> float:
        section = next(s for s in score.sections if s.name == name)
        first, end = score.bar_beats * section.first_bar, score.bar_beats * section.end_bar
        inside = [n for part in score.parts for n in part.notes if first <= n.start_beats < end]
        return sum(note.velocity for note in inside) / (end - first)

    assert velocity_a_beat("chorus") > 1.15 * velocity_a_beat("verse")


def test_only_more_arousal_makes_a_song_faster() -> None:
    for style in ("", *MUSIC_STYLES):
        for seed in range(5):
            tempi = [make_plan(a_brief(style=style, seed=seed, arousal=step)).tempo_bpm for step in STEPS]
            assert tempi == sorted(tempi)
            assert tempi[-1] > tempi[0]


def test_only_more_valence_makes_minor_rarer() -> None:
    def minor_share(valence: float) -> float:
        spans = [
            span
            for seed in range(30)
            for span in harmonise(make_plan(a_brief(valence=valence, seed=seed, style="indie-folk")))
        ]
        return mean(span.chord.is_minor for span in spans)

    def minor_keys(valence: float) -> int:
        return sum(make_plan(a_brief(valence=valence, seed=seed)).key.mode == "minor" for seed in range(60))

    shares = [minor_share(valence) for valence in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1] + 0.1
    keys = [minor_keys(valence) for valence in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    assert keys == sorted(keys, reverse=True)
    assert keys[0] > 50
    assert keys[-1] < 10


def test_a_picture_that_is_only_brighter_keeps_its_players_and_its_notes() -> None:
    dark = arrange(a_brief(style="lo-fi", brightness=0.1))
    light = arrange(a_brief(style="lo-fi", brightness=0.9))
    assert replace(dark, brightness=0.9) == light


def test_a_wish_for_key_and_tempo_is_heard() -> None:
    score = arrange(a_brief(style="house", key="F# minor", tempo_low_bpm=90, tempo_high_bpm=96, length_seconds=30.0))
    assert score.key.name == "F# minor"
    assert 88 <= score.tempo_bpm <= 98


def test_a_mood_between_two_styles_lends_a_colour_of_the_neighbour() -> None:
    between = a_brief(style="piano-ballad", valence=-0.1, arousal=0.3, length_seconds=30.0)
    assert any(part.name.startswith("guest-") for part in arrange(between).parts)
    at_home = replace(between, valence=STYLES["piano-ballad"].valence, arousal=0.2)
    assert not any(part.name.startswith("guest-") for part in arrange(at_home).parts)


@pytest.mark.parametrize("length", [5.0, 8.0, 12.5, 30.0, 36.0, 47.3, 60.0])
def test_bars_and_tail_fill_the_length_exactly(length: float) -> None:
    for arousal in STEPS:
        score = arrange(a_brief(length_seconds=length, arousal=arousal))
        assert score.total_beats * score.beat_seconds + score.tail_seconds == pytest.approx(length)
        assert 0.6 <= score.tail_seconds <= 3.6
        assert 45 <= score.tempo_bpm <= 150
        assert score.sections[0].first_bar == 0
        assert score.sections[-1].end_bar == score.bars
        assert any(section.name == "chorus" for section in score.sections)


def test_most_wished_tempi_are_within_reach() -> None:
    misses = [abs(fit_tempo(30.0, bpm)[1] - bpm) for bpm in range(60, 140)]
    assert mean(misses) < 0.8
    assert max(misses) < 4.0


@pytest.mark.parametrize("bars", range(1, 61))
def test_any_number_of_bars_falls_into_sections_without_a_gap(bars: int) -> None:
    sections = plan_sections(bars)
    assert sections[0].first_bar == 0
    assert sections[-1].end_bar == bars
    assert all(a.end_bar == b.first_bar for a, b in itertools.pairwise(sections))
    assert all(section.end_bar > section.first_bar for section in sections)
    if bars >= 4:
        assert {"verse", "chorus"} <= {section.name for section in sections}


def test_the_energy_curve_leans_on_the_sections() -> None:
    flat = plan_sections(12)
    falling = plan_sections(12, (1.0, 0.0))
    assert falling[0].energy > flat[0].energy
    assert falling[-1].energy < flat[-1].energy
    assert next(s for s in falling if s.name == "chorus").energy > next(s for s in falling if s.name == "verse").energy


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_notes_stay_inside_the_song_and_within_what_players_can_do(style: str) -> None:
    for seed in range(3):
        score = arrange(a_brief(style=style, seed=seed, length_seconds=30.0))
        end = score.length_seconds / score.beat_seconds
        for part in score.parts:
            assert part.instrument in INSTRUMENTS
            assert list(part.notes) == sorted(part.notes, key=lambda n: (n.start_beats, n.pitch))
            for note in part.notes:
                assert 0.0 <= note.start_beats < end
                assert note.start_beats + note.length_beats <= end + 1e-3
                assert 0.05 <= note.velocity <= 1.0
                if part.role not in UNPITCHED:
                    assert 24 <= note.pitch <= 103


def test_players_are_never_exact_and_never_far_off() -> None:
    score = arrange(a_brief(style="lo-fi", length_seconds=36.0))
    drums = next(part for part in score.parts if part.role == "drums")
    hats = [note for note in drums.notes if note.pitch == 42]
    assert len({note.velocity for note in hats}) > len(hats) * 0.7
    kicks = [note for note in drums.notes if note.pitch in {36, 42} and abs(note.start_beats % 1.0) < 0.2]
    off_seconds = [abs(note.start_beats - round(note.start_beats)) * score.beat_seconds for note in kicks]
    assert max(off_seconds) < 0.03
    assert len(set(off_seconds)) > 3


def test_swung_styles_play_late_sixteenths() -> None:
    score = arrange(a_brief(style="lo-fi", length_seconds=36.0))
    drums = next(part for part in score.parts if part.role == "drums")
    off = [(n.start_beats * 4) % 2 - 1 for n in drums.notes if n.pitch == 42 and 0.7 < (n.start_beats * 4) % 2 < 1.7]
    assert off
    assert 0.1 < mean(off) < 0.4


@pytest.mark.parametrize("style", [name for name in MUSIC_STYLES if STYLES[name].drums and STYLES[name].drums.fills])
def test_the_bar_before_a_chorus_is_a_fill(style: str) -> None:
    score = arrange(a_brief(style=style, length_seconds=36.0, arousal=0.6))
    drums = next(part for part in score.parts if part.role == "drums")
    chorus = next(section for section in score.sections if section.name == "chorus")

    def bar(number: int) -> list[tuple[int, int]]:
        return sorted(
            (round((n.start_beats - score.bar_beats * number) * score.steps_per_beat), n.pitch)
            for n in drums.notes
            if -0.1 <= n.start_beats - score.bar_beats * number < score.bar_beats - 0.1
        )

    assert bar(chorus.first_bar - 1) != bar(chorus.first_bar - 2)


def test_melodies_answer_with_the_motif_they_asked_with() -> None:
    score = arrange(a_brief(style="indie-folk", length_seconds=36.0, arousal=0.5))
    tune = next(part for part in score.parts if part.role == "melody").notes
    verse = next(section for section in score.sections if section.name == "verse")
    assert verse.end_bar - verse.first_bar == 4

    def rhythm(bar: int) -> list[int]:
        first, length = score.bar_beats * (verse.first_bar + bar), score.bar_beats
        inside = [n.start_beats - first for n in tune if -0.1 <= n.start_beats - first < length - 0.1]
        return [round(start * score.steps_per_beat) for start in inside]

    assert rhythm(0) == rhythm(1)
    assert rhythm(2) != rhythm(0)
    early = [step for step in rhythm(0) if step < score.metre.bar_steps // 2 + 1]
    assert rhythm(3) == early, "the answer begins alike and holds its last note"


def test_nobody_plays_a_thing_twice_the_same_way_over_a_whole_chorus() -> None:
    for style in MUSIC_STYLES:
        score = arrange(a_brief(style=style, length_seconds=36.0))
        chorus = next(section for section in score.sections if section.name == "chorus")
        bars = {
            tuple(
                (round(n.start_beats - score.bar_beats * bar, 2), n.pitch, round(n.velocity, 2))
                for part in score.parts
                for n in part.notes
                if score.bar_beats * bar <= n.start_beats < score.bar_beats * (bar + 1)
            )
            for bar in range(chorus.first_bar, chorus.end_bar)
        }
        assert len(bars) == chorus.end_bar - chorus.first_bar
