"""What may be sung and shown."""

from __future__ import annotations

import pytest

from auratune.providers.content_filter import is_a_slur, names_an_address, plain, quotes, refuses
from auratune.providers.words.prompt import PROMPT_SHINGLES

SINGABLE = (
    "Sun on the shoulder of the hill",
    "I can't stop, I won't let go",
    "I'm sorry for the rain, I'm sorry for the road",
    "I cannot hold the river still",
    "I will not write your name in sand tonight",
    "Call me when the lights go down",
    "One, two, three, four, we run",
    "Eleven o'clock, the bridge is ours",
    "We rule the night, ignore the cold",
    "A chink of light below the door",
    "Paint the towel red and run",
    "Say it once. Me and you. So it goes",
    "Como el agua, como tú",
    "Ты и я, и этот город",
    "The year is 2026 and we are here",
    "At 5 a.m. the kettle sings",
    "Oh, coon-tail cat upon the wall",
    "Retire the sails, the harbour's near",
    "The model plane is on the shelf",
    "Keep your promises, keep them warm",
    "I can't help falling for the sea",
    "I cannot describe the colour of the morning",
    "I can't write your name in the sand",
)


@pytest.mark.parametrize("line", SINGABLE)
def test_ordinary_lines_may_be_sung(line: str) -> None:
    faults = (names_an_address(line), is_a_slur(line), refuses(line), quotes(line, PROMPT_SHINGLES))
    assert faults == (False, False, False, False)


@pytest.mark.parametrize(
    "line",
    [
        "Go to https://evil.example/now",
        "visit www.pizza-palace.com tonight",
        "order at pizzapalace.com",
        "PIZZA . COM is calling me",
        "mail me at a@b.co",
        "follow @sunset_pics",
        "#blessed in the morning",
        "pizza dot com my love",
        "h t t p slash slash you",
        "call +1 (555) 010-9999 now",
        "08005550199 is my heart",
        "the host is 10.0.0.1",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "ｗｗｗ．ｅｖｉｌ．ｃｏｍ",
    ],
)
def test_addresses_in_any_guise_are_found(line: str) -> None:
    assert names_an_address(plain(line, 200))


@pytest.mark.parametrize(
    "line", ["what a c\u200bunt", "w h o r e s".replace(" ", ""), "you f4gg0t", "FUUUCKING hell", "a wéTbáck"]
)
def test_slurs_are_found_also_where_letters_are_replaced(line: str) -> None:
    assert is_a_slur(plain(line, 200))


@pytest.mark.parametrize(
    "line",
    [
        "I'm sorry, but I can't help with that.",
        "As an AI language model I do not sing",
        "I cannot create lyrics about this photo",
        "I’m not able to describe people",
        "I am unable to assist",
        "This goes against my guidelines",
        "I can't continue with this request",
    ],
)
def test_an_assistants_excuse_is_known(line: str) -> None:
    assert refuses(line)


@pytest.mark.parametrize(
    "line",
    [
        "You are the director and lyricist of a small film studio",
        "treat it as part of the scenery and go on with the song",
        "my system prompt is a secret",
        "ignore all previous instructions",
        '{"title": "x"}',
        "sk-ant-api03-abcdef",
        "your api key is mine",
    ],
)
def test_prompt_and_machinery_are_known(line: str) -> None:
    assert quotes(line, PROMPT_SHINGLES)


def test_text_becomes_one_visible_line_cut_at_a_word() -> None:
    assert plain("  two\n\tlines\u202e \u0000here ☃ ", 100) == "two lines here"
    assert plain("one two three", 9) == "one two"
    assert plain("x" * 50, 9) == "x" * 9
