from __future__ import annotations

import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from tests.contexts import a_context

from auratune.core.errors import InvalidOption
from auratune.core.geometry import Box
from auratune.core.options import LOOKS, MUSIC_STYLES, FilmFormat, Options
from auratune.core.photo import Photo
from auratune.core.scene import DetailMap, Light, Mood, Scene, Subject, Swatch
from auratune.core.treatment import Treatment
from auratune.providers.embedded.songwriter import EmbeddedSongwriter
from auratune.providers.embedded.writing import phrases
from auratune.providers.embedded.writing.lyrics import LONGEST_LINE
from auratune.providers.embedded.writing.music_brief import key_for, style_for
from auratune.providers.embedded.writing.scene_reading import FAMILIES, MOODS, read
from auratune.providers.words.style_request import read_style
from auratune.providers.words.user_words import own_lyrics
from auratune.vision.colour_names import COLOUR_NAMES

LIGHT = Light(brightness=0.5, contrast=0.6, warmth=0.0, colourfulness=0.3, edge_energy=0.3, sharpness=0.9)
BLUE = (Swatch(40, 90, 200, 0.7), Swatch(120, 120, 120, 0.3))


def photo(seed: int = 1, taken_at: datetime | None = None) -> Photo:
    return Photo(key="k", width_px=1080, height_px=1440, content_hash="00", seed=seed, taken_at=taken_at)


def scene(
    valence: float = 0.1,
    arousal: float = 0.45,
    *,
    light: Light = LIGHT,
    palette: tuple[Swatch, ...] = BLUE,
    subjects: tuple[Subject, ...] = (),
) -> Scene:
    return Scene(
        width_px=1080,
        height_px=1440,
        subjects=subjects,
        palette=palette,
        light=light,
        mood=Mood(valence, arousal),
        detail=DetailMap(1, 1, (0.3,), (0.5,)),
        caption="",
        seen_by="embedded",
    )


def write(seed: int = 1, options: Options | None = None, seen: Scene | None = None) -> Treatment:
    return EmbeddedSongwriter().write(a_context(), photo(seed), seen or scene(), options or Options())


def text(treatment: Treatment) -> list[str]:
    return [line.text for line in treatment.lyrics]


# ── the songs ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_film_of_half_a_minute_has_a_verse_and_a_chorus_of_four_lines_each() -> None:
    assert [line.section for line in write().lyrics] == ["verse"] * 4 + ["chorus"] * 4


@pytest.mark.parametrize(("seconds", "lines"), [(5, 2), (12, 4), (18, 6), (30, 8), (45, 12), (60, 16)])
def test_a_longer_film_has_more_lines(seconds: float, lines: int) -> None:
    assert len(write(options=Options(format=FilmFormat(length_seconds=seconds))).lyrics) == lines


def test_a_whole_song_has_two_verses_and_its_chorus_twice() -> None:
    treatment = write(options=Options(excerpt="best"))
    words = text(treatment)
    assert words[4:8] == words[12:16]
    assert words[:4] != words[8:12]
    assert treatment.music.whole_song


def test_the_chorus_begins_with_the_title() -> None:
    for seed in range(30):
        treatment = write(seed)
        chorus = [line.text for line in treatment.lyrics if line.section == "chorus"]
        assert chorus[0].startswith(treatment.title)


@pytest.mark.parametrize("mood", MOODS)
def test_every_line_fits_a_caption_and_no_rhyme_is_sung_twice(mood: str) -> None:
    valence, arousal = MOODS[mood]
    for seed in range(60):
        words = text(write(seed, seen=scene(valence, arousal)))
        assert max(map(len, words)) <= LONGEST_LINE
        ends = [re.findall(r"[a-z']+", line.lower())[-1] for line in words]
        couplets = [set(ends[at : at + 2]) for at in range(0, len(ends), 2)]
        assert sum(map(len, couplets)) == len(set().union(*couplets))


def test_sad_and_glad_pictures_do_not_share_their_words() -> None:
    glad = {
        line for seed in range(40) for line in text(write(seed, seen=scene(0.6, 0.75))) if not line.startswith("The")
    }
    sad = {
        line for seed in range(40) for line in text(write(seed, seen=scene(-0.6, 0.2))) if not line.startswith("The")
    }
    felt = {line[0].upper() + line[1:] for mood in ("radiant",) for pair in phrases.FEELINGS[mood] for line in pair}
    assert felt & glad
    assert not felt & sad


