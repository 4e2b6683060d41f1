"""Contact sheets of every move, transition and look, as JPEG for a person to see.

    python -m benchmarks.film_sheets PHOTO [PHOTO …] [--to docs/images]

Moves and transitions are drawn from the first photo, looks from all of them. The frames come from the engine itself,
through every effect a film has.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from font_manrope import ManropeMedium
from PIL import Image, ImageDraw, ImageFont

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.geometry import Box
from auratune.core.options import LOOKS
from auratune.core.storyboard import Effect, Framing, Move, Shot, Storyboard, Transition, TypeCue
from auratune.film.moves import MOVES
from auratune.film.rendering.frames import FrameMaker, blank_frame, source_image_for
from auratune.film.rendering.plates import to_bgr
from auratune.film.rendering.text_layer import TextLayer
from auratune.film.transitions import TRANSITIONS
from auratune.film.typography.type_styles import TYPE_STYLES
from auratune.vision.analyze import analyze

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

FRAME_WIDTH_PX = 162
GAP_PX = 4
LABEL_PX = 26
QUALITY = 82
FPS = 30
SHOT_FRAMES = 90
STEPS = 7
WAYS = {
    "push_in": (Framing(0.5, 0.5, 0.98), Framing(0.46, 0.46, 0.72)),
    "pull_out": (Framing(0.46, 0.46, 0.72), Framing(0.5, 0.5, 0.98)),
    "pan": (Framing(0.32, 0.45, 0.56), Framing(0.68, 0.47, 0.56)),
    "tilt": (Framing(0.5, 0.34, 0.6), Framing(0.5, 0.66, 0.6)),
    "drift": (Framing(0.42, 0.55, 0.7), Framing(0.58, 0.45, 0.66)),
    "layered_drift": (Framing(0.46, 0.5, 0.84), Framing(0.54, 0.5, 0.8)),
    "handheld": (Framing(0.5, 0.5, 0.86), Framing(0.5, 0.48, 0.82)),
    "focus_pull": (Framing(0.5, 0.5, 0.55), Framing(0.5, 0.48, 0.5)),
    "depth_dolly": (Framing(0.5, 0.5, 0.96), Framing(0.5, 0.5, 0.8)),
    "rack_focus": (Framing(0.5, 0.5, 0.92), Framing(0.5, 0.5, 0.9)),
}
SETTINGS: dict[str, dict[str, float | str | bool]] = {"layered_drift": {"depth": 0.03}, "rack_focus": {"blur": 0.02}}
PIECES: dict[str, dict[str, float | str | bool]] = {
    "silhouette_reveal": {"frame": 45, "frames": 10},
    "colour_arrives": {"frame": 40, "frames": 24},
    "triptych": {"x1": 0.3, "y1": 0.3, "x2": 0.5, "y2": 0.55, "x3": 0.68, "y3": 0.75, "frame2": 30, "frame3": 60},
    "match_cut": {"frame": 90, "frames": 30, "centre_x": 0.45, "centre_y": 0.25, "width": 0.4},
    "light_sweep": {"first_frame": 0, "end_frame": 90},
    "beat_punch": {"first_frame": 0, "end_frame": 90, "amount": 0.1},
    "freeze_flash": {"frame": 45},
    "film_burn": {"frame": 45, "frames": 30},
}


def storyboard(size: tuple[int, int], look: str, moves: tuple[str, ...], transition: Transition) -> Storyboard:
    shots = tuple(
        Shot(
            first_frame=index * SHOT_FRAMES,
            end_frame=(index + 1) * SHOT_FRAMES,
            subject=name,
            move=Move(name, *WAYS[name], SETTINGS.get(name, {})),
            transition=transition if index == 0 and len(moves) > 1 else Transition(),
        )
        for index, name in enumerate(moves)
    )
    frames = SHOT_FRAMES * len(moves)
    beats = tuple(index * 0.5 for index in range(2 * frames // FPS))
    return Storyboard(
        width_px=size[0],
        height_px=size[1],
        fps=FPS,
        frame_count=frames,
        seed=7,
        title="",
        look=look,
        shots=shots,
        cues=(),
        captions=(),
        effects=(
            Effect("grade", {"look": look}),
            Effect("bloom", {"amount": 0.15}),
            Effect("vignette", {"amount": 0.18}),
            Effect("grain", {"sigma": 1.2}),
        ),
        beats=BeatGrid(
            tempo_bpm=120,
            beats=beats,
            downbeats=beats[::4],
            sections=(SongSection("verse", 0.0, frames / FPS, 0.6),),
            energy=tuple(0.6 for _ in beats),
            length_seconds=frames / FPS,
        ),
    )


def frames_of(board: Storyboard, photo: Path, numbers: list[int]) -> list[Picture]:
    maker = FrameMaker(board, source_image_for(board, str(photo), mask_of_photo(str(photo))), TextLayer(board))
    y, uv = blank_frame(board.width_px, board.height_px)
    pictures = []
    for number in numbers:
        maker.draw(number, y, uv)
        small = FRAME_WIDTH_PX, round(FRAME_WIDTH_PX * board.height_px / board.width_px)
        pictures.append(np.asarray(cv2.resize(to_bgr(y, uv), small, interpolation=cv2.INTER_AREA), np.uint8))
    return pictures


@cache
def mask_of_photo(photo: str) -> str:
    """The path of the photo's mask, or nothing."""
    height, width = cv2.imread(photo).shape[:2]
    path = str(Path(tempfile.mkdtemp()) / "mask.png")
    return path if analyze(photo, width, height, path, "mask").mask else ""


