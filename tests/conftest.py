"""What every test may use: pictures drawn on the spot, and no key of the developer's own."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A key in the developer's environment must never be spent by a test.
for name in ("SUNO_API_KEY", "CLAUDE_API_KEY", "ANTHROPIC_API_KEY", "ELEVENLABS_API_KEY", "AURATUNE_API_KEYS"):
    os.environ.pop(name, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-goldens", action="store_true", help="draw the golden storyboards anew")


@pytest.fixture
def regenerate_goldens(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--regenerate-goldens"))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are read from `.env` in the working folder: tests have an empty one."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Commands set up logging for their process; here the process goes on with other tests."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def paint(width: int = 320, height: int = 240, *, seed: int = 1) -> Image.Image:
    """A small landscape with a sky, hills, a sun and a house: something to look at in every part."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        share = y / height
        draw.line((0, y, width, y), fill=(int(250 - 120 * share), int(170 - 60 * share), int(90 + 110 * share)))
    sun = (0.2 + 0.6 * (seed * 0.37 % 1)) * width
    radius = min(width, height) / 9
    draw.ellipse((sun - radius, height * 0.15, sun + radius, height * 0.15 + 2 * radius), fill=(255, 236, 170))
    for index in range(7):
        x = (index * 0.17 + seed * 0.05) % 1 * width
        peak = height * (0.45 + 0.04 * ((index * 5 + seed) % 5))
        draw.polygon(
            ((x - width * 0.25, height), (x, peak), (x + width * 0.25, height)),
            fill=(40 + 12 * index, 60 + 9 * index, 50 + 14 * (seed % 7)),
        )
    house = ((seed * 0.61) % 0.7 + 0.1) * width
    draw.rectangle((house, height * 0.7, house + width * 0.12, height * 0.9), fill=(200, 60, 50))
    for row in range(3):
        for column in range(3):
            left = house + width * 0.12 * (0.1 + 0.3 * column)
            top = height * (0.72 + 0.06 * row)
            draw.rectangle((left, top, left + width * 0.02, top + height * 0.03), fill=(250, 240, 200))
    return image


@pytest.fixture
def photo_file(tmp_path: Path) -> Callable[..., Path]:
    """Draw a photo into a file: `photo_file(width, height, seed=1, form="JPEG")`."""

    def draw(width: int = 320, height: int = 240, *, seed: int = 1, form: str = "JPEG") -> Path:
        path = tmp_path / f"drawn-{width}x{height}-{seed}.{form.lower()}"
        paint(width, height, seed=seed).save(path, form)
        return path

    return draw
