"""Reads a scene the way a songwriter would: which mood, which hour, which colours, what is worth a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auratune.providers.embedded.writing.facts import facts_of, people_in
from auratune.vision.colour_names import WITHOUT_HUE, name_of

if TYPE_CHECKING:
    from auratune.core.photo import Photo
    from auratune.core.scene import Light, Scene

MOODS = {
    "radiant": (0.50, 0.70),
    "tender": (0.40, 0.25),
    "restless": (-0.35, 0.70),
    "wistful": (-0.35, 0.25),
    "still": (0.02, 0.44),
}
"""Valence and arousal at the heart of each mood."""

FAMILIES = {
    "white": "white", "cream": "gold", "silver": "grey", "grey": "grey", "slate": "grey", "black": "black",
    "sand": "earth", "brown": "earth", "sage": "green", "moss": "green", "olive": "green", "lime": "green",
    "green": "green", "teal": "teal", "blue": "blue", "navy": "blue", "sky blue": "blue", "violet": "violet",
    "mauve": "violet", "magenta": "rose", "pink": "rose", "rose": "rose", "red": "red", "crimson": "red",
    "orange": "amber", "amber": "amber", "peach": "amber", "gold": "gold",
}  # fmt: skip
"""The family of colours that songs have lines for, by the colour's plain name."""

_SEEN_SHARE = 0.04
_HOURS = ((5, "night"), (10, "morning"), (17, "day"), (20, "golden"), (24, "night"))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a song can be made of; names of the banks' entries."""

    mood: str
    hour: str
    """`morning`, `day`, `golden`, `night`, or `any` where nothing tells."""
    colours: tuple[str, ...]
    """At most three families, the most telling first."""
    features: tuple[str, ...]
    facts: frozenset[str]
    """What may be spoken of; see `facts.FACTS`."""


def read(photo: Photo, scene: Scene) -> Reading:
    """The reading of a photo and its scene."""
    return Reading(
        mood=_mood(scene.mood.valence, scene.mood.arousal),
        hour=_hour(photo, scene.light),
        colours=_colours(scene),
        features=_features(scene),
        facts=facts_of(photo, scene),
    )


def _mood(valence: float, arousal: float) -> str:
    # Arousal runs over half the span of valence, so a step of it weighs double.
    return min(MOODS, key=lambda name: (MOODS[name][0] - valence) ** 2 + 4 * (MOODS[name][1] - arousal) ** 2)


def _hour(photo: Photo, light: Light) -> str:
    by_light = _hour_by_light(light)
    if photo.taken_at is None:
        return by_light
    by_clock = next(name for before, name in _HOURS if photo.taken_at.hour < before)
    # A camera whose clock was never set must not make a noon picture a midnight song, nor the other way round.
    if by_clock == "night" and light.brightness > 0.45:
        return by_light
    if by_clock in {"day", "morning"} and light.brightness < 0.16:
        return "night"
    return by_clock


def _hour_by_light(light: Light) -> str:
    if light.brightness < 0.24:
        return "night"
    if light.warmth > 0.3 and light.brightness < 0.62:
        return "golden"
    if light.brightness > 0.6:
        return "day"
    return "any"


def _colours(scene: Scene) -> tuple[str, ...]:
    hued: dict[str, float] = {}
    plain: dict[str, float] = {}
    for swatch in scene.palette:
        if swatch.share < _SEEN_SHARE:
            continue
        name = name_of(swatch.red, swatch.green, swatch.blue)
        group = plain if name in WITHOUT_HUE else hued
        group[FAMILIES[name]] = group.get(FAMILIES[name], 0.0) + swatch.share
    ranked = sorted(hued, key=lambda family: -hued[family]) + sorted(plain, key=lambda family: -plain[family])
    return tuple(dict.fromkeys(ranked))[:3] or ("grey",)


def _features(scene: Scene) -> tuple[str, ...]:
    light = scene.light
    people = people_in(scene)
    tests = {
        "person": people == 1,
        "people": people > 1,
        "blur": light.sharpness < 0.25,
        "lines": light.sharpness >= 0.25 and light.edge_energy > 0.34,
        "calm": light.edge_energy < 0.2,
        "contrast": light.contrast > 0.8 and light.brightness < 0.6,
        "haze": light.contrast < 0.3,
        "glare": light.clipped_highlights > 0.05,
    }
    return tuple(name for name, holds in tests.items() if holds)
