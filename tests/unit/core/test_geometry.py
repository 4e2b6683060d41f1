"""Boxes in fractions of a picture."""

from __future__ import annotations

import pytest

from auratune.core.geometry import WHOLE_PICTURE, Box


def test_a_box_knows_its_size_and_centre() -> None:
    box = Box(0.2, 0.4, 0.6, 0.5)
    assert box.width == pytest.approx(0.4)
    assert box.height == pytest.approx(0.1)
    assert box.area == pytest.approx(0.04)
    assert box.centre == pytest.approx((0.4, 0.45))


def test_likeness_is_one_for_the_same_box_and_zero_for_strangers() -> None:
    box = Box(0.1, 0.1, 0.3, 0.3)
    assert box.likeness(box) == pytest.approx(1.0)
    assert box.likeness(Box(0.5, 0.5, 0.9, 0.9)) == 0.0
    assert box.likeness(Box(0.2, 0.1, 0.4, 0.3)) == pytest.approx(1 / 3)


def test_a_box_that_reaches_out_of_the_picture_is_clipped() -> None:
    assert Box(-1.0, -0.5, 2.0, 1.5).clipped() == WHOLE_PICTURE


def test_an_inverted_box_covers_nothing() -> None:
    assert Box(0.8, 0.2, 0.2, 0.9).area == 0.0