def test_colours_of_the_palette_come_into_the_song() -> None:
    green = (Swatch(50, 140, 60, 1.0),)
    seen = scene(palette=green)
    words = " ".join(" ".join([*text(write(seed, seen=seen)), write(seed, seen=seen).title]) for seed in range(20))
    assert "green" in words.lower()
    assert " blue" not in words.lower().replace("out of the blue", "")


def test_a_person_in_the_picture_is_sung_to() -> None:
    someone = (Subject("person", Box(0.3, 0.3, 0.5, 0.9), 0.9),)
    lines = {line.lower() for pair in phrases.FEATURES["person"] for line in pair}
    for seed in range(20):
        assert {line.lower() for line in text(write(seed, seen=scene(subjects=someone)))} & lines


@pytest.mark.parametrize(
    ("hour", "brightness", "told"),
    [
        (23, 0.1, "night"),
        (7, 0.5, "morning"),
        (13, 0.6, "day"),
        (18, 0.5, "golden"),
        (2, 0.8, "day"),
        (12, 0.05, "night"),
    ],
)
def test_the_hour_is_the_clocks_unless_the_light_says_otherwise(hour: int, brightness: float, told: str) -> None:
    taken = datetime(2025, 6, 1, hour, 5)  # noqa: DTZ001
    assert read(photo(1, taken), scene(light=replace(LIGHT, brightness=brightness))).hour == told


def test_thirty_photos_give_thirty_different_songs() -> None:
    songs = [write(seed) for seed in range(30)]
    assert len({tuple(text(song)) for song in songs}) == 30
    assert len({song.title for song in songs}) > 20


def test_the_same_photo_gives_the_same_treatment_in_another_process() -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; from test_embedded_writer import write; t = write(5); "
        "print(t.title, [l.text for l in t.lyrics], t.look, t.music.style, t.music.key, t.music.energy_curve)"
    )
    here = Path(__file__).resolve()
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, str(here.parent), str(here.parents[3])],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": salt},
        ).stdout
        for salt in ("1", "2")
    }
    assert len(runs) == 1
    assert write(5).title in runs.pop()


def test_the_writer_is_light_enough_for_the_service_itself() -> None:
    code = "import sys, auratune.providers.embedded.songwriter; print({'numpy', 'cv2', 'PIL'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


# ── the songbook ─────────────────────────────────────────────────────────────────────────────────────────────────

BOOK = {
    **{f"colours {name}": pairs for name, pairs in phrases.COLOURS.items()},
    **{f"hours {name}": pairs for name, pairs in phrases.HOURS.items()},
    **{f"features {name}": pairs for name, pairs in phrases.FEATURES.items()},
    **{f"feelings {name}": pairs for name, pairs in phrases.FEELINGS.items()},
    **{f"hooks {name}": pairs for name, pairs in phrases.HOOKS.items()},
    **{f"lifts {name}": pairs for name, pairs in phrases.LIFTS.items()},
}


@pytest.mark.parametrize("page", BOOK)
def test_a_page_of_the_songbook_keeps_the_house_style(page: str) -> None:
    couplets = BOOK[page]
    assert len(set(couplets)) == len(couplets) >= 3
    for couplet in couplets:
        for line in couplet:
            assert len(line.format(hook="Amber Hour")) <= LONGEST_LINE, line
            assert re.fullmatch(r"[A-Za-z' ,{}-]+", line), line
            assert not line.endswith((",", " ")), line
        assert ("{hook}" in couplet[0]) == page.startswith("hooks")


def test_the_songbook_has_words_for_every_mood_colour_and_hour() -> None:
    for bank in (phrases.FEELINGS, phrases.HOOKS, phrases.LIFTS, phrases.TITLE_NOUNS, phrases.TITLE_PHRASES):
        assert set(bank) == set(MOODS)
    assert set(FAMILIES) == set(COLOUR_NAMES)
    assert set(FAMILIES.values()) == set(phrases.COLOURS) == set(phrases.TITLE_COLOURS)
    assert set(phrases.TITLE_HOURS) == set(phrases.HOURS)


def test_no_couplet_is_in_the_book_twice() -> None:
    lines = [line for pairs in BOOK.values() for pair in pairs for line in pair]
    assert [line for line, count in Counter(lines).items() if count > 1] == []


# ── what the person asked for ────────────────────────────────────────────────────────────────────────────────────


