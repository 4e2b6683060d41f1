"""Titles: two or three words that can be sung at the head of a chorus."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from auratune.providers.embedded.writing.scene_reading import Reading

COLOUR_WORDS = {
    "blue": ("Blue", "Cobalt", "Indigo"),
    "teal": ("Teal", "Seaglass", "Lagoon"),
    "green": ("Green", "Clover", "Evergreen"),
    "gold": ("Golden", "Honey", "Saffron"),
    "amber": ("Amber", "Copper", "Tangerine"),
    "red": ("Red", "Scarlet", "Cherry"),
    "rose": ("Rose", "Coral", "Peony"),
    "violet": ("Violet", "Velvet", "Lilac"),
    "earth": ("Cedar", "Umber", "Sandstone"),
    "white": ("White", "Paper", "Ivory"),
    "grey": ("Silver", "Pewter", "Grey"),
    "black": ("Black", "Ink", "Shadow"),
}
HOUR_WORDS = {
    "morning": ("Morning", "First-Light", "Early"),
    "day": ("Daylight", "Noon", "Open-Air"),
    "golden": ("Sundown", "Evening", "Low-Sun"),
    "night": ("Midnight", "After-Dark", "Lamplight"),
    "any": ("Borrowed", "Ordinary", "Passing"),
}
NOUNS = {
    "radiant": (
        "Parade", "Fever", "Radio", "Fireworks", "Rocket", "Carousel", "Confetti", "Avenue", "Motion", "Trumpet",
        "Jubilee", "Holiday",
    ),
    "tender": (
        "Hour", "Letter", "Lullaby", "Window", "Garden", "Lantern", "Harbour", "Blanket", "Kitchen", "Waltz",
        "Pocket", "Whisper",
    ),
    "restless": (
        "Engine", "Static", "Wires", "Pulse", "Signal", "Thunder", "Traffic", "Voltage", "Alarm", "Runaway",
        "Machine", "Riot",
    ),
    "wistful": (
        "Postcard", "Tide", "Echo", "Rain", "Photograph", "Goodbye", "Ghost", "Winter", "Platform", "Ferry",
        "Handwriting", "Distance",
    ),
    "still": (
        "Horizon", "Line", "Weather", "Room", "Compass", "Stone", "Hours", "Map", "Circle", "Silence",
        "Meridian", "Balance",
    ),
}  # fmt: skip
PHRASES = {
    "radiant": (
        "Wide Awake", "Run With Me", "Something Good", "Here Comes Everything", "Louder Than Light", "Half the Sky",
        "All of the Above", "One More Hill", "Shout It Out",
    ),
    "tender": (
        "Stay a While", "The Long Way Home", "Easy Now", "Close to Here", "The Good Chair", "Nearly Home",
        "By the Door", "Only Kindness", "Hand in Hand",
    ),
    "restless": (
        "Don't Look Back", "Half a Dare", "Edge of the Map", "No Sleep Yet", "Catch the Wire", "Loose Thread",
        "Out of the Blue", "The Last Train", "Break of Day",
    ),
    "wistful": (
        "What We Left", "A Place for Two", "Almost Home", "Where Days Go", "Slow Goodbye", "The Empty Chair",
        "Once Upon a Time", "Before the Rain", "Letters Unsent",
    ),
    "still": (
        "Plain as Day", "Standing Still", "No Hurry", "Nothing to Prove", "Here Is Fine", "As It Is",
        "Level Ground", "The Middle Way", "So It Goes",
    ),
}  # fmt: skip


def title_for(reading: Reading, chance: random.Random) -> str:
    """A title that fits the reading; about two of three carry its colour or hour."""
    kind = chance.choices(("colour", "hour", "phrase"), (5, 3, 3))[0]
    if kind == "phrase":
        return chance.choice(PHRASES[reading.mood])
    if kind == "hour":
        first = chance.choice(HOUR_WORDS[reading.hour])
    else:
        first = chance.choice(COLOUR_WORDS[chance.choice(reading.colours[:2])])
    return f"{first} {chance.choice(NOUNS[reading.mood])}".replace("-", " ")
