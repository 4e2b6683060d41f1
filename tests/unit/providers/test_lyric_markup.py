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
        "== Chorus ==",
        "//Chorus//",
        "「サビ」",
        "[[Chorus]]",
        "[Chorus 2",
        "Chorus (all together)",
        "Chorus 2 - all together",
        "\\[Chorus\\]",
        "الكورس:",
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
        "INSTRUMENTAL",
        "*soft piano*",
        "x2",
        "♫",
        "Am  G  F#m7  C/E",
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
        ("Hold on x2", "Hold on"),
        ("(spoken) Hold on", "Hold on"),
        ("(Chorus) Hold on", "Hold on"),
        ("♪ Hold on ♪", "Hold on"),
        ("<i>Tom</i> &amp; I", "Tom & I"),
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
        "7:45 and I am late",
        "Mood: blue",
        "Bridge",
        "We are one & all &c",
        "(the bridge) is gone",
        "A",
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


@pytest.mark.parametrize(
    "pasted",
    [
        "1\n00:00:01,500 --> 00:00:04,000\nLanterns on\nthe water\n\n2\n00:00:05,000 --> 00:00:08,000\n"
        "<i>We rise</i>\n",
        "WEBVTT\n\nNOTE made by hand\n\n00:01.500 --> 00:04.000 align:start\nLanterns on\nthe water\n\n"
        "second\n00:05.000 --> 00:08.000\n♪ We rise ♪",
        "0:01.5 Lanterns on the water\n0:05 We rise",
        "(0:01.5)\nLanterns on the water\n(0:05)\nWe rise",
    ],
)
def test_times_of_subtitles_and_transcripts_become_the_times_of_their_lines(pasted: str) -> None:
    lines = own_lyrics(pasted)
    assert [(line.text, line.start_seconds) for line in lines] == [("Lanterns on the water", 1.5), ("We rise", 5.0)]


def test_what_a_chat_says_around_a_song_is_not_sung() -> None:
    preface = "Sure! Here is a song for you:\n\n**Title:** Lanterns\n**Tempo:** 90\n\n# Lanterns\n"
    answer = f"{preface}\nVerse One\nWe walk\n\nBridge\nWe run"
    assert sung(answer) == [("We walk", "verse"), ("We run", "bridge")]


def test_a_first_line_above_a_heading_is_sung_when_nothing_marks_it() -> None:
    assert sung("We walk\n[Chorus]\nWe rise") == [("We walk", "verse"), ("We rise", "chorus")]
