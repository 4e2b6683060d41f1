"""What is known of a photo, as the names that the table of rules asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from auratune.core.photo import Photo
    from auratune.core.scene import Scene

FACTS = frozenset({
    "person", "people", "crowd", "indoors", "outdoors", "sky", "water", "plants", "winter", "autumn",
    "dark", "lines", "morning", "day", "evening", "night", "noon", "midnight", "low sun",
})  # fmt: skip
"""Every fact that a rule may ask for. `people` is two or more, `crowd` three or more."""

_EARLIEST_YEAR = 2010
"""A camera whose clock was never set tells an earlier year."""


def facts_of(photo: Photo, scene: Scene) -> frozenset[str]:
    """The facts that hold; what is not in the set is not known."""
    return frozenset(_seen(scene)) | frozenset(_hours(photo, scene))


def people_in(scene: Scene) -> int:
    """How many people are seen; a person and their face are one."""
    return max(sum(one.kind == kind for one in scene.subjects) for kind in ("person", "face"))


def _seen(scene: Scene) -> list[str]:
    around, light, count = scene.surroundings, scene.light, people_in(scene)
    tests = {
        "person": count == 1,
        "people": count > 1,
        "crowd": count > 2,
        "indoors": around.place == "indoors",
        "outdoors": around.place == "outdoors",
        "sky": around.sky,
        "water": around.water,
        "plants": around.plants,
        "winter": around.season == "winter",
        "autumn": around.season == "autumn",
        "dark": light.brightness < 0.35 or light.contrast > 0.8,
        "lines": light.sharpness >= 0.25 and light.edge_energy > 0.34,
    }
    return [name for name, holds in tests.items() if holds]


def _hours(photo: Photo, scene: Scene) -> list[str]:
    """The time of day: by the clock where the picture agrees with it, else by the picture alone.

    Clocks may be hours off; warm colours may be those of rocks or leaves, and tell of a low sun only in the evening.
    """
    around = scene.surroundings
    if photo.taken_at is None or photo.taken_at.year < _EARLIEST_YEAR:
        return [around.time] if around.time != "unknown" else []
    clock = _clock(photo.taken_at)
    hour = photo.taken_at.hour
    if clock == "night":
        return _hours_by_a_night_clock(scene, hour)
    if clock == "evening":
        if around.time == "night":
            return ["evening", "night"]
        return ["evening", "low sun"] if _golden(scene) else ["evening"]
    if around.time == "night":
        return ["night"]
    if clock == "morning":
        return ["morning", "day"]
    return ["day", "noon"] if hour in {11, 12, 13} else ["day"]


def _hours_by_a_night_clock(scene: Scene, hour: int) -> list[str]:
    around = scene.surroundings
    if around.time == "day":
        return ["day"]
    # A place that can be seen to be outdoors is lit.
    lit = around.place == "outdoors" or scene.light.brightness >= 0.45
    if lit and around.time != "night":
        return []
    return ["night", "midnight"] if hour in {23, 0} else ["night"]


def _golden(scene: Scene) -> bool:
    outdoors = scene.surroundings.place == "outdoors"
    return outdoors and scene.light.warmth > 0.3 and scene.light.brightness < 0.62


def _clock(taken_at: datetime) -> str:
    hours = ((5, "night"), (10, "morning"), (17, "day"), (21, "evening"), (24, "night"))
    return next(name for before, name in hours if taken_at.hour < before)