def set_pieces(photo: Path, size: tuple[int, int], numbers: list[int]) -> list[Picture]:
    rows = []
    for name, settings in PIECES.items():
        board = storyboard(size, "natural", ("push_in",), Transition())
        shots = tuple(replace(shot, effects=(Effect(name, settings),)) for shot in board.shots)
        rows.append(row((name,), frames_of(replace(board, shots=shots), photo, numbers)))
    return rows


def titles(photo: Path, size: tuple[int, int]) -> list[Picture]:
    rows = []
    for name, style in TYPE_STYLES.items():
        cue = TypeCue(
            role="title",
            text="Light on the Stone",
            first_frame=0,
            end_frame=90,
            box=Box(0.08, 0.36, 0.92, 0.66),
            shade=0.4,
            style=name,
            reveal=style.title_sequence,
            reveal_frames=40,
        )
        board = replace(storyboard(size, "natural", ("push_in",), Transition()), cues=(cue,))
        rows.append(row((name,), frames_of(board, photo, [3, 9, 15, 21, 30, 38, 60])))
    return rows


def row(names: tuple[str, ...], pictures: list[Picture]) -> Picture:
    """Pictures side by side under one name, or each under its own."""
    gap = np.full((pictures[0].shape[0], GAP_PX, 3), 255, np.uint8)
    strip = np.hstack([part for picture in pictures for part in (picture, gap)][:-1])
    label = Image.new("RGB", (strip.shape[1], LABEL_PX), "white")
    font = ImageFont.truetype(ManropeMedium, LABEL_PX * 0.55)
    for index, name in enumerate(names):
        ImageDraw.Draw(label).text((2 + index * (FRAME_WIDTH_PX + GAP_PX), 4), name, fill=(40, 40, 40), font=font)
    return np.vstack([np.asarray(label), strip])


def write(path: Path, rows: list[Picture]) -> None:
    widest = max(part.shape[1] for part in rows)
    rows = [np.pad(part, ((0, 0), (0, widest - part.shape[1]), (0, 0)), constant_values=255) for part in rows]
    sheet = np.vstack(rows)
    quality = QUALITY
    while True:
        _, data = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(data) < 130_000 or quality < 40:
            break
        quality -= 6
    path.write_bytes(data.tobytes())
    print(f"{path}: {sheet.shape[1]} x {sheet.shape[0]}, {len(data) // 1000} kB")


def size_of(photo: Path) -> tuple[int, int]:
    height, width = cv2.imread(str(photo)).shape[:2]
    scale = min(1.0, 1080 / min(width, height))
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, default=Path("docs/images"))
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    first = chosen.photos[0]
    size = size_of(first)
    even = [round(step * (SHOT_FRAMES - 1) / (STEPS - 1)) for step in range(STEPS)]
    early = [round(step * 36 / (STEPS - 1)) for step in range(STEPS)]
    moves = []
    for name in MOVES:
        board = storyboard(size, "film-print", (name,), Transition())
        moves.append(row((name,), frames_of(board, first, early if name == "focus_pull" else even)))
    for part, rows in enumerate((moves[:4], moves[4:8], moves[8:]), 1):
        write(chosen.to / f"moves-{part}.jpg", rows)
    transitions = []
    for name in TRANSITIONS:
        length = {"cut": 0, "whip": 10, "match_zoom": 12}.get(name, 20)
        board = storyboard(size, "golden", ("push_in", "pan"), Transition(name, length))
        reach = max(2, length // 2)
        numbers = [SHOT_FRAMES - reach + round(step * (2 * reach - 1) / (STEPS - 1)) for step in range(STEPS)]
        transitions.append(row((name,), frames_of(board, first, numbers)))
    for part, rows in enumerate((transitions[:4], transitions[4:]), 1):
        write(chosen.to / f"transitions-{part}.jpg", rows)
    pieces = set_pieces(first, size, even)
    for part, rows in enumerate((pieces[:4], pieces[4:]), 1):
        write(chosen.to / f"set-pieces-{part}.jpg", rows)
    sequences = titles(chosen.photos[-1], size_of(chosen.photos[-1]))
    for part, rows in enumerate((sequences[:5], sequences[5:]), 1):
        write(chosen.to / f"titles-{part}.jpg", rows)
    for photo in chosen.photos:
        shown = [
            frames_of(storyboard(size_of(photo), look, ("push_in",), Transition()), photo, [20])[0] for look in LOOKS
        ]
        write(chosen.to / f"looks-{photo.stem}.jpg", [row(LOOKS[:5], shown[:5]), row(LOOKS[5:], shown[5:])])


if __name__ == "__main__":
    main()
