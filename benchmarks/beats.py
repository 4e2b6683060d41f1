"""The beat tracker against librosa, on songs whose beats are known: `python benchmarks/beats.py [--json]`."""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
import time
import warnings
from typing import Any

import mir_eval
import numpy as np
from scipy.signal import resample_poly

from auratune.core.options import MUSIC_STYLES
from auratune.core.treatment import MusicBrief
from auratune.music.analysis.bars import first_downbeat
from auratune.music.analysis.beats import track_pulse
from auratune.music.analysis.onsets import ANALYSIS_RATE, detect_onsets
from auratune.music.analysis.tempo import TempoHint
from auratune.music.audio import read_sound
from auratune.music.compose import compose
from benchmarks.hard_songs import hard_songs
from benchmarks.test_songs import STYLES, KnownSong, perform

FIRST_SEED = 7000
"""Tests use other seeds."""


def own_songs(count: int, first_seed: int = FIRST_SEED) -> list[KnownSong]:
    """Songs of all styles, 60 to 180 BPM, every third without drums, lead-in from 0 to 2 s."""
    names = list(STYLES)
    songs = []
    for number in range(count):
        rng = np.random.default_rng(first_seed + number)
        songs.append(
            perform(
                names[number % len(names)],
                float(rng.uniform(60, 180)),
                first_seed + number,
                drums=number % 3 != 2,
                lead_in=float(rng.choice([0.0, rng.uniform(0, 2)])),
            )
        )
    return songs


def composed_songs(count: int) -> list[KnownSong]:
    """Songs of the embedded composer, whose instruments the tracker was not tuned on; their grids are as written."""
    songs = []
    for number in range(count):
        rng = np.random.default_rng(900 + number)
        bpm = float(rng.uniform(60, 180))
        style = MUSIC_STYLES[number % len(MUSIC_STYLES)]
        brief = MusicBrief(
            title="",
            length_seconds=36.0,
            genre_tags=(),
            style=style,
            tempo_low_bpm=bpm * 0.95,
            tempo_high_bpm=bpm * 1.05,
            key="",
            energy_curve=(0.3, 0.6, 0.9, 0.5),
            valence=float(rng.uniform(-1, 1)),
            arousal=float(rng.uniform(0, 1)),
            warmth=float(rng.uniform(-1, 1)),
            brightness=float(rng.uniform(0, 1)),
            lyrics=(),
            instrumental=True,
            seed=900 + number,
        )
        with tempfile.TemporaryDirectory() as folder:
            song = compose(brief, f"{folder}/song.mp3")
            samples = read_sound(f"{folder}/song.mp3")
        assert song.grid is not None
        beats, downbeats = np.array(song.grid.beats), np.array(song.grid.downbeats)
        label = f"{style} {song.grid.tempo_bpm:.0f}"
        songs.append(
            KnownSong(label, samples, beats, downbeats, song.grid.tempo_bpm, style == "lo-fi", True, "composer")
        )
    return songs


def track_own(mono: np.ndarray, hint: TempoHint | None) -> tuple[np.ndarray, np.ndarray, float]:
    onsets = detect_onsets(mono)
    pulse = track_pulse(onsets, hint)
    if pulse is None:
        return np.zeros(0), np.zeros(0), 0.0
    in_bar = pulse.beats_per_bar
    return pulse.beats, pulse.beats[first_downbeat(pulse.beats, onsets, in_bar) :: in_bar], pulse.confidence


def track_librosa(mono: np.ndarray) -> np.ndarray:
    import librosa

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, frames = librosa.beat.beat_track(y=mono, sr=ANALYSIS_RATE)
    return librosa.frames_to_time(frames, sr=ANALYSIS_RATE)


