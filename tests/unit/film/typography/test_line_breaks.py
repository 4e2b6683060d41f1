"""Lines break evenly and with manners."""

from __future__ import annotations

from auratune.film.typography.line_breaks import balanced


def width(text: str) -> float:
    return float(len(text))


def test_a_text_that_fits_stays_on_one_line() -> None:
    assert balanced("light on stone", width, 20, 3) == ["light on stone"]


def test_two_lines_are_of_even_length() -> None:
    lines = balanced("we climbed the steps and left the noise behind", width, 40, 2)
    assert lines is not None
    assert len(lines) == 2
    assert abs(len(lines[0]) - len(lines[1])) <= 8


def test_no_line_ends_in_an_article() -> None:
    assert balanced("bring harbour the light home", width, 20, 2) == ["bring harbour", "the light home"]


def test_every_word_is_kept_in_order() -> None:
    text = "one two three four five six seven eight nine ten"
    lines = balanced(text, width, 15, 6)
    assert lines is not None
    assert " ".join(lines) == text
    assert max(map(len, lines)) <= 15


def test_too_long_a_text_or_word_is_told() -> None:
    assert balanced("one two three four five six", width, 8, 2) is None
    assert balanced("incomprehensibilities", width, 8, 4) is None
