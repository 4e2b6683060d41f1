"""The built-in writer speaks only of what is known of the photo."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from tests import surroundings_drawings as drawn
from tests.contexts import a_context
from tests.drawings import as_bytes

from auratune.core.geometry import Box
from auratune.core.options import MUSIC_STYLES, Options
from auratune.core.photo import Photo
from auratune.core.scene import DetailMap, Light, Mood, Scene, Subject, Surroundings, Swatch
from auratune.providers.embedded.songwriter import EmbeddedSongwriter
from auratune.providers.embedded.writing import phrases
from auratune.providers.embedded.writing.facts import FACTS, facts_of
from auratune.providers.embedded.writing.rules import RULES, is_true, needs_of, true_couplets, true_words
from auratune.providers.embedded.writing.scene_reading import MOODS
from auratune.vision.analyze import analyze

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PIL import Image

PALETTES = (
    (Swatch(40, 90, 200, 0.7), Swatch(120, 120, 120, 0.3)),
    (Swatch(50, 140, 60, 0.6), Swatch(30, 160, 150, 0.4)),
    (Swatch(240, 120, 20, 0.5), Swatch(240, 200, 60, 0.5)),
    (Swatch(200, 30, 40, 0.5), Swatch(10, 10, 10, 0.5)),
    (Swatch(240, 160, 190, 0.5), Swatch(130, 60, 200, 0.5)),
    (Swatch(120, 80, 50, 0.5), Swatch(250, 250, 250, 0.5)),
)
HOURS = frozenset({"morning", "day", "evening", "night", "noon", "midnight", "low sun"})
BLUE_SKY = Surroundings(place="outdoors", time="day", sky=True)
CLOCKS = (None, 0, 8, 12, 15, 18, 23)


def scene(number: int, around: Surroundings, people: int = 0) -> Scene:
    """One of many scenes: mood, light and colours go round with `number`."""
    light = Light(
        brightness=(0.1, 0.3, 0.5, 0.75)[number % 4],
        contrast=(0.2, 0.6, 0.9)[number % 3],
        warmth=(-0.3, 0.1, 0.5)[number // 3 % 3],
        colourfulness=0.3,
        edge_energy=(0.1, 0.3, 0.6)[number // 2 % 3],
        sharpness=(0.1, 0.9, 0.9)[number // 5 % 3],
        clipped_highlights=(0.0, 0.1)[number // 7 % 2],
    )
    return Scene(
        width_px=1080,
        height_px=1440,
        subjects=tuple(Subject("person", Box(0.1 * n, 0.3, 0.1 * n + 0.1, 0.8), 0.9) for n in range(people)),
        palette=PALETTES[number % len(PALETTES)],
        light=light,
        mood=Mood(*tuple(MOODS.values())[number % 5]),
        detail=DetailMap(1, 1, (0.3,), (0.5,)),
        caption="",
        seen_by="embedded",
        surroundings=around,
    )


def photo(seed: int, hour: int | None) -> Photo:
    taken = None if hour is None else datetime(2025, 6, 1, hour, 5)  # noqa: DTZ001
    return Photo(key="k", width_px=1080, height_px=1440, content_hash="00", seed=seed, taken_at=taken)


def words(shot: Photo, seen: Scene) -> list[str]:
    """Everything that is written: title, lines and tags of the music."""
    made = EmbeddedSongwriter().write(a_context(), shot, seen, Options(excerpt="best"))
    return [
        made.title,
        *(line.text for line in made.lyrics),
        *(tag for tag in made.music.genre_tags if tag != "four on the floor"),
    ]


def has(texts: list[str], pattern: str) -> bool:
    return any(re.search(rf"\b(?:{pattern})\b", text.replace("-", " ").lower()) for text in texts)


def untruths(shot: Photo, seen: Scene, texts: list[str]) -> list[str]:
    """Words that are wrong here, told without the writer's own table."""
    around, clock = seen.surroundings, shot.taken_at.hour if shot.taken_at else None
    forbidden = {
        "noon": clock not in {11, 12, 13} or around.place != "outdoors",
        "daylight|sunlight|sun|sunbeams": around.place != "outdoors",
        "night|midnight|tonight|stars?|star": clock in {8, 12, 15, 18} and around.time != "night",
        "noon|morning|afternoon|open day|new day": around.time == "night",
        "sundown|sunset|low sun|long shadows": clock != 18,
        "night|midnight|tonight|after dark": clock is None and around.time != "night",
        "morning|first light|early light": clock != 8,
        "sky|skies|cloud|thunder|lightning|storm|horizon": not around.sky,
        "rain|sea|ocean|water|tides?|waves?|shore|ships|harbour|ferry|lagoon|seaglass": not around.water,
        "trees?|leaf|garden|petals?|clover|evergreen|peony": not around.plants,
        "snow|ice|winter": around.season != "winter",
        "summer|spring": True,
        "kitchen|kettle|floor|curtain|chair": around.place != "indoors",
        "street|pavement|town|avenue|traffic|train|hills?|winds|path": around.place != "outdoors",
        "crowd": len(seen.subjects) < 3,
        "hand in hand|two of us|side by side|every face": len(seen.subjects) < 2,
        "someone here inside|there you are": not seen.subjects,
    }
    return [pattern for pattern, wrong in forbidden.items() if wrong and has(texts, pattern)]


