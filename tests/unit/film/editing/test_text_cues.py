"""Words on the picture can be read, stay inside the frame, and never show a box in place of a letter."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, features
from tests.footage import reel

from auratune.core.geometry import Box
from auratune.core.storyboard import TypeCue
from auratune.film.editing.text_cues import READABLE_BRIGHTNESS, end_cue
from auratune.film.typography.fonts import font, missing, writable
from auratune.film.typography.text_images import TextImage, opacity, rasterize

MIDDLE = Box(0.08, 0.37, 0.92, 0.63)
LOWER = Box(0.08, 0.745, 0.92, 0.915)


def cue(text: str, role: str = "title", box: Box = MIDDLE, shade: float = 0.0) -> TypeCue:
    return TypeCue(role=role, text=text, first_frame=10, end_frame=100, box=box, shade=shade, fade_frames=10)  # type: ignore[arg-type]


def text_box(lettering: TextImage) -> np.ndarray:
    """Where letters are, as booleans: opaque and light."""
    return (lettering.rgba[..., 3] > 200) & (lettering.rgba[..., 0] > 200)


def ink_box(lettering: TextImage) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(text_box(lettering))
    return (
        lettering.x_px + int(columns.min()),
        lettering.y_px + int(rows.min()),
        lettering.x_px + int(columns.max()) + 1,
        lettering.y_px + int(rows.max()) + 1,
    )


def laid_over(lettering: TextImage, grey: float) -> np.ndarray:
    """The words over an even picture, 0 to 1, as one channel."""
    alpha = lettering.rgba[..., 3].astype(np.float64) / 255
    return grey * (1 - alpha) + lettering.rgba[..., 0] / 255 * alpha


def luminance(signal: np.ndarray | float) -> np.ndarray | float:
    return np.power(signal, 2.2)


def test_raqm_shapes_the_text() -> None:
    assert features.check("raqm")


@pytest.mark.parametrize("size", [(1080, 1440), (1920, 1080), (1080, 1920), (640, 360), (160, 160)])
@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("title", "Light on the Stone"),
        ("title", "A Title That Goes On for Much Longer Than Any Title Ever Should, and Then Some More"),
        ("title", "Incomprehensibilities"),
        ("lyric", "We climbed the steps and left the noise behind"),
        ("lyric", "word " * 30),
        ("end", "Light on the Stone\nwords by Claude · music by ElevenLabs"),
    ],
)
def test_words_stay_inside_their_box(size: tuple[int, int], role: str, text: str) -> None:
    if len(text) > 100 and min(size) < 200:
        pytest.skip("nobody could read so many words in so small a frame")
    box = LOWER if role == "lyric" else MIDDLE
    lettering = rasterize(cue(text, role, box), *size)
    assert lettering is not None
    left, top, right, bottom = ink_box(lettering)
    # Half a pixel of antialiasing and a swash may reach over.
    assert left >= box.left * size[0] - 2
    assert right <= box.right * size[0] + 2
    assert top >= box.top * size[1] - 2
    assert bottom <= box.bottom * size[1] + 2


@pytest.mark.parametrize("shade", [0.0, 0.5])
def test_the_picture_of_the_words_lies_inside_the_frame(shade: float) -> None:
    for box in (MIDDLE, LOWER, Box(0.08, 0.07, 0.92, 0.2)):
        lettering = rasterize(cue("Every step a quiet drum", "lyric", box, shade), 320, 240)
        assert lettering is not None
        assert lettering.rgba.dtype == np.uint8
        assert lettering.rgba.shape[2] == 4
        assert lettering.x_px >= 0
        assert lettering.y_px >= 0
        assert lettering.x_px + lettering.rgba.shape[1] <= 320
        assert lettering.y_px + lettering.rgba.shape[0] <= 240


def test_words_without_shade_touch_little_of_the_frame() -> None:
    lettering = rasterize(cue("Quiet", "lyric", LOWER), 1080, 1440)
    assert lettering is not None
    assert lettering.rgba.shape[0] * lettering.rgba.shape[1] < 0.05 * 1080 * 1440


def test_the_same_cue_gives_the_same_picture() -> None:
    one, other = (rasterize(cue("Light on the Stone", shade=0.3), 640, 480) for _ in range(2))
    assert one is not None
    assert other is not None
    assert np.array_equal(one.rgba, other.rgba)


@pytest.mark.parametrize("text", ["Καλημέρα κόσμε", "Ёлка и вечер", "Žluťoučký kůň", "Đà Lạt mưa", "Œuvre à façon"])
def test_latin_greek_and_cyrillic_are_written_whole(text: str) -> None:
    for face in ("title", "lyric", "small"):
        assert writable(face, text) == text


SCRIPTS = {
    "Chinese": "夏夜的风",
    "Japanese": "夏の夜の歌",
    "Korean": "여름밤의 노래",
    "Arabic": "ليلة صيف على النهر",
    "Persian": "می\u200cخواهم",
    "Hebrew": "שלום עולם",
    "Hindi": "गर्मी की रात",
    "Thai": "คืนฤดูร้อนริมแม่น้ำ",
    "Tamil": "கோடை இரவு",
    "Telugu": "వేసవి రాత్రి",
    "Khmer": "រាត្រីរដូវក្តៅ",
    "Bengali": "গ্রীষ্মের রাত",
    "Armenian": "Ամառային գիշեր",
    "Georgian": "ზაფხულის ღამე",
    "emoji": "🌙🌊",
    "mixed": "Hello 夏夜 שלום 🔥",
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("role", ["title", "lyric"])
def test_every_bundled_script_is_written_whole_and_inside_its_box(script: str, role: str) -> None:
    text = SCRIPTS[script]
    assert writable(role, text) == text
    assert missing(role, text) == ()
    lettering = rasterize(cue(text, role, LOWER), 640, 480)
    assert lettering is not None
    left, _, right, _ = ink_box(lettering)
    assert right - left > 10
    assert left >= LOWER.left * 640 - 2
    assert right <= LOWER.right * 640 + 2


def test_letters_join_and_run_from_right_to_left() -> None:
    face = font("lyric", 40)
    joined = face.getlength("سلام")
    assert joined < 0.9 * sum(face.getlength(letter) for letter in "سلام"), "the letters stand apart"
    picture = Image.new("L", (400, 60))
    face.draw(ImageDraw.Draw(picture), 0, 45, "שלום World", 255)
    ink = np.asarray(picture).max(axis=0) > 0
    plain = Image.new("L", (400, 60))
    face.draw(ImageDraw.Draw(plain), 0, 45, "World", 255)
    width = int(face.getlength("World")) - 2
    assert np.array_equal(np.asarray(picture)[:, :width], np.asarray(plain)[:, :width]), "the Latin word stands left"
    assert ink[width + 20 :].any()


@pytest.mark.parametrize(
    ("text", "left", "lost"),
    [
        ("Hello \U00012000 world", "Hello world", ("\U00012000",)),
        ("one\ttwo\x00three", "one twothree", ()),
        ("time ❤\ufe0f", "time ❤", ()),
    ],
)
def test_a_word_that_no_font_can_write_is_left_out_and_named(text: str, left: str, lost: tuple[str, ...]) -> None:
    assert writable("lyric", text) == left
    assert missing("lyric", text) == lost


@pytest.mark.parametrize("text", ["\U00012000\U00012001", "a \U00012000\U00012001\U00012002", "", "   "])
def test_a_text_that_would_lose_its_sense_is_not_drawn(text: str) -> None:
    assert rasterize(cue(text), 640, 480) is None


def test_an_end_card_with_a_title_nobody_can_write_still_has_its_credits() -> None:
    assert rasterize(cue("\U00012000\nan AuraTune film", "end"), 640, 480) is not None


def test_a_word_wider_than_the_frame_is_broken() -> None:
    lettering = rasterize(cue("a" * 120, "lyric", LOWER), 640, 480)
    assert lettering is not None
    left, _, right, _ = ink_box(lettering)
    assert left >= LOWER.left * 640 - 2
    assert right <= LOWER.right * 640 + 2


def test_decomposed_letters_are_composed() -> None:
    assert writable("title", "Cafe\u0301") == "Café"


@pytest.mark.parametrize("grey", [0.0, 0.3, 0.58, 0.8, 1.0])
@pytest.mark.parametrize(
    ("role", "text"),
    [("title", "Light on the Stone"), ("lyric", "Every step a quiet drum"), ("end", "Light\nwords by you")],
)
def test_letters_stand_out_against_any_picture_once_shaded(role: str, text: str, grey: float) -> None:
    readable = READABLE_BRIGHTNESS[role]  # type: ignore[index]
    shade = max(0.0, 1 - readable / grey) if grey else 0.0
    lettering = rasterize(cue(text, role, LOWER, shade), 1080, 1440)
    assert lettering is not None
    picture, letters = laid_over(lettering, grey), text_box(lettering).astype(np.uint8)
    around = (cv2.dilate(letters, np.ones((9, 9))) > 0) & (cv2.dilate(letters, np.ones((3, 3))) == 0)
    ground = float(luminance(float(picture[around].mean())))
    white = float(luminance(float(picture[letters > 0].mean())))
    assert (white + 0.05) / (ground + 0.05) >= 4.5


def test_shade_falls_off_without_an_edge() -> None:
    lettering = rasterize(cue("Light", "title", MIDDLE, 0.6), 640, 480)
    assert lettering is not None
    column = lettering.rgba[:, 5, 3].astype(int)
    assert np.abs(np.diff(column)).max() <= 8
    assert column[0] <= 8
    assert column[-1] <= 8


def test_words_come_and_go_softly() -> None:
    words = cue("Light")
    levels = [opacity(words, frame) for frame in range(110)]
    assert levels[9] == 0.0
    assert levels[100] == 0.0
    assert levels[50] == 1.0
    assert 0 < levels[10] < levels[13] < levels[18] <= 1
    assert max(abs(one - other) for one, other in pairwise(levels)) < 0.25


def test_the_end_card_comes_with_the_final_chord() -> None:
    last_shot = replace(reel(["push_in"]).shots[0], first_frame=750, end_frame=900)

    def begins(hit_seconds: float | None) -> int:
        card = end_cue("Light", "embedded", "embedded", last_shot, 0, 30, hit_seconds)
        assert card is not None
        return card.first_frame

    assert begins(27.5) == 825
    assert begins(29.9) == 900 - 36, "it still stands long enough to be read"
    assert begins(25.0) == begins(None), "the shot itself begins with the chord"


def test_the_end_card_stays_to_the_last_frame() -> None:
    assert opacity(replace(cue("Light", "end")), 99) == 1.0


def test_an_end_card_says_who_made_the_film_below_its_title() -> None:
    bare = rasterize(cue("Light", "end"), 640, 480)
    credited = rasterize(cue("Light\nan AuraTune film", "end"), 640, 480)
    assert bare is not None
    assert credited is not None
    assert ink_box(credited)[3] > ink_box(bare)[3]