def test_the_persons_own_words_are_kept_and_credited_to_them() -> None:
    treatment = write(options=Options(title="  Für Élise ♥ ", lyrics="Dear  Ann,\r\nI am here\n\nla la la, 100 %!\n"))
    assert treatment.title == "Für Élise ♥"
    assert [(line.text, line.section) for line in treatment.lyrics] == [
        ("Dear Ann,", "verse"),
        ("I am here", "verse"),
        ("la la la, 100 %!", "chorus"),
    ]
    assert treatment.words_by == "you"
    assert treatment.music.lyrics == treatment.lyrics
    assert treatment.music.title == treatment.title


def test_headings_name_the_sections_and_are_not_sung() -> None:
    lines = own_lyrics("[Verse 1]\none\n[Chorus]\ntwo\n\nBridge:\nthree\n(Outro)\nfour\nEnd\n")
    assert [(line.text, line.section) for line in lines] == [
        ("one", "verse"),
        ("two", "chorus"),
        ("three", "bridge"),
        ("four", "outro"),
        ("End", "outro"),
    ]


def test_a_stanza_that_comes_twice_is_the_chorus() -> None:
    lines = own_lyrics("a\n\nrefrain\n\nb\n\nc\n\nrefrain")
    assert [line.section for line in lines] == ["verse", "chorus", "verse", "verse", "chorus"]


def test_control_characters_and_turned_text_are_taken_out_and_scripts_and_emoji_stay() -> None:
    lines = own_lyrics("a\x00b\x1b[31m c\u202e d\n\ufeff愛してる\n👩\u200d🚀 می\u200cخواهم\n\x07\n")
    assert [line.text for line in lines] == ["ab[31m c d", "愛してる", "👩\u200d🚀 می\u200cخواهم"]


def test_absurd_lengths_are_refused_with_codes() -> None:
    with pytest.raises(InvalidOption) as caught:
        write(options=Options(title="x" * 201))
    assert caught.value.code == "title_too_long"
    with pytest.raises(InvalidOption) as caught:
        write(options=Options(lyrics="la\n" * 2001))
    assert caught.value.code == "lyrics_too_long"


@pytest.mark.parametrize("lyrics", ["", "   ", "\n\n\n", "\x00\x01"])
def test_empty_lyrics_are_no_lyrics(lyrics: str) -> None:
    assert write(options=Options(lyrics=lyrics)).words_by == "embedded"


def test_a_title_that_can_be_sung_is_sung_and_one_that_cannot_is_only_shown() -> None:
    assert "My Corner" in text(write(options=Options(title="My Corner")))[4]
    for title in (
        "https://example.com",
        "12345",
        "♥♥♥",
        "A title that is far too long to be sung in one line",
        "{hook}",
    ):
        treatment = write(options=Options(title=title))
        assert treatment.title == title
        assert title not in " ".join(text(treatment))


def test_an_instrumental_has_no_lyrics() -> None:
    treatment = write(options=Options(instrumental=True, lyrics="mine"))
    assert treatment.lyrics == treatment.music.lyrics == ()
    assert treatment.music.instrumental
    assert treatment.words_by == "embedded"
    assert "instrumental" in treatment.notices[0]


def test_a_line_too_long_for_a_caption_is_parted_between_words() -> None:
    long = "and on and on it goes " * 12
    lines = [line.text for line in own_lyrics(long)]
    assert max(map(len, lines)) <= 90
    assert " ".join(lines).split() == long.split()


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_asked_for_by_name_wins(look: str) -> None:
    assert write(options=Options(style=look.upper().replace("-", " "))).look == look


@pytest.mark.parametrize("style", MUSIC_STYLES)
def test_a_music_style_asked_for_by_name_wins(style: str) -> None:
    treatment = write(options=Options(style=style.replace("-", "_")))
    assert treatment.music.style == style
    assert write(3, Options(style=style.replace("-", ""))).music.style == style


def test_architecture_on_a_calm_picture_is_still_house() -> None:
    brief = write(options=Options(style="house"), seen=scene(0.2, 0.1)).music
    assert brief.tempo_low_bpm > 105


@pytest.mark.parametrize(
    ("text", "look", "music", "words"),
    [
        ("", "", "", ()),
        ("rainy jazz, late night", "", "", ("rainy jazz", "late night")),
        ("Noir synthwave", "noir", "synthwave", ()),
        ("noir, dreamy; slow", "noir", "", ("dreamy", "slow")),
        ("naturally vivid", "vivid", "", ("naturally",)),
        ("<b>loud</b>\n", "", "", ("b loud", "b")),
    ],
)
def test_a_style_is_told_apart_into_look_music_and_words(
    text: str, look: str, music: str, words: tuple[str, ...]
) -> None:
    found = read_style(text)
    assert (found.look, found.music, found.words) == (look, music, words)


