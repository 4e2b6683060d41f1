"""The finished song measures like one: level, peaks, length, sections, no holes; and it knows its own beats."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import mido
import numpy as np
import pytest
from scipy.io import wavfile
from tests.unit.music.briefs import a_brief

from auratune.core.options import MUSIC_STYLES
from auratune.music.audio import read_sound
from auratune.music.compose import compose
from auratune.music.composition.arranger import arrange
from auratune.music.export import export_midi, export_stems
from auratune.music.instruments.synthesis import RATE
from auratune.music.mixing.loudness import integrated_lufs, true_peak_dbtp
from auratune.music.mixing.mixer import mix

if TYPE_CHECKING:
    from auratune.music.instruments.synthesis import Sound
    from auratune.music.score import Score

MOST_PEAK_MB = 300.0


def level_db(samples: Sound) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-15))


def section_level_db(samples: Sound, score: Score, name: str) -> float:
    bar = score.bar_beats * score.beat_seconds * RATE
    parts = [samples[int(s.first_bar * bar) : int(s.end_bar * bar)] for s in score.sections if s.name == name]
    return level_db(np.concatenate(parts))


def centroid_hz(samples: Sound) -> float:
    """Mean frequency of the spectrum's magnitude, over the whole song."""
    spectrum = np.abs(np.fft.rfft(samples.mean(axis=1)))
    return float((np.fft.rfftfreq(len(samples), 1 / RATE) * spectrum).sum() / spectrum.sum())


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_a_song_of_every_style_measures_well_after_the_mp3(style: str, tmp_path: Path) -> None:
    brief = a_brief(style=style, length_seconds=12.0)
    score = arrange(brief)
    song = compose(brief, str(tmp_path / "song.mp3"))
    sound = read_sound(str(tmp_path / "song.mp3"))
    assert abs(len(sound) / RATE - 12.0) < 0.010
    assert song.length_seconds == pytest.approx(12.0, abs=0.001)
    assert integrated_lufs(sound, RATE) == pytest.approx(-14.0, abs=0.7)
    assert true_peak_dbtp(sound, RATE) <= -1.0
    tail = int(score.total_beats * score.beat_seconds * RATE)
    frames = [level_db(sound[start : start + 4410]) for start in range(0, tail - 4410, 4410)]
    assert min(frames) > -50.0, "a hole"
    assert level_db(sound[-441:]) < -45.0, "the last chord has died away"
    assert section_level_db(sound, score, "chorus") - section_level_db(sound, score, "verse") >= 1.5
    assert abs(level_db(sound[:, 0]) - level_db(sound[:, 1])) < 2.0, "it leans to one side"
    assert level_db(sound[:, 0] - sound[:, 1]) < level_db(sound[:, 0] + sound[:, 1]) - 2.0, "one loudspeaker loses it"
    assert level_db(sound[:, 0] - sound[:, 1]) > level_db(sound[:, 0] + sound[:, 1]) - 25.0, "it is as good as mono"
    assert np.abs(sound.mean(axis=0)).max() < 0.002, "a constant offset"


def test_a_plucked_song_has_no_hole_at_the_slowest_tempo() -> None:
    score = arrange(a_brief(style="bossa", length_seconds=10.0, tempo_low_bpm=56, tempo_high_bpm=60, seed=2))
    sound = mix(score)
    tail = int(score.total_beats * score.beat_seconds * RATE)
    assert min(level_db(sound[start : start + 4410]) for start in range(0, tail - 4410, 4410)) > -50.0