def marks(song: KnownSong, beats: np.ndarray, downbeats: np.ndarray | None = None) -> dict[str, float]:
    # Only the stretch that is played counts, and all of it: mir_eval's custom of leaving out the first 5 s is not ours.
    low, high = song.beats[0] - 0.1, song.beats[-1] + 0.1
    beats = beats[(beats >= low) & (beats <= high)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = {
            "f": float(mir_eval.beat.f_measure(song.beats, beats)),
            "amlt": float(mir_eval.beat.continuity(song.beats, beats)[3]),
        }
        if downbeats is not None:
            downbeats = downbeats[(downbeats >= low) & (downbeats <= high)]
            result["down"] = float(mir_eval.beat.f_measure(song.downbeats, downbeats))
    if len(beats):
        nearest = np.abs(song.beats[:, None] - beats[None, :]).min(axis=1)
        result["error_ms"] = float(np.median(nearest) * 1000)
    return result


def measure(songs: list[KnownSong], *, peers: bool) -> list[dict[str, Any]]:
    rows = []
    if peers:
        track_librosa(np.random.default_rng(0).standard_normal(ANALYSIS_RATE * 3).astype(np.float32))
    for song in songs:
        mono = resample_poly(song.samples.mean(axis=1), 1, 2).astype(np.float32)
        row: dict[str, Any] = {"song": song.name, "group": song.group, "bpm": song.bpm, "swung": song.swung}
        row["seconds"] = len(mono) / ANALYSIS_RATE
        for label, hint in (("hint", TempoHint(song.bpm * 0.93, song.bpm * 1.07)), ("blind", None)):
            begun = time.process_time()
            beats, downbeats, confidence = track_own(mono, hint)
            row[f"{label}_cpu"] = time.process_time() - begun
            row |= {f"{label}_{key}": value for key, value in marks(song, beats, downbeats).items()}
            row[f"{label}_confidence"] = confidence
        if peers:
            begun = time.process_time()
            beats = track_librosa(mono)
            row["librosa_cpu"] = time.process_time() - begun
            row |= {f"librosa_{key}": value for key, value in marks(song, beats).items()}
        rows.append(row)
    return rows


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = []
    groups = [
        (f"{group} {kind}", [r for r in rows if r["group"] == group and r["swung"] == swung])
        for group in sorted({r["group"] for r in rows})
        for kind, swung in (("straight", False), ("swung", True))
    ]
    for name, part in [*groups, ("all", rows)]:
        if not part:
            continue
        for who in ("hint", "blind", "librosa"):
            if f"{who}_f" in part[0]:
                line: dict[str, Any] = {"set": name, "tracker": who, "songs": len(part)}
                for key in ("f", "amlt", "down"):
                    values = [r[f"{who}_{key}"] for r in part if f"{who}_{key}" in r]
                    line[key] = statistics.mean(values) if values else math.nan
                line["error_ms"] = statistics.median(r.get(f"{who}_error_ms", math.nan) for r in part)
                line["cpu_per_minute"] = 60 * sum(r[f"{who}_cpu"] for r in part) / sum(r["seconds"] for r in part)
                lines.append(line)
    return lines


def confidence_auc(rows: list[dict[str, Any]], right_from: float = 0.9) -> float:
    """How well confidence without a hint tells right songs from wrong ones: 1 always, 0.5 not at all."""
    right = [row["blind_confidence"] for row in rows if row["blind_f"] >= right_from]
    wrong = [row["blind_confidence"] for row in rows if row["blind_f"] < right_from]
    if not right or not wrong:
        return math.nan
    return statistics.mean((a > b) + 0.5 * (a == b) for a in right for b in wrong)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=64)
    parser.add_argument("--composed", type=int, default=32, help="songs of the embedded composer, kept apart")
    parser.add_argument("--hard", type=int, default=0, help="songs made to mislead, instead of all others")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--alone", action="store_true", help="leave librosa out")
    choices = parser.parse_args()
    if choices.hard:
        songs = hard_songs(choices.hard)
    else:
        songs = [*own_songs(choices.songs, choices.seed), *composed_songs(choices.composed)]
    rows = measure(songs, peers=not choices.alone)
    if choices.json:
        print(json.dumps({"summary": summary(rows), "songs": rows}, indent=2))
        return
    if choices.each:
        for row in rows:
            parts = [
                f"{who} F {row[f'{who}_f']:.2f} AMLt {row[f'{who}_amlt']:.2f} down {row[f'{who}_down']:.2f}"
                for who in ("hint", "blind")
            ]
            print(f"{row['song']:28} {'  '.join(parts)}  confidence {row['blind_confidence']:.2f}")
    print(f"{'set':18} {'tracker':8} {'n':>3} {'F':>6} {'AMLt':>6} {'down':>6} {'error':>8} {'CPU s/min':>9}")
    for line in summary(rows):
        numbers = f"{line['f']:6.3f} {line['amlt']:6.3f} {line['down']:6.3f} {line['error_ms']:5.1f} ms"
        print(f"{line['set']:18} {line['tracker']:8} {line['songs']:3} {numbers} {line['cpu_per_minute']:9.2f}")
    print(f"confidence without a hint tells right from wrong: AUC {confidence_auc(rows):.3f}")


if __name__ == "__main__":
    main()
