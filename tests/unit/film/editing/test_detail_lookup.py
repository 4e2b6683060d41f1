"""Busyness and brightness of windows."""

from __future__ import annotations

import pytest

from auratune.core.geometry import WHOLE_PICTURE, Box
from auratune.core.scene import DetailMap
from auratune.film.editing.detail_lookup import Detail

MAP = DetailMap(2, 2, (0.0, 1.0, 0.5, 0.1), (0.2, 0.4, 0.6, 0.8))


def test_means_and_extremes_of_windows() -> None:
    detail = Detail(MAP)
    assert detail.busyness(WHOLE_PICTURE) == pytest.approx(0.4)
    assert detail.busyness(Box(0.5, 0.0, 1.0, 0.5)) == pytest.approx(1.0)
    assert detail.brightness(Box(0.0, 0.0, 1.0, 0.5)) == pytest.approx(0.3)
    assert detail.brightest(Box(0.0, 0.0, 0.4, 1.0)) == 0.6


def test_a_window_smaller_than_a_cell_reads_that_cell() -> None:
    assert Detail(MAP).busyness(Box(0.9, 0.9, 0.91, 0.91)) == pytest.approx(0.1)
