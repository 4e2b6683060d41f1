"""Storyboards that people have looked at, pinned as JSON: a change of the editor shows up as a diff.

`pytest tests/golden --regenerate-goldens` draws them anew; look at the films before you commit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.stories import a_grid, a_scene, a_song, a_treatment, wishes_for

from auratune.core import serialization
from auratune.core.geometry import Box
from auratune.core.options import FilmFormat
from auratune.core.scene import Scene, Subject
from auratune.film.editing.editor import draw_storyboard

FOLDER = Path(__file__).parent / "storyboards"
_DECIMALS = 5

PORTRAIT = (
    Subject("face", Box(0.42, 0.24, 0.58, 0.36), 0.95, "a face"),
    Subject("person", Box(0.3, 0.2, 0.7, 0.98), 0.8, "a person"),
    Subject("region", Box(0.02, 0.55, 0.25, 0.8), 0.4),
)
STREET = tuple(
    Subject(kind, Box(left, top, left + width, top + height), weight)
    for kind, left, top, width, height, weight in (
        ("person", 0.1, 0.45, 0.08, 0.4, 0.7),
        ("person", 0.25, 0.5, 0.07, 0.35, 0.6),
        ("thing", 0.55, 0.3, 0.3, 0.35, 0.5),
        ("region", 0.7, 0.05, 0.25, 0.2, 0.3),
    )
)

FILMS: dict[str, tuple[Scene, FilmFormat, float, str]] = {
    "glasses-portrait": (a_scene(subjects=PORTRAIT), FilmFormat(), 92.0, "golden"),
    "landscape-to-vertical": (a_scene(4000, 3000, STREET), FilmFormat(aspect="9:16", fps=25), 118.0, "vivid"),
    "portrait-to-wide": (a_scene(subjects=PORTRAIT), FilmFormat(aspect="16:9", captions="soft"), 75.0, "noir"),
    "panorama": (a_scene(9000, 1500, busy=0.3), FilmFormat(length_seconds=15.0), 140.0, "teal-night"),
    "tiny-and-blurred": (a_scene(90, 120, sharpness=0.05), FilmFormat(length_seconds=8.0, fps=24), 84.0, "pastel"),
    "flat-white": (a_scene(busy=0.0, brightness=1.0), FilmFormat(letterbox=True, captions="off"), 66.0, "film-print"),
}


def _plain(value: Any) -> Any:
    """Rounded, so that the last bits of another processor's floating point make no difference."""
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", FILMS)
def test_the_storyboard_is_as_it_was(name: str, *, regenerate_goldens: bool) -> None:
    scene, form, tempo, look = FILMS[name]
    treatment = a_treatment(look=look)
    grid = a_grid(tempo, form.length_seconds)
    board = draw_storyboard(scene, treatment, a_song(treatment), grid, wishes_for(form), seed=2024)
    drawn = _plain(json.loads(serialization.dumps(board)))
    path = FOLDER / f"{name}.json"
    if regenerate_goldens:
        path.write_text(json.dumps(drawn, indent=1, ensure_ascii=False) + "\n")
    assert drawn == json.loads(path.read_text())
