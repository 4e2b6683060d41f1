"""What the embedded composer costs and how its songs measure, style by style; and, if asked, what they look like.

    python benchmarks/music_compose.py [--seconds 36] [--seed 3] [--json] [--pictures docs/images/styles]

Each song is composed in a child process of its own, so that CPU and peak memory are those of one song. The table is
for people, `--json` for programs. `--pictures` also writes one PNG a style: spectrogram, sections and level.
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
from PIL import Image, ImageDraw

from auratune.core.treatment import MusicBrief
from auratune.music.audio import read_sound
from auratune.music.composition.arranger import arrange
from auratune.music.mixing.loudness import integrated_lufs, true_peak_dbtp
from auratune.music.styles import STYLES

RATE = 44100
WIDTH, HEIGHT, CURVE_HEIGHT, MARGIN = 720, 250, 80, 24
LOW_HZ, HIGH_HZ = 40.0, 16000.0
HEAT = np.array([(8, 6, 22), (50, 16, 88), (132, 32, 107), (205, 66, 71), (247, 144, 42), (252, 245, 178)], dtype=float)


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


def spectrogram(mono: np.ndarray) -> np.ndarray:
    """Decibels, (HEIGHT, WIDTH), low frequencies at the bottom on a logarithmic scale."""
    size = 4096
    window = np.hanning(size).astype(np.float32)
    padded = np.concatenate((np.zeros(size // 2, np.float32), mono, np.zeros(size, np.float32)))
    starts = np.linspace(0, len(mono) - 1, WIDTH).astype(int)
    bins = np.geomspace(LOW_HZ, HIGH_HZ, HEIGHT + 1) * size / RATE
    picture = np.empty((HEIGHT, WIDTH))
    for column, start in enumerate(starts):
        spectrum = np.abs(np.fft.rfft(padded[start : start + size] * window)) ** 2
        total = np.concatenate(([0.0], np.cumsum(spectrum)))
        edges = np.interp(bins, np.arange(len(total)), total)
        picture[:, column] = 10 * np.log10(np.diff(edges) / np.diff(bins) + 1e-9)
    return picture[::-1]


def draw(style: str, seconds: float, seed: int, song: Path, target: Path) -> None:
    """Spectrogram with section lines above, level of each tenth of a second (left and right) below."""
    score = arrange(brief_of(style, seconds, seed))
    sound = read_sound(str(song))
    decibels = spectrogram(sound.mean(axis=1))
    heat = np.clip((decibels - decibels.max() + 75) / 75, 0, 1) * (len(HEAT) - 1)
    low = np.minimum(heat.astype(int), len(HEAT) - 2)
    share = (heat - low)[..., None]
    pixels = np.full((HEIGHT + CURVE_HEIGHT + 2 * MARGIN, WIDTH, 3), 16.0)
    pixels[MARGIN : MARGIN + HEIGHT] = HEAT[low] * (1 - share) + HEAT[low + 1] * share
    picture = Image.fromarray(pixels.astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    bar = score.bar_beats * score.beat_seconds
    for section in score.sections:
        x = section.first_bar * bar / seconds * WIDTH
        pen.line((x, 6, x, HEIGHT + MARGIN), fill=(255, 255, 255))
        pen.text((x + 4, 6), section.name, fill=(230, 230, 230))
    pen.text((WIDTH - 210, MARGIN + 4), f"{style}, {score.tempo_bpm:.1f} BPM, {score.key.name}", fill=(230, 230, 230))
    for hertz in (100, 1000, 10000):
        y = MARGIN + HEIGHT * (1 - np.log(hertz / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ))
        pen.text((2, y - 6), f"{hertz} Hz", fill=(200, 200, 200))
    floor = MARGIN + HEIGHT + 10
    for number, colour in ((0, (110, 190, 255)), (1, (255, 170, 90))):
        levels = [level_db(sound[start : start + 4410, number]) for start in range(0, len(sound) - 4410, 2205)]
        points = [
            (index / len(levels) * WIDTH, floor + CURVE_HEIGHT * min(1.0, -level / 60))
            for index, level in enumerate(levels)
        ]
        pen.line(points, fill=colour)
    for level in (-10, -20, -40):
        pen.text((2, floor + CURVE_HEIGHT * -level / 60 - 6), f"{level} dB", fill=(150, 150, 150))
    picture.quantize(32).save(target, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=36.0)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pictures", type=Path)
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
            if asked.pictures:
                asked.pictures.mkdir(parents=True, exist_ok=True)
                draw(style, asked.seconds, asked.seed, song, asked.pictures / f"{style}.png")
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
