"""Type with character: a face and a title sequence for each musical style."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from tests.footage import reel

from auratune.core.geometry import Box
from auratune.core.options import MUSIC_STYLES
from auratune.core.storyboard import TypeCue, TypeRole
from auratune.film.rendering.frames import blank_frame
from auratune.film.rendering.text_layer import TextLayer
from auratune.film.typography.fonts import font, missing, styled_face, writable
from auratune.film.typography.reveals import REVEALS, shown
from auratune.film.typography.text_images import TextImage, cue_face, rasterize
from auratune.film.typography.type_styles import TYPE_STYLES, type_style

FILM = (480, 270)
SPANS = [(10, 5, 60, 40), (70, 5, 120, 40), (130, 5, 180, 40)]


def cue(text: str = "Light on the Stone", **changes: object) -> TypeCue:
    fields = {"role": "title", "first_frame": 0, "end_frame": 60, "box": Box(0.08, 0.35, 0.92, 0.65)} | changes
    return TypeCue(text=text, **fields)  # type: ignore[arg-type]


def light(layer: TextLayer, frame: int) -> np.ndarray:
    y, uv = blank_frame(*FILM)
    layer(frame, y, uv, 1.0, False)
    return y.astype(int) - 16


def test_every_musical_style_has_a_type_of_its_own() -> None:
    assert set(MUSIC_STYLES) < set(TYPE_STYLES)
    looks = {(style.face, style.weight, style.case, style.title_sequence) for style in TYPE_STYLES.values()}
    assert len(looks) == len(TYPE_STYLES)
    assert {style.title_sequence for style in TYPE_STYLES.values()} <= set(REVEALS)
    assert type_style("unheard-of") is TYPE_STYLES["plain"]


@pytest.mark.parametrize("name", TYPE_STYLES)
def test_the_words_of_a_style_stay_inside_their_box(name: str) -> None:
    for text in ("Light on the Stone", "A considerably longer title about rivers, light and the long way home"):
        image = rasterize(cue(text, style=name), 1080, 1440)
        assert image is not None
        assert image.x_px >= 0.08 * 1080 - 120
        assert image.x_px + image.rgba.shape[1] <= 0.92 * 1080 + 120
        assert len(image.words) == len(text.split())


@pytest.mark.parametrize("name", [name for name in TYPE_STYLES if name != "plain"])
def test_a_word_that_a_family_cannot_write_is_written_in_another(name: str) -> None:
    assert rasterize(cue("вечер над рекой", style=name), 1080, 1440) is not None


def parts_of(image: TextImage | None) -> list[tuple[int, int]]:
    """Left and right of each part of the letters that stands apart, the largest first."""
    assert image is not None
    inked = (image.rgba[..., 3] > 160) & (image.rgba[..., 0] > 128)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(inked.astype(np.uint8))
    found = sorted(boxes[1:].tolist(), key=lambda box: -box[cv2.CC_STAT_AREA])
    return [(left, left + width) for left, _, width, _, _ in found]


@pytest.mark.parametrize("name", TYPE_STYLES)
@pytest.mark.parametrize("role", ["title", "lyric"])
@pytest.mark.parametrize("letter", ["o\u0323\u0300", "e\u0323\u0301", "m\u0304", "r\u0325", "x\u0302", "\u0430\u0301"])
def test_a_mark_stands_over_or_under_its_letter(name: str, role: TypeRole, letter: str) -> None:
    assert missing(cue_face(role, type_style(name)), letter) == ()
    style = replace(type_style(name), has_rule=False)
    with patch.dict(TYPE_STYLES, {name: style}):
        (left, right), *marks = parts_of(rasterize(cue(letter, role=role, style=name), 1080, 1440))
    assert len(marks) >= len(letter) - 1, "a mark is not there, or runs into its letter"
    assert all(left <= (mark[0] + mark[1]) / 2 <= right for mark in marks), "a mark stands beside its letter"


def test_tracked_letters_come_in_with_their_marks() -> None:
    image = rasterize(cue("\u1ecd\u0300r\u1eb9\u0301", style="cinematic-strings"), 1080, 1440)
    assert image is not None
    assert len(image.letters) == 3
    assert all(right > left + 10 for left, _, right, _ in image.letters)


def test_a_mark_that_no_font_has_is_named_with_its_letter() -> None:
    assert missing("lyric", "a\u1aca b") == ("a\u1aca",)
    assert writable("lyric", "a\u1aca sea of light") == "sea of light"


def test_a_weight_is_taken_from_the_variable_font() -> None:
    thin, bold = (font(styled_face("quicksand", weight), 80).getlength("light") for weight in (300, 700))
    assert bold > thin


@pytest.mark.parametrize("name", [name for name in TYPE_STYLES if name not in {"plain", "house"}])
def test_lyrics_have_strokes_that_hold_on_a_busy_picture(name: str) -> None:
    family, _, weight = cue_face("lyric", type_style(name)).partition("@")
    assert int(weight) >= (700 if family.startswith("cormorant") else 500)


@pytest.mark.parametrize("name", REVEALS)
def test_a_reveal_begins_with_nothing_and_ends_with_everything(name: str) -> None:
    reveal = REVEALS[name]
    order = reveal.order((48, 200), SPANS, SPANS)
    assert order.shape == (48, 200)
    sums = [float(shown(order, reveal, step / 20).sum()) for step in range(21)]
    assert sums[0] == 0
    assert sums[-1] == pytest.approx(48 * 200)
    assert sums == sorted(sums)


@pytest.mark.parametrize("name", [name for name in TYPE_STYLES if name != "plain"])
def test_a_title_comes_in_by_its_sequence(name: str) -> None:
    title = cue(style=name, reveal=TYPE_STYLES[name].title_sequence, reveal_frames=30)
    layer = TextLayer(reel(["pan"], size=FILM, cues=[title]))
    assert light(layer, 2).clip(0).sum() < 0.6 * light(layer, 40).clip(0).sum()


def test_sung_words_come_in_one_by_one_on_their_frames() -> None:
    sung = cue("we rise again", role="lyric", word_frames=(0, 20, 40))
    layer = TextLayer(reel(["pan"], size=FILM, cues=[sung]))
    sums = [int(light(layer, frame).clip(0).sum()) for frame in (15, 35, 50)]
    assert 0 < sums[0] < 0.8 * sums[1] < 0.8 * sums[2]


@pytest.mark.parametrize("name", ["house", "cinematic-strings", "bossa"])
def test_letters_to_come_leave_no_bright_holes_in_the_shade(name: str) -> None:
    style = type_style(name)
    title = cue(style=name, shade=0.6, reveal=style.title_sequence, reveal_frames=40)
    layer = TextLayer(reel(["pan"], size=FILM, cues=[title]))
    y, uv = np.full((270, 480), 180, np.uint8), np.full((135, 240, 2), 128, np.uint8)
    layer(16, y, uv, 1.0, False)
    assert (y[135, 100:380] < 120).mean() > 0.5, "the shade is there"
    assert not (np.abs(y[135].astype(int) - 180) < 12).sum() > 12, "the bare picture shows through"
    assert np.abs(uv.astype(int) - 128).max() <= 8