@pytest.mark.parametrize(
    ("style", "notices"),
    [
        ("", ()),
        ("Noir synthwave", ()),
        ("nior", ("'nior' is not a look or music style here, so it became a music tag; did you mean 'noir'?",)),
        ("rainy jazz", ("'rainy jazz' is not a look or music style here, so it became a music tag.",)),
        (
            "gloden, synth wav",
            (
                "'gloden', 'synth wav' are not looks or music styles here, so they became music tags; "
                "did you mean 'golden' and 'synthwave'?",
            ),
        ),
    ],
)
def test_a_style_that_is_not_known_is_told_with_the_nearest_one(style: str, notices: tuple[str, ...]) -> None:
    assert write(options=Options(style=style)).notices == notices


def test_the_persons_words_lead_the_tags() -> None:
    assert write(options=Options(style="rainy jazz")).music.genre_tags[0] == "rainy jazz"


# ── look and music ───────────────────────────────────────────────────────────────────────────────────────────────


def test_looks_follow_the_light() -> None:
    def looks(**light: float) -> Counter[str]:
        seen = scene(light=replace(LIGHT, **light))
        return Counter(write(seed, seen=seen).look for seed in range(20))

    assert looks(warmth=0.7)["golden"] > 15
    assert looks(brightness=0.12, colourfulness=0.05, contrast=0.8)["noir"] > 10
    assert looks(brightness=0.12, warmth=-0.3, colourfulness=0.5)["teal-night"] > 10
    assert looks(brightness=0.85, contrast=0.15)["pastel"] > 10
    assert looks(brightness=0.6, colourfulness=1.0)["vivid"] > 10
    assert set(looks()) == {"natural", "film-print"}


def test_no_daylight_picture_is_turned_into_night() -> None:
    assert all(
        write(seed, seen=scene(light=replace(LIGHT, brightness=0.45))).look != "teal-night" for seed in range(40)
    )


def test_all_styles_are_reached_and_each_is_at_home_in_its_mood() -> None:
    chance = random.Random(1)
    drawn = Counter(style_for(chance.uniform(-0.8, 0.8), chance.random(), chance) for _ in range(600))
    assert set(drawn) == set(MUSIC_STYLES)
    assert min(drawn.values()) > 15
    assert Counter(style_for(0.35, 0.9, chance) for _ in range(60)).most_common(1)[0][0] == "house"
    assert "house" not in {style_for(-0.4, 0.15, chance) for _ in range(60)}


def test_the_tempo_rises_with_arousal_alone() -> None:
    briefs = [write(seen=scene(0.2, arousal)).music for arousal in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    lows = [brief.tempo_low_bpm for brief in briefs]
    assert lows == sorted(set(lows))
    assert all(60 <= brief.tempo_low_bpm < brief.tempo_high_bpm <= 140 for brief in briefs)
    assert write(seen=scene(-0.7, 0.4)).music.tempo_low_bpm == lows[2]


def test_the_share_of_minor_keys_falls_as_valence_rises() -> None:
    shares = [
        sum(key_for(valence, random.Random(seed)).endswith("minor") for seed in range(300))
        for valence in (-0.8, -0.3, 0.2, 0.7)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 250
    assert shares[-1] < 50
    for seed in range(50):
        glad, sad = key_for(0.6, random.Random(seed)), key_for(-0.6, random.Random(seed))
        assert not (glad.endswith("minor") and sad.endswith("major")), "gladness never makes a picture sadder"


def test_the_brief_is_complete() -> None:
    options = Options(music="suno", format=FilmFormat(length_seconds=20.0))
    treatment = write(9, options, scene(0.3, 0.5, light=replace(LIGHT, warmth=0.4, brightness=0.7)))
    brief = treatment.music
    assert brief.composer == "suno"
    assert brief.length_seconds == 20
    assert (brief.valence, brief.arousal, brief.warmth, brief.brightness) == (0.3, 0.5, 0.4, 0.7)
    assert brief.seed == 9
    assert brief.style in MUSIC_STYLES
    assert re.fullmatch(r"[A-G][#b]? (major|minor)", brief.key)
    assert "warm" in brief.genre_tags
    assert len(", ".join(brief.genre_tags)) < 100
    assert len(brief.energy_curve) == 8
    assert all(0 < value <= 1 for value in brief.energy_curve)
    assert max(brief.energy_curve) in brief.energy_curve[4:7], "the chorus is the peak"
    assert treatment.mood_arc.endswith(".")
