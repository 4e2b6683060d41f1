"""What the embedded composer costs and how its songs measure, style by style.

    python -m benchmarks.music_compose [--seconds 36] [--seed 3] [--json]

Each song is composed in a child process of its own, so that CPU and peak memory are those of one song.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from auratune.core.treatment import MusicBrief
from auratune.music.audio import read_sound
from auratune.music.composition.arranger import arrange
from auratune.music.mixing.loudness import integrated_lufs, true_peak_dbtp
from auratune.music.styles import STYLES

RATE = 44100


def brief_of(style: str, seconds: float, seed: int) -> MusicBrief:
    """A brief in the very mood of a style."""
    mood = STYLES[style]
    return MusicBrief(
        title=style,
        length_seconds=seconds,
        genre_tags=(),
        style=style,
        tempo_low_bpm=0.0,
        tempo_high_bpm=0.0,
        key="",
        energy_curve=(),
        valence=mood.valence,
        arousal=mood.arousal,
        warmth=mood.warmth,
        brightness=mood.brightness,
        lyrics=(),
        instrumental=True,
        seed=seed,
    )


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


def compose_here(style: str, seconds: float, seed: int, path: str) -> None:
    """The child's side: compose one song, say what it took."""
    from auratune.music.compose import compose

    compose(brief_of(style, seconds, seed), path)
    use = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu_s": use.ru_utime + use.ru_stime, "peak_mb": use.ru_maxrss / 1024}))


def measure(style: str, seconds: float, seed: int, path: Path) -> dict[str, Any]:
    child = subprocess.run(
        [sys.executable, __file__, "--child", style, str(path), "--seconds", str(seconds), "--seed", str(seed)],
        check=True,
        capture_output=True,
        text=True,
    )
    row: dict[str, Any] = {"style": style, **json.loads(child.stdout)}
    score = arrange(brief_of(style, seconds, seed))
    sound = read_sound(str(path))
    bar = score.bar_beats * score.beat_seconds * RATE
    by_name: dict[str, list[np.ndarray]] = {}
    for section in score.sections:
        by_name.setdefault(section.name, []).append(sound[int(section.first_bar * bar) : int(section.end_bar * bar)])
    tail = int(score.bars * bar)
    frames = [level_db(sound[start : start + 4410]) for start in range(0, tail - 4410, 4410)]
    power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    side = sound[:, 0] - sound[:, 1]
    row |= {
        "bpm": score.tempo_bpm,
        "key": score.key.name,
        "length_error_ms": 1000 * abs(len(sound) / RATE - seconds),
        "lufs": integrated_lufs(sound, RATE),
        "true_peak_dbtp": true_peak_dbtp(sound, RATE),
        "chorus_over_verse_db": level_db(np.concatenate(by_name["chorus"]))
        - level_db(np.concatenate(by_name.get("verse", by_name["chorus"]))),
        "quietest_db": min(frames),
        "centroid_hz": float((hertz * np.sqrt(power)).sum() / np.sqrt(power).sum()),
        "side_over_middle_db": level_db(side) - level_db(sound.sum(axis=1)),
        "balance_db": level_db(sound[:, 0]) - level_db(sound[:, 1]),
        "parts": len(score.parts),
        "notes": sum(len(part.notes) for part in score.parts),
    }
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=36.0)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--styles", nargs="*", default=list(STYLES), choices=list(STYLES))
    parser.add_argument("--child", nargs=2, metavar=("STYLE", "PATH"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        compose_here(asked.child[0], asked.seconds, asked.seed, asked.child[1])
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for style in asked.styles:
            song = Path(folder) / f"{style}.mp3"
            rows.append(measure(style, asked.seconds, asked.seed, song))
    if asked.json:
        print(json.dumps(rows, indent=2))
        return
    columns = [name for name in rows[0] if name not in {"style", "key"}]
    print(f"{asked.seconds:.0f}-second songs, seed {asked.seed}")
    print(f"{'style':18s} {'key':9s} " + " ".join(f"{name[:12]:>12s}" for name in columns))
    for row in rows:
        print(f"{row['style']:18s} {row['key']:9s} " + " ".join(f"{row[name]:12.2f}" for name in columns))


if __name__ == "__main__":
    main()
