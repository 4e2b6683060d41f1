"""Words pasted from elsewhere: headings, directions, times and markdown go, plain lines stay word for word."""

from __future__ import annotations

import pytest

from auratune.providers.words.user_words import own_lyrics

SUNO = """[Intro - soft piano]
[Verse 1: female vocal]
Lanterns on the water tonight
[Pre-Chorus]
Hold on

**Chorus**
We keep the river burning bright
[Guitar Solo]
[Final Chorus x2]
We keep the river burning
[Fade Out]
[End]
"""


def sung(text: str) -> list[tuple[str, str]]:
    return [(line.text, line.section) for line in own_lyrics(text)]


def test_a_song_pasted_from_a_music_model_keeps_only_its_words() -> None:
    assert sung(SUNO) == [
        ("Lanterns on the water tonight", "verse"),
        ("Hold on", "verse"),
        ("We keep the river burning bright", "chorus"),
        ("We keep the river burning", "chorus"),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "[Chorus]",
            "[chorus: all together]",
            "【副歌】",
            "[副歌]",
            "［サビ］",
            "{Chorus}",
            "(Chorus)",
            "(Chorus - loud)",
        ),
        *(
            "**Chorus**",
            "**Chorus:**",
            "# Chorus",
            "### Chorus ###",
            "__Chorus__",
            "Chorus:",
            "Chorus 2",
            "Chorus",
            "CHORUS:",
        ),
        "Final Chorus (x2)",
        "[Припев]",
        "Припев:",
        "[Estribillo]",
        "[후렴]",
        "[Refrão]",
        "サビ",
        "* Chorus",
    ],
)
def test_a_heading_names_its_section_in_any_form_and_language(heading: str) -> None:
    assert sung(f"[Verse]\none\n{heading}\ntwo") == [("one", "verse"), ("two", "chorus")]


@pytest.mark.parametrize(
    "direction",
    [
        "[Guitar Solo]",
        "[Fade Out]",
        "[soft voice, strings]",
        "(Instrumental)",
        "(guitar solo)",
        "[间奏]",
        "---",
        "***",
        "```",
    ],
)
def test_a_direction_is_not_sung(direction: str) -> None:
    assert sung(f"one\n{direction}\ntwo") == [("one", "verse"), ("two", "verse")]


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("[Verse 1] We walk", "We walk"),
        ("**Chorus:** We rise", "We rise"),
        ("Verse 3: We fall", "We fall"),
        ("Hold my hand [echo]", "Hold my hand"),
        ("Hold on (x2)", "Hold on"),
        ("I *love* **you**", "I love you"),
        ("> Hold on", "Hold on"),
    ],
)
def test_marks_and_directions_go_from_a_line_and_its_words_stay(pasted: str, words: str) -> None:
    assert [text for text, _ in sung(pasted)] == [words]


@pytest.mark.parametrize(
    "line",
    [
        *(
            "(ooh ooh)",
            "(I said) goodbye",
            "- dash line",
            "End",
            "Bridge over the bay",
            "Chorus of angels:",
            "2 hearts, 1 beat",
        ),
        *(
            "snake_case_name",
            "5 * 4 * 3",
            "#1 in my heart",
            "First the bridge: then the sea",
            "Solo",
            "It is 10:30",
            "a < b > c",
        ),
        "夏夜的风",
        "वो शाम",
        "*",
        "We are the final verse",
    ],
)
def test_a_plain_line_stays_word_for_word(line: str) -> None:
    assert sung(line) == [(line, "verse")]


def test_times_of_an_lrc_file_become_the_times_of_its_lines() -> None:
    lines = own_lyrics(
        "[ti:Lanterns]\n[00:09.00][00:01.00]Lanterns on\n[00:04.5]<00:04.50>We <00:05.00>keep\n[00:12]\n"
    )
    assert [(line.text, line.start_seconds) for line in lines] == [
        ("Lanterns on", 1.0),
        ("We keep", 4.5),
        ("Lanterns on", 9.0),
    ]