def test_a_song_of_36_seconds_stays_within_its_memory_and_is_as_long_as_asked(tmp_path: Path) -> None:
    program = (
        "import pathlib, re, sys\n"
        "from tests.unit.music.briefs import a_brief\n"
        "from auratune.music.compose import compose\n"
        "compose(a_brief(style='indie-folk', length_seconds=36.0, arousal=0.6), sys.argv[1])\n"
        # Not ru_maxrss: that of a child begins with what its parent held when it was born.
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) / 1024)\n"
    )
    root = Path(__file__).parents[3]
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    printed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "song.mp3")],
        cwd=root,
        env={**os.environ, **threads, "PYTHONPATH": str(root)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert float(printed) <= MOST_PEAK_MB
    sound = read_sound(str(tmp_path / "song.mp3"))
    assert abs(len(sound) / RATE - 36.0) < 0.010


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_a_picture_that_is_only_brighter_sounds_brighter(style: str) -> None:
    centroids = [
        centroid_hz(mix(arrange(a_brief(style=style, length_seconds=5.0, brightness=brightness))))
        for brightness in (0.0, 1.0)
    ]
    assert centroids[1] > 1.1 * centroids[0]


def test_a_warmer_picture_has_more_body() -> None:
    def low_share(warmth: float) -> float:
        sound = mix(arrange(a_brief(style="house", length_seconds=5.0, warmth=warmth)))
        power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
        hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
        return float(power[(hertz > 80) & (hertz < 300)].sum() / power.sum())

    assert low_share(1.0) > low_share(-1.0)


def test_the_same_brief_gives_the_same_samples() -> None:
    brief = a_brief(style="bossa", length_seconds=5.0)
    assert np.array_equal(mix(arrange(brief)), mix(arrange(brief)))
    assert not np.array_equal(mix(arrange(brief)), mix(arrange(replace(brief, seed=8))))


def test_the_song_knows_its_beats_and_sections(tmp_path: Path) -> None:
    brief = a_brief(style="synthwave", length_seconds=20.0)
    song = compose(brief, str(tmp_path / "song.mp3"))
    score = arrange(brief)
    grid = song.grid
    assert grid is not None
    assert (grid.source, grid.confidence, grid.length_seconds) == ("composer", 1.0, 20.0)
    assert grid.beats[0] == 0.0
    assert grid.beats[-1] < 20.0
    assert all(b - a == pytest.approx(score.beat_seconds, abs=1e-5) for a, b in itertools.pairwise(grid.beats))
    assert grid.downbeats == grid.beats[::4]
    assert len(grid.energy) == len(grid.beats)
    assert all(0.0 <= value <= 1.0 for value in grid.energy)
    assert grid.sections[0].start_seconds == 0.0
    assert grid.sections[-1].end_seconds == 20.0
    assert all(a.end_seconds == b.start_seconds for a, b in itertools.pairwise(grid.sections))
    assert grid.sections[-1].name == "outro"
    chorus = next(section for section in grid.sections if section.name == "chorus")
    verse = next(section for section in grid.sections if section.name == "verse")

    def energy_in(start: float, end: float) -> float:
        return float(np.mean([e for beat, e in zip(grid.beats, grid.energy, strict=True) if start <= beat < end]))

    louder = energy_in(chorus.start_seconds, chorus.end_seconds) - energy_in(verse.start_seconds, verse.end_seconds)
    assert louder > 0.04


def test_beats_lie_where_the_drums_strike() -> None:
    """The grid is checked against the sound itself: energy jumps at each beat of a four-on-the-floor chorus."""
    score = arrange(a_brief(style="house", length_seconds=16.0))
    sound = mix(score).mean(axis=1)
    chorus = next(section for section in score.sections if section.name == "chorus")
    hop = 64
    spectrum = np.abs(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(sound, 512)[::hop], axis=1))
    onset = np.maximum(np.diff(spectrum[:, :4].sum(axis=1)), 0)
    late = []
    for beat in range(4 * chorus.first_bar, 4 * chorus.end_bar - 4):
        at = beat * score.beat_seconds * RATE / hop
        first = int(at - 0.06 * RATE / hop)
        window = onset[first : int(at + 0.06 * RATE / hop)]
        late.append((first + int(np.argmax(window)) - at) * hop / RATE)
    assert abs(float(np.median(late))) < 0.015


def test_lyrics_are_laid_on_the_grid_and_marked_as_estimated(tmp_path: Path) -> None:
    song = compose(a_brief(style="lo-fi", length_seconds=8.0), str(tmp_path / "song.mp3"))
    assert song.timing == "estimated"
    assert [line.text for line in song.lines] == ["The harbour keeps the light", "and we keep the time"]
    assert all(line.start_seconds is not None and line.words == () for line in song.lines)
    bare = compose(a_brief(style="lo-fi", lyrics=(), length_seconds=5.0), str(tmp_path / "bare.mp3"))
    assert (bare.timing, bare.lines) == ("none", ())


def test_the_shortest_film_gets_a_song(tmp_path: Path) -> None:
    song = compose(a_brief(length_seconds=5.0, style="ambient-drift"), str(tmp_path / "song.mp3"))
    sound = read_sound(str(tmp_path / "song.mp3"))
    assert abs(len(sound) / RATE - 5.0) < 0.010
    assert integrated_lufs(sound, RATE) == pytest.approx(-14.0, abs=0.7)
    assert song.grid is not None
    assert song.grid.sections[-1].end_seconds == 5.0


def test_the_score_can_be_had_as_midi(tmp_path: Path) -> None:
    brief = a_brief(style="bossa", title="Über den Hügeln ♥", key="Ab minor")
    export_midi(brief, str(tmp_path / "score.mid"))
    score = arrange(brief)
    played = mido.MidiFile(tmp_path / "score.mid")
    heard = sum(message.type == "note_on" for track in played.tracks for message in track)
    written = sum(len(part.notes) for part in score.parts if part.role not in {"effects", "texture"})
    assert heard == written
    tempi = [message.tempo for message in played.tracks[0] if message.type == "set_tempo"]
    assert mido.tempo2bpm(tempi[0]) == pytest.approx(score.tempo_bpm, abs=0.01)
    assert played.length == pytest.approx(score.length_seconds, abs=0.2)
    markers = [message.text for message in played.tracks[0] if message.type == "marker"]
    assert markers == [section.name for section in score.sections]


def test_the_stems_can_be_had_and_add_up_to_something_like_the_song(tmp_path: Path) -> None:
    brief = a_brief(style="indie-folk", length_seconds=8.0)
    names = export_stems(brief, str(tmp_path))
    assert len(names) == len(arrange(brief).parts)
    total = np.zeros((8 * RATE, 2))
    for name in names:
        rate, stem = wavfile.read(tmp_path / name)
        assert (rate, stem.shape) == (RATE, (8 * RATE, 2))
        total += stem / 32768
    song = mix(arrange(brief)).astype(np.float64)
    assert np.corrcoef(total.mean(axis=1), song.mean(axis=1))[0, 1] > 0.8
