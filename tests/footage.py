"""Small storyboards, photos and songs for tests of the film engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.storyboard import Effect, Framing, Move, Shot, Storyboard, Transition, TypeCue
from auratune.music.audio import write_mp3

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

WAYS = {
    "push_in": (Framing(0.5, 0.5, 0.95), Framing(0.5, 0.45, 0.7)),
    "pull_out": (Framing(0.5, 0.45, 0.7), Framing(0.5, 0.5, 0.95)),
    "pan": (Framing(0.38, 0.45, 0.6), Framing(0.6, 0.47, 0.58)),
    "tilt": (Framing(0.5, 0.38, 0.6), Framing(0.5, 0.6, 0.6)),
    "drift": (Framing(0.45, 0.5, 0.7), Framing(0.55, 0.45, 0.66)),
    "layered_drift": (Framing(0.48, 0.5, 0.8), Framing(0.52, 0.5, 0.76)),
    "handheld": (Framing(0.5, 0.5, 0.9), Framing(0.5, 0.48, 0.86)),
    "depth_dolly": (Framing(0.5, 0.5, 0.9), Framing(0.5, 0.5, 0.8)),
    "rack_focus": (Framing(0.5, 0.5, 0.9), Framing(0.5, 0.5, 0.86)),
    "focus_pull": (Framing(0.5, 0.5, 0.55), Framing(0.5, 0.48, 0.52)),
}
"""A way for each move."""

FULL_LOOK = (
    Effect("grade", {"look": "film-print", "amount": 0.9}),
    Effect("bloom", {"amount": 0.2}),
    Effect("vignette", {"amount": 0.2}),
    Effect("grain", {"sigma": 1.2}),
    Effect("fade_in", {"frames": 6}),
    Effect("fade_out", {"frames": 6}),
)


def grid(seconds: float, bpm: float = 120.0) -> BeatGrid:
    """An even grid."""
    beats = tuple(np.arange(0.0, seconds, 60 / bpm).tolist())
    return BeatGrid(
        tempo_bpm=bpm,
        beats=beats,
        downbeats=beats[::4],
        sections=(SongSection("verse", 0.0, seconds, 0.6),),
        energy=tuple(0.9 if index % 4 == 0 else 0.5 for index in range(len(beats))),
        length_seconds=seconds,
    )


def reel(
    moves: Sequence[str],
    *,
    transitions: Sequence[Transition] = (),
    effects: Sequence[Effect] = (),
    size: tuple[int, int] = (192, 256),
    frames_per_shot: int = 24,
    fps: int = 24,
    cues: Sequence[TypeCue] = (),
    settings: dict[str, float | str | bool] | None = None,
) -> Storyboard:
    """A film with one shot for each move, in order; cuts where no transition is given."""
    shots = []
    for index, name in enumerate(moves):
        start, end = WAYS[name]
        shots.append(
            Shot(
                first_frame=index * frames_per_shot,
                end_frame=(index + 1) * frames_per_shot,
                subject=name,
                move=Move(name, start, end, settings or {}),
                transition=transitions[index] if index < len(transitions) else Transition(),
            )
        )
    count = frames_per_shot * len(moves)
    return Storyboard(
        width_px=size[0],
        height_px=size[1],
        fps=fps,
        frame_count=count,
        seed=11,
        title="Small hours",
        look="film-print",
        shots=tuple(shots),
        cues=tuple(cues),
        captions=tuple(cues),
        effects=tuple(effects),
        beats=grid(count / fps),
    )


def texture(width: int, height: int, seed: int = 5) -> NDArray[np.uint8]:
    """A picture (height, width, 3) full of detail of all sizes, for measuring movement."""
    random = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float64)
    for octave in (2, 4, 8, 16, 32):
        small = random.uniform(-1, 1, (height // octave + 2, width // octave + 2, 3))
        rows, columns = np.arange(height) / octave, np.arange(width) / octave
        top, left = rows.astype(int), columns.astype(int)
        down, right = (rows - top)[:, None, None], (columns - left)[None, :, None]
        upper = small[top][:, left] * (1 - right) + small[top][:, left + 1] * right
        lower = small[top + 1][:, left] * (1 - right) + small[top + 1][:, left + 1] * right
        picture += (upper * (1 - down) + lower * down) * octave**0.4
    return np.clip(128 + 26 * picture, 20, 240).astype(np.uint8)


def song_file(folder: Path, seconds: float) -> Path:
    """A plucked note on every beat, as an MP3."""
    time = np.arange(round(44100 * seconds)) / 44100
    note = 0.4 * np.sin(2 * np.pi * 220 * time) * np.exp(-5 * (time % 0.5))
    path = folder / "song.mp3"
    write_mp3(str(path), np.stack([note, note], axis=1).astype(np.float32))
    return path


def shift_px(one: NDArray[np.uint8], other: NDArray[np.uint8] | NDArray[np.float32]) -> tuple[float, float]:
    """How far `other` lies to the right of and below `one`, for shifts below a pixel or so.

    Least squares over the gradients, after Lucas and Kanade (1981). Phase correlation sticks to whole pixels where
    pictures have detail as fine as theirs, and would report steps that are its own.
    """
    first, second = (cv2.GaussianBlur(np.asarray(picture, np.float64), (0, 0), 1.5) for picture in (one, other))
    window = np.outer(np.hanning(first.shape[0]), np.hanning(first.shape[1]))
    down_slope, across_slope = np.gradient((first + second) / 2)
    system = np.array(
        [
            [(window * across_slope**2).sum(), (window * across_slope * down_slope).sum()],
            [(window * across_slope * down_slope).sum(), (window * down_slope**2).sum()],
        ]
    )
    change = second - first
    across, down = np.linalg.solve(
        system, [-(window * across_slope * change).sum(), -(window * down_slope * change).sum()]
    )
    return float(across), float(down)
