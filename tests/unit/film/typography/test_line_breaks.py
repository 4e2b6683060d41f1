"""Lines break evenly and with manners."""

from __future__ import annotations

from auratune.film.typography.line_breaks import balanced, shown, with_breaks


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


def test_ideographs_break_anywhere_but_before_a_comma() -> None:
    text = with_breaks("夏夜的风，吹过河岸", width, 5)
    lines = balanced(text, lambda line: width(shown(line)), 5, 3)
    assert lines is not None
    assert "".join(lines) == "夏夜的风，吹过河岸"
    assert not any(line.startswith("，") for line in lines)


def test_a_word_is_broken_only_where_no_line_holds_it() -> None:
    assert with_breaks("short words", width, 8) == "short words"
    assert balanced(with_breaks("a" * 12, width, 8), width, 8, 2) == ["a" * 6, "a" * 6]
