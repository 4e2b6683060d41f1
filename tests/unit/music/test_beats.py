"""The tracker finds the beats that were played, and knows when there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.test_songs import KnownSong, perform
from scipy.signal import resample_poly

from auratune.music.analysis.bars import first_downbeat
from auratune.music.analysis.beats import track_pulse
from auratune.music.analysis.onsets import ANALYSIS_RATE, FRAMES_PER_SECOND, detect_onsets
from auratune.music.analysis.tempo import TempoHint, candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Curve = NDArray[np.float32]

STYLES = ("rock", "disco", "ballad", "shuffle", "latin", "floating", "picking", "laid-back")


def mono(song: KnownSong) -> Curve:
    return resample_poly(song.samples.mean(axis=1), 1, 2).astype(np.float32)


def hit_rate(true: NDArray[np.floating], found: NDArray[np.floating], within: float = 0.07) -> float:
    """Harmonic mean of how many true moments were found and how many found ones are true."""
    found = found[(found >= true[0] - 0.1) & (found <= true[-1] + 0.1)]
    if not len(found):
        return 0.0
    distance = np.abs(true[:, None] - found[None, :])
    recall, precision = (distance.min(axis=1) < within).mean(), (distance.min(axis=0) < within).mean()
    return float(2 * recall * precision / max(recall + precision, 1e-9))


def clicks(bpm: float, *, seconds: float = 20.0, first: float = 0.3, accent: int = 4) -> Curve:
    sound = np.zeros(int(seconds * ANALYSIS_RATE), np.float32)
    t = np.arange(int(0.05 * ANALYSIS_RATE)) / ANALYSIS_RATE
    for beat in range(int((seconds - first - 0.1) * bpm / 60)):
        hz = 80.0 if beat % accent == 0 else 1200.0
        at = int((first + beat * 60 / bpm) * ANALYSIS_RATE)
        sound[at : at + len(t)] += np.sin(2 * np.pi * hz * t) * np.exp(-t * 60)
    return sound


def speech(seed: int, seconds: float = 20.0) -> Curve:
    """Syllables of uneven length and pitch with pauses: the rhythm of talk."""
    rng = np.random.default_rng(seed)
    sound = rng.standard_normal(int(seconds * ANALYSIS_RATE)) * 0.001
    at = 0.2
    while at < seconds - 3.5:
        for _ in range(int(rng.integers(3, 11))):
            length = float(rng.uniform(0.07, 0.28))
            t = np.arange(int(length * ANALYSIS_RATE)) / ANALYSIS_RATE
            pitch = rng.uniform(90, 140) * (1 - 0.1 * t / length)
            phase = 2 * np.pi * np.cumsum(pitch) / ANALYSIS_RATE
            formant = rng.uniform(400, 1800)
            voice = sum(np.sin(k * phase) * np.exp(-(((k * 115 - formant) / 300) ** 2)) for k in range(1, 20))
            start = int(at * ANALYSIS_RATE)
            sound[start : start + len(t)] += voice * np.sin(np.pi * t / length) ** 0.5
            at += length + float(rng.uniform(0, 0.06))
        at += float(rng.uniform(0.2, 0.9))
    return (sound / np.abs(sound).max() / 2).astype(np.float32)


@pytest.mark.parametrize(("number", "style"), list(enumerate(STYLES)))
def test_beats_and_bars_of_every_style_are_found_with_the_tempo_asked_for(number: int, style: str) -> None:
    bpm = 66.0 + 15.5 * number
    song = perform(style, bpm, 300 + number, drums=number % 3 != 1, lead_in=0.23 * number, length_seconds=24.0)
    onsets = detect_onsets(mono(song))
    pulse = track_pulse(onsets, TempoHint(bpm * 0.94, bpm * 1.05))
    assert pulse is not None
    assert hit_rate(song.beats, pulse.beats) >= 0.95
    assert hit_rate(song.downbeats, pulse.beats[first_downbeat(pulse.beats, onsets, 4) :: 4]) >= 0.9
    error = np.median(np.abs(song.beats[:, None] - pulse.beats[None, :]).min(axis=1))
    assert error <= 0.015
    assert pulse.confidence >= 0.5
    assert pulse.tempo_bpm == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize(("style", "bpm", "seed"), [("waltz", 132.0, 391), ("slow waltz", 92.0, 392)])
def test_bars_of_three_are_found(style: str, bpm: float, seed: int) -> None:
    song = perform(style, bpm, seed, length_seconds=24.0)
    onsets = detect_onsets(mono(song))
    pulse = track_pulse(onsets, TempoHint(bpm * 0.94, bpm * 1.05))
    assert pulse is not None
    assert pulse.beats_per_bar == 3
    downs = pulse.beats[first_downbeat(pulse.beats, onsets, 3) :: 3]
    assert hit_rate(song.downbeats, downs) >= 0.9


def test_most_songs_are_found_without_being_told_anything() -> None:
    rates = []
    for number, style in enumerate(("rock", "disco", "ballad", "picking")):
        song = perform(style, 84.0 + 19 * number, 330 + number, length_seconds=24.0)
        pulse = track_pulse(detect_onsets(mono(song)))
        rates.append(hit_rate(song.beats, pulse.beats) if pulse else 0.0)
    assert np.mean(rates) >= 0.88


def test_a_click_that_is_shifted_shifts_the_beats() -> None:
    hint = TempoHint(95, 105)
    early, late = (track_pulse(detect_onsets(clicks(100.0, first=first)), hint) for first in (0.1, 0.35))
    assert early is not None
    assert late is not None
    offset = np.median([np.abs(late.beats - beat).min() for beat in early.beats[2:20] + 0.25])
    assert offset < 0.012


def test_a_tempo_that_drifts_is_followed() -> None:
    times = np.cumsum(60.0 / np.linspace(92.0, 100.0, 40)) + 0.2
    sound = np.zeros(int((times[-1] + 0.5) * ANALYSIS_RATE), np.float32)
    burst = np.random.default_rng(2).standard_normal(800) * np.exp(-np.arange(800) / 150)
    for time in times:
        at = int(time * ANALYSIS_RATE)
        sound[at : at + 800] += burst
    pulse = track_pulse(detect_onsets(sound), TempoHint(88, 104))
    assert pulse is not None
    assert hit_rate(times, pulse.beats, within=0.04) >= 0.95


def test_beats_reach_from_the_first_moment_to_the_last() -> None:
    song = perform("rock", 120.0, 340, lead_in=1.7, length_seconds=20.0)
    pulse = track_pulse(detect_onsets(mono(song)))
    assert pulse is not None
    gap = 60.0 / pulse.tempo_bpm
    assert pulse.beats[0] < gap
    assert 20.0 - pulse.beats[-1] < gap + 0.05
    assert np.all(np.diff(pulse.beats) > 0.5 * gap)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_speech_is_not_taken_for_music(seed: int) -> None:
    pulse = track_pulse(detect_onsets(speech(seed)))
    assert pulse is None or pulse.confidence <= 0.3


@pytest.mark.parametrize("kind", ["silence", "tone", "noise"])
def test_sound_without_a_beat_is_not_taken_for_music(kind: str) -> None:
    t = np.arange(15 * ANALYSIS_RATE) / ANALYSIS_RATE
    sound = {
        "silence": np.zeros(len(t)),
        "tone": 0.3 * np.sin(2 * np.pi * 220 * t),
        "noise": np.random.default_rng(5).standard_normal(len(t)) * 0.1,
    }[kind]
    pulse = track_pulse(detect_onsets(sound.astype(np.float32)))
    assert pulse is None or pulse.confidence <= 0.3


def test_very_short_sound_has_no_pulse_and_does_no_harm() -> None:
    for seconds in (0.01, 0.5, 1.5):
        onsets = detect_onsets(
            np.random.default_rng(1).standard_normal(int(seconds * ANALYSIS_RATE)).astype(np.float32)
        )
        pulse = track_pulse(onsets)
        assert pulse is None or pulse.confidence <= 1.0


def test_the_tempo_asked_for_is_among_the_candidates() -> None:
    onsets = detect_onsets(clicks(72.0))
    assert any(abs(bpm / 72 - 1) < 0.03 for bpm in candidates(onsets.strength, TempoHint(70, 75)))


def test_onsets_are_where_the_sound_begins() -> None:
    sound = np.zeros(3 * ANALYSIS_RATE, np.float32)
    t = np.arange(ANALYSIS_RATE) / ANALYSIS_RATE
    sound[ANALYSIS_RATE : 2 * ANALYSIS_RATE] = np.sin(2 * np.pi * 440 * t) * np.exp(-4 * t)
    onsets = detect_onsets(sound)
    assert abs(int(np.argmax(onsets.strength)) / FRAMES_PER_SECOND - 1.0) < 0.03
    assert len(onsets.chroma) == pytest.approx(len(onsets) / 4, abs=1)
    tone = int(np.argmax(onsets.chroma[round(1.3 * FRAMES_PER_SECOND / 4)]))
    assert tone == 9, "A is the ninth tone from C"


def test_the_same_sound_gives_the_same_beats() -> None:
    sound = mono(perform("latin", 118.0, 350, length_seconds=12.0))
    first, second = (track_pulse(detect_onsets(sound)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.beats, second.beats)
