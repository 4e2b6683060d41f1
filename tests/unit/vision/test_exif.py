from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image

from auratune.vision import exif

TAKEN = 0x9003
OFFSET = 0x9011


@pytest.mark.parametrize("value", [0, 9, 255, -1, 65535, "up", None, (1, 2), b"\x06", 6.5, [6], {}])
def test_an_illegal_orientation_means_as_is(value: object) -> None:
    image = Image.new("RGB", (3, 2))
    assert exif.upright(image, {0x0112: value}) is image


@pytest.mark.parametrize(("value", "corner"), [(1, (0, 0)), (2, (2, 0)), (3, (2, 1)), (4, (0, 1))])
def test_a_legal_orientation_puts_the_top_left_corner_where_it_belongs(value: int, corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (3, 2))
    image.putpixel((0, 0), (255, 0, 0))
    assert exif.upright(image, {0x0112: value}).getpixel(corner) == (255, 0, 0)


@pytest.mark.parametrize(("value", "corner"), [(5, (0, 0)), (6, (1, 0)), (7, (1, 2)), (8, (0, 2))])
def test_a_picture_on_its_side_is_stood_up(value: int, corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (3, 2))
    image.putpixel((0, 0), (255, 0, 0))
    turned = exif.upright(image, {0x0112: value})
    assert turned.size == (2, 3)
    assert turned.getpixel(corner) == (255, 0, 0)


def test_the_moment_of_the_shutter_is_told_in_the_cameras_own_time() -> None:
    assert exif.taken_at({}, {TAKEN: "2025:09:14 14:52:03"}) == datetime(2025, 9, 14, 14, 52, 3)  # noqa: DTZ001
    zone = timezone(timedelta(hours=-4, minutes=-30))
    told = exif.taken_at({}, {TAKEN: "2025:09:14 14:52:03\0", OFFSET: "-04:30"})
    assert told == datetime(2025, 9, 14, 14, 52, 3, tzinfo=zone)


def test_the_files_own_time_stands_in_where_the_camera_wrote_no_other() -> None:
    assert exif.taken_at({306: "2024:01:02 03:04:05"}, {}) == datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["", "0000:00:00 00:00:00", "1970:01:01 00:00:00", "    :  :     :  :  ", 7, None, b"\xff"]
)
def test_a_clock_that_was_never_set_tells_nothing(text: object) -> None:
    assert exif.taken_at({306: text}, {TAKEN: text}) is None


@pytest.mark.parametrize("offset", ["", "Z", "+99:00", "nonsense", 5])
def test_a_strange_offset_leaves_the_time_without_a_zone(offset: object) -> None:
    told = exif.taken_at({}, {TAKEN: "2025:09:14 14:52:03", OFFSET: offset})
    assert told is not None
    assert told.tzinfo is None
