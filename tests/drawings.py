"""Pictures drawn for tests of seeing and writing: many different ones, and some with something known in them."""

from __future__ import annotations

import colorsys
import random
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFilter


def scenery(number: int, size: tuple[int, int] = (480, 640)) -> Image.Image:
    """One of endlessly many: a lit ground and shapes in a palette of its own, dark or bright, calm or busy."""
    chance = random.Random(f"scenery {number}")
    width, height = size
    hue, darkness = chance.random(), chance.choice((0.25, 0.6, 1.0))
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for y in range(height):
        draw.line((0, y, width, y), fill=_colour(hue + 0.1 * y / height, 0.5, darkness * (1 - 0.5 * y / height)))
    for _ in range(chance.randrange(2, 40)):
        x, y = chance.randrange(width), chance.randrange(height)
        reach = chance.randrange(4, max(6, width // 3))
        fill = _colour(hue + chance.choice((0, 0.1, 0.5)), chance.random(), darkness * chance.random())
        kind = chance.choice((draw.ellipse, draw.rectangle))
        kind((x, y, x + reach, y + chance.randrange(4, max(6, height // 3))), fill=fill)
    return image


def spot(size: tuple[int, int] = (480, 640), at: tuple[float, float] = (0.7, 0.3)) -> Image.Image:
    """A calm grey picture with one orange disc; `at` is its centre in fractions."""
    image = Image.new("RGB", size, (120, 124, 128))
    x, y, reach = at[0] * size[0], at[1] * size[1], 0.09 * min(size)
    ImageDraw.Draw(image).ellipse((x - reach, y - reach, x + reach, y + reach), fill=(240, 120, 20))
    return image


def walker(size: tuple[int, int] = (720, 960), *, tall_px: int = 260, at: float = 0.5) -> Image.Image:
    """A figure who stands upright on a pavement, as plain as a road sign; `at` is where, from left to right."""
    width, height = size
    image = Image.new("RGB", size, (180, 190, 200))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.72, width, height), fill=(140, 135, 125))
    unit, x, foot = tall_px / 8, at * width, height * 0.9375
    top, coat, skin = foot - tall_px, (40, 45, 70), (205, 160, 130)
    draw.ellipse((x - unit / 2, top, x + unit / 2, top + 1.15 * unit), fill=skin)
    draw.rectangle((x - 0.2 * unit, top + unit, x + 0.2 * unit, top + 1.5 * unit), fill=skin)
    for side in (-1, 1):
        chest = [(x, top + 1.5 * unit), (x + side * unit, top + 1.5 * unit)]
        draw.polygon([*chest, (x + side * 0.75 * unit, top + 4.2 * unit), (x, top + 4.2 * unit)], fill=coat)
        arm = [(x + side * 0.9 * unit, top + 1.7 * unit), (x + side * 1.15 * unit, top + 4.1 * unit)]
        draw.line(arm, fill=coat, width=max(1, int(0.45 * unit)))
        hip, knee = (x + side * 0.02 * unit, top + 4.1 * unit), (x + side * 0.75 * unit, top + 4.1 * unit)
        draw.polygon([hip, knee, (x + side * 0.75 * unit, foot), (x + side * 0.2 * unit, foot)], fill=(30, 30, 40))
    return image.filter(ImageFilter.GaussianBlur(1.2))


def tiles(size: tuple[int, int] = (720, 960)) -> Image.Image:
    """A wall of windows, which face detectors love to take for faces."""
    image = Image.new("RGB", size, (196, 172, 150))
    draw = ImageDraw.Draw(image)
    for left in range(30, size[0] - 60, 90):
        for top in range(30, size[1] - 80, 110):
            draw.rectangle((left, top, left + 55, top + 80), fill=(52, 60, 68), outline=(225, 215, 205), width=4)
            draw.line((left, top + 40, left + 55, top + 40), fill=(225, 215, 205), width=4)
    return image


def as_bytes(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file's bytes."""
    sink = BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(1, saturation), min(1, max(0, value)))
    return int(255 * red), int(255 * green), int(255 * blue)