def test_no_combination_of_facts_brings_a_word_that_is_not_known_to_be_true() -> None:
    places = itertools.product(
        ("indoors", "outdoors", "unknown"),
        ("day", "night", "unknown"),
        ("winter", "autumn", "unknown"),
        (False, True),
        (False, True),
        (False, True),
    )
    wrong = []
    for number, (place, time, season, sky, water, plants) in enumerate(places):
        around = Surroundings(place=place, time=time, season=season, sky=sky, water=water, plants=plants)
        for turn, hour in enumerate(CLOCKS):
            seen = scene(number * 3 + turn, around, people=(0, 1, 2, 4)[(number + turn) % 4])
            shot = photo(number * 100 + turn, hour)
            texts = words(shot, seen)
            wrong += [(found, texts) for found in untruths(shot, seen, texts)]
    assert wrong == []


@pytest.mark.parametrize(
    ("picture", "hour", "may", "must_not"),
    [
        (drawn.dark_hall, 12, "", "noon|daylight|sun|sky|midnight|stars?|rain|sea|street|garden|snow"),
        (drawn.beach, 12, "noon|daylight|sunlight|sky|sea|ocean|tide", "night|midnight|snow|kitchen|evening"),
        (drawn.night_street, 23, "night|midnight", "noon|daylight|sunlight|sun|sea|snow"),
        (drawn.night_street, 12, "night|stars?", "noon|morning|afternoon|(open|new) day|daylight|sunlight|sun|early"),
        (drawn.forest, 15, "leaf|tree|garden|evergreen|clover", "noon|night|sea|ocean|snow|kitchen"),
        (drawn.pot_plant, 22, "night|tonight", "noon|daylight|sunlight|sun|street|hills?|winds|snow|sky"),
        (drawn.salad, 20, "", "noon|daylight|sunlight|sun|street|hills?|winds|snow|sky|sundown|sunset"),
        (drawn.snow, 12, "snow|ice|winter|sky", "night|sea|rain|garden|kitchen"),
    ],
)
def test_songs_of_a_drawn_place_fit_it(
    picture: Callable[[], Image.Image], hour: int, may: str, must_not: str, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(as_bytes(picture(), quality=95))
    seen = analyze(str(path), *drawn.SIZE)
    texts = [text for seed in range(60) for text in words(photo(seed, hour), seen)]
    assert not has([*texts, seen.caption], must_not)
    assert not may or has(texts, may)


def test_a_cameras_unset_clock_makes_no_night() -> None:
    shot = Photo(
        key="k",
        width_px=3,
        height_px=4,
        content_hash="0",
        seed=1,
        taken_at=datetime(2000, 1, 1, 0, 0),  # noqa: DTZ001
    )
    assert not facts_of(shot, scene(0, Surroundings())) & {"night", "midnight", "day"}


@pytest.mark.parametrize("hour", [5, 8, 10, 12, 16])
def test_a_clock_that_is_hours_off_makes_no_day_of_a_visible_night(hour: int) -> None:
    told = facts_of(photo(1, hour), scene(0, Surroundings(time="night")))
    assert told & HOURS == {"night"}


@pytest.mark.parametrize("around", [Surroundings(place="outdoors", plants=True), BLUE_SKY])
def test_a_clock_that_is_hours_off_makes_no_night_of_woods_or_a_sky_in_the_light(around: Surroundings) -> None:
    told = facts_of(photo(1, 22), scene(0, around))
    assert not told & {"night", "midnight"}


@pytest.mark.parametrize("around", [Surroundings(place="outdoors", plants=True), BLUE_SKY])
def test_warm_colours_alone_make_no_evening(around: Surroundings) -> None:
    """Red rock under a blue sky, and leaves, are as warm as a low sun."""
    seen = scene(7, around)
    warm = replace(seen, light=replace(seen.light, warmth=0.6, brightness=0.5))
    assert not facts_of(photo(1, None), warm) & {"evening", "low sun"}
    assert "low sun" in facts_of(photo(1, 19), warm)


def test_rules_ask_only_for_facts_that_exist() -> None:
    asked = {need for _, needs in RULES for need in re.split(r" [+|] ", needs)}
    assert asked - {"never"} <= FACTS
    assert all(not ("+" in needs and "|" in needs) for _, needs in RULES)


def test_every_bank_has_words_that_claim_nothing() -> None:
    nothing: frozenset[str] = frozenset()
    for bank in (phrases.COLOURS, phrases.FEELINGS, phrases.HOOKS, phrases.LIFTS):
        assert all(len(true_couplets(couplets, nothing)) >= 3 for couplets in bank.values())
    for titles in (phrases.TITLE_COLOURS, phrases.TITLE_NOUNS, phrases.TITLE_PHRASES):
        assert all(len(true_words(texts, nothing)) >= 2 for texts in titles.values())
    assert true_couplets(phrases.HOURS["any"], nothing) == phrases.HOURS["any"]
    assert true_words(phrases.TITLE_HOURS["any"], nothing) == phrases.TITLE_HOURS["any"]
    for name, couplets in phrases.FEATURES.items():
        known = frozenset({name} & FACTS)
        assert true_couplets(couplets, known), name


def test_every_phrase_can_be_written_of_some_photo() -> None:
    banks = (phrases.COLOURS, phrases.HOURS, phrases.FEATURES, phrases.FEELINGS, phrases.HOOKS, phrases.LIFTS)
    lines = [line for bank in banks for pairs in bank.values() for pair in pairs for line in pair]
    assert [line for line in lines if not is_true(line, FACTS)] == []


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("High noon, and the shadows small", ("noon + outdoors",)),
        ("After-Dark Engine", ("night", "dark | night")),
        ("and someone's laughing in the room", ("indoors",)),
        ("so much room to be alone", ()),
        ("Something leaves and something stays", ()),
        ("Seaglass Waltz", ("water",)),
    ],
)
def test_a_text_needs_what_it_claims(text: str, needs: tuple[str, ...]) -> None:
    assert needs_of(text) == needs


def test_the_composers_tags_claim_nothing() -> None:
    tags = {
        tag
        for number in range(60)
        for tag in EmbeddedSongwriter()
        .write(a_context(), photo(number, None), scene(number, Surroundings()), Options())
        .music.genre_tags
    }
    assert len(tags) > len(MUSIC_STYLES)
    assert [tag for tag in tags if needs_of(tag)] == []
