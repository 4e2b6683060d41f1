"""Contact sheets of every move, transition and look, as JPEG for a person to see.

    python -m benchmarks.film_sheets PHOTO [PHOTO …] [--to docs/images]

Moves and transitions are drawn from the first photo, looks from all of them. The frames come from the engine itself,
through every effect a film has.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from font_manrope import ManropeMedium
from PIL import Image, ImageDraw, ImageFont

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.options import LOOKS
from auratune.core.storyboard import Effect, Framing, Move, Shot, Storyboard, Transition
from auratune.film.moves import MOVES
from auratune.film.rendering.frames import FrameMaker, blank_frame, source_image_for
from auratune.film.rendering.plates import to_bgr
from auratune.film.transitions import TRANSITIONS

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
}
SETTINGS: dict[str, dict[str, float | str | bool]] = {
    "layered_drift": {"left": 0.3, "top": 0.3, "right": 0.7, "bottom": 0.75, "depth": 0.03}
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
    maker = FrameMaker(board, source_image_for(board, str(photo)))
    y, uv = blank_frame(board.width_px, board.height_px)
    pictures = []
    for number in numbers:
        maker.draw(number, y, uv)
        small = FRAME_WIDTH_PX, round(FRAME_WIDTH_PX * board.height_px / board.width_px)
        pictures.append(np.asarray(cv2.resize(to_bgr(y, uv), small, interpolation=cv2.INTER_AREA), np.uint8))
    return pictures


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
        if len(data) < 300_000 or quality < 40:
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
    for part, rows in enumerate((moves[:4], moves[4:]), 1):
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
    for photo in chosen.photos:
        shown = [
            frames_of(storyboard(size_of(photo), look, ("push_in",), Transition()), photo, [20])[0] for look in LOOKS
        ]
        write(chosen.to / f"looks-{photo.stem}.jpg", [row(LOOKS, shown)])


if __name__ == "__main__":
    main()
