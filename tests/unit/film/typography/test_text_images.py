"""Words on a frame: in their own rectangle, at their own opacity, wherever they stand."""

from __future__ import annotations

import numpy as np
import pytest

from auratune.film.rendering.frames import blank_frame
from auratune.film.rendering.text_overlay import TextOverlay

FILM = (64, 48)


def white(width: int, height: int, alpha: int = 255) -> np.ndarray:
    return np.dstack([np.full((height, width, 3), 255, np.uint8), np.full((height, width), alpha, np.uint8)])


@pytest.mark.parametrize(("opacity", "expected"), [(1.0, 235), (0.5, 150), (0.0, 64)])
def test_white_words_cover_the_picture_as_far_as_they_are_opaque(opacity: float, expected: int) -> None:
    y, uv = blank_frame(*FILM)
    y[:] = 64
    TextOverlay(white(20, 10), 10, 12, FILM).draw(y, uv, opacity)
    assert abs(int(y[16, 20]) - expected) <= 2
    assert np.abs(uv.astype(int) - 128).max() <= 2, "white has no colour"


def test_nothing_outside_the_words_is_touched() -> None:
    y, uv = blank_frame(*FILM)
    y[:] = np.arange(FILM[0], dtype=np.uint8)[None, :] + 40
    before = y.copy()
    TextOverlay(white(21, 9), 11, 13, FILM).draw(y, uv, 0.8)
    changed = np.argwhere(y != before)
    assert changed.min(axis=0).tolist() == [13, 11]
    assert changed.max(axis=0).tolist() == [21, 31]


def test_colour_is_laid_on_the_chroma_too() -> None:
    y, uv = blank_frame(*FILM)
    red = white(20, 20)
    red[..., 1:3] = 0
    TextOverlay(red, 10, 10, FILM).draw(y, uv, 1.0)
    assert uv[10, 10].tolist() == pytest.approx([102, 240], abs=2)


@pytest.mark.parametrize("place", [(-8, -6), (56, 44), (-30, 10), (70, 10)])
def test_words_that_reach_over_the_edge_are_cut_off_there(place: tuple[int, int]) -> None:
    y, uv = blank_frame(*FILM)
    TextOverlay(white(20, 10), *place, FILM).draw(y, uv, 1.0)
    inside = max(0, min(64, place[0] + 20) - max(0, place[0])) * max(0, min(48, place[1] + 10) - max(0, place[1]))
    assert int((y > 200).sum()) == inside
