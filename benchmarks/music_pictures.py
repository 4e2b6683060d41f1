"""What songs look like: for each style two seeds side by side, spectrogram above and piano roll below.

python -m benchmarks.music_pictures FOLDER [--seconds 24] [--styles house ...]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from auratune.music.composition.arranger import arrange
from auratune.music.instruments.synthesis import RATE
from auratune.music.mixing.mixer import mix
from auratune.music.styles import STYLES
from benchmarks.music_compose import brief_of

if TYPE_CHECKING:
    from auratune.music.score import Score

WIDTH, HEIGHT, ROLL, HEADER, GAP = 470, 190, 210, 18, 12
LOW_HZ, HIGH_HZ = 40.0, 20000.0
LOWEST, HIGHEST, DRUM_ROWS = 26, 92, 8
HEAT = np.array([(8, 6, 22), (50, 16, 88), (132, 32, 107), (205, 66, 71), (247, 144, 42), (252, 245, 178)], dtype=float)
COLOURS = {
    "bass": (240, 120, 90),
    "pad": (70, 90, 140),
    "comp": (90, 150, 120),
    "arp": (110, 140, 190),
    "counter": (160, 110, 170),
    "melody": (255, 225, 110),
}
DRUMS = (36, 38, 37, 39, 42, 46, 51, 45)
"""From the lowest row of the roll up; other pieces share the top row."""


def spectrogram(mono: np.ndarray) -> np.ndarray:
    """Decibels, (HEIGHT, WIDTH), low frequencies at the bottom on a logarithmic scale."""
    size = 4096
    window = np.hanning(size).astype(np.float32)
    padded = np.concatenate((np.zeros(size // 2, np.float32), mono, np.zeros(size, np.float32)))
    bins = np.geomspace(LOW_HZ, HIGH_HZ, HEIGHT + 1) * size / RATE
    picture = np.empty((HEIGHT, WIDTH))
    for column, start in enumerate(np.linspace(0, len(mono) - 1, WIDTH).astype(int)):
        spectrum = np.abs(np.fft.rfft(padded[start : start + size] * window)) ** 2
        total = np.concatenate(([0.0], np.cumsum(spectrum)))
        edges = np.interp(bins, np.arange(len(total)), total)
        picture[:, column] = 10 * np.log10(np.diff(edges) / np.diff(bins) + 1e-9)
    return picture[::-1]


def draw_roll(pen: ImageDraw.ImageDraw, score: Score, left: int, top: int) -> None:
    """Notes by pitch, coloured by role, the tune on top; drum hits below."""
    row = ROLL / (HIGHEST - LOWEST + DRUM_ROWS + 2)
    beats = score.length_seconds / score.beat_seconds
    for part in sorted(score.parts, key=lambda p: (p.role == "melody", p.role in COLOURS)):
        for note in part.notes:
            x = left + note.start_beats / beats * WIDTH
            if part.role in {"drums", "percussion"}:
                place = DRUMS.index(note.pitch) if note.pitch in DRUMS else DRUM_ROWS - 1
                y = top + ROLL - (place + 1) * row
                grey = int(90 + 150 * note.velocity)
                pen.rectangle((x, y, x + 1, y + row - 1), fill=(grey, grey, grey))
            elif part.role in COLOURS:
                y = top + (HIGHEST - note.pitch) * row
                end = left + min(beats, note.start_beats + note.length_beats) / beats * WIDTH
                pen.rectangle((x, y, max(x + 1, end - 1), y + row), fill=COLOURS[part.role])


def draw(style: str, seconds: float, seeds: tuple[int, ...]) -> Image.Image:
    picture = Image.new("RGB", (len(seeds) * (WIDTH + GAP) - GAP, HEADER + HEIGHT + ROLL + 4), (16, 16, 16))
    for index, seed in enumerate(seeds):
        score = arrange(brief_of(style, seconds, seed))
        decibels = spectrogram(mix(score).mean(axis=1))
        heat = np.clip((decibels - decibels.max() + 75) / 75, 0, 1) * (len(HEAT) - 1)
        low = np.minimum(heat.astype(int), len(HEAT) - 2)
        share = (heat - low)[..., None]
        left = index * (WIDTH + GAP)
        colours = (HEAT[low] * (1 - share) + HEAT[low + 1] * share).astype(np.uint8)
        picture.paste(Image.fromarray(colours), (left, HEADER))
        pen = ImageDraw.Draw(picture)
        draw_roll(pen, score, left, HEADER + HEIGHT + 4)
        for section in score.sections:
            x = left + section.first_bar * score.bar_beats * score.beat_seconds / seconds * WIDTH
            pen.line((x, 4, x, HEADER + HEIGHT + ROLL), fill=(120, 120, 120))
            pen.text((x + 3, 3), section.name, fill=(230, 230, 230))
        text = f"seed {seed}, {score.tempo_bpm:.0f} BPM, {score.metre.name}, {score.key.name}"
        pen.text((left + WIDTH - 190, HEADER + 3), text, fill=(230, 230, 230))
        for hertz in (100, 1000, 10000):
            y = HEADER + HEIGHT * (1 - np.log(hertz / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ))
            pen.text((left + 2, y - 6), f"{hertz} Hz", fill=(200, 200, 200))
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=24.0)
    parser.add_argument("--seeds", type=int, nargs=2, default=(3, 4))
    parser.add_argument("--styles", nargs="*", default=list(STYLES), choices=list(STYLES))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for style in asked.styles:
        picture = draw(style, asked.seconds, tuple(asked.seeds))
        picture.quantize(40).save(asked.folder / f"{style}.png", optimize=True)


if __name__ == "__main__":
    main()
