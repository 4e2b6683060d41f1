"""Twenty storyboards drawn small: nothing is black or frozen but where a fade or a dip means it to be."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from tests.stories import a_scene as plain_scene
from tests.stories import a_song, random_grid, random_treatment, wishes_for

from auratune.core.options import FilmFormat
from auratune.film.editing.editor import draw_storyboard
from auratune.film.rendering.frames import FrameMaker, blank_frame, source_image_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auratune.core.storyboard import Storyboard

EVERY = 4
"""One frame in four is drawn: a sixth of a second at 24 frames a second."""
BLACK = 20
"""Mean luma: 16 is black."""
FROZEN_SECONDS = 1.0


def a_film(number: int) -> tuple[Storyboard, tuple[int, int]]:
    """A small short film of a drawn photo, from one number."""
    rng = random.Random(number)
    size = rng.choice(((320, 240), (240, 320), (300, 300), (640, 200), (200, 640)))
    form = FilmFormat(
        length_seconds=rng.choice((5.0, 6.0)),
        fps=24,
        aspect=rng.choice(("source", "16:9", "9:16", "1:1")),
        short_edge_px=160,
    )
    treatment = random_treatment(rng)
    beats = random_grid(rng, form.length_seconds)
    board = draw_storyboard(
        plain_scene(*size, seed=number), treatment, a_song(treatment), beats, wishes_for(form), seed=number
    )
    return board, size


def meant_to_be_dark(board: Storyboard, frame: int) -> bool:
    fades = {effect.name: effect.settings["frames"] for effect in board.effects if effect.name.startswith("fade")}
    if frame < fades["fade_in"] or frame >= board.frame_count - fades["fade_out"]:
        return True
    return any(
        shot.transition.name == "dip_black" and abs(frame - shot.end_frame) <= shot.transition.frames / 2
        for shot in board.shots
    )


@pytest.mark.parametrize("number", range(20))
def test_no_frame_is_black_or_frozen_outside_fades(number: int, photo_file: Callable[..., Path]) -> None:
    board, size = a_film(number)
    maker = FrameMaker(board, source_image_for(board, str(photo_file(*size, seed=number))))
    y, uv = blank_frame(board.width_px, board.height_px)
    seen: list[tuple[int, np.ndarray]] = []
    for frame in range(0, board.frame_count, EVERY):
        maker.draw(frame, y, uv)
        assert y.shape == (board.height_px, board.width_px)
        if meant_to_be_dark(board, frame):
            seen.clear()
            continue
        assert y.mean() > BLACK, f"frame {frame} is black"
        # Grain alone is no movement, so what is compared is soft. Measured here: standing shots 0.27-0.57 (pulses),
        # moving ones 0.7 (slowly over a plain sky) and more.
        seen.append((frame, cv2.GaussianBlur(y, (0, 0), 1.5).astype(np.float32)))
        earlier = [soft for before, soft in seen if frame - before >= FROZEN_SECONDS * board.fps]
        if earlier:
            change = float(np.abs(seen[-1][1] - earlier[-1]).mean())
            assert change > 0.65, f"nothing moves before frame {frame}"


@pytest.mark.parametrize("number", range(6))
def test_plain_cuts_are_seen_on_the_frame_they_are_planned_for(number: int, photo_file: Callable[..., Path]) -> None:
    board, size = a_film(number)
    maker = FrameMaker(board, source_image_for(board, str(photo_file(*size, seed=number))))
    luma, uv = blank_frame(board.width_px, board.height_px)
    for shot in board.shots[:-1]:
        if shot.transition.name != "cut":
            continue
        frames = []
        for frame in range(shot.end_frame - 2, shot.end_frame + 2):
            maker.draw(frame, luma, uv, with_words=False)
            frames.append(luma.astype(np.float32))
        before, at_the_cut, after = (float(np.abs(two - one).mean()) for one, two in pairwise(frames))
        assert at_the_cut > 2 * max(before, after)
