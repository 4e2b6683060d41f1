"""Says in plain words what was measured, and nothing that was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.vision.colour_names import WITHOUT_HUE, name_of

if TYPE_CHECKING:
    from auratune.core.scene import DetailMap, Light, Subject, Swatch

_SURE = 0.8
_BARE = 0.03
_SAID = {"sky blue": "light blue"}
"""Names of colours that would claim something else than a colour, and how the caption says them."""
_COUNTS = {2: "two", 3: "three", 4: "four"}


def caption_of(light: Light, palette: tuple[Swatch, ...], subjects: tuple[Subject, ...], detail: DetailMap) -> str:
    """One sentence such as "A warm, bright picture in gold and slate, with fine detail and one person on the left."

    It names light, colours, texture, and people that were found; a region is never given a name.
    """
    first = ", ".join(_light_words(light)) or "softly lit"
    article = "An" if first[0] in "aeiou" else "A"
    return f"{article} {first} picture{_colours(palette)}, with {_texture(light, detail)}{_who(subjects, detail)}."


def _light_words(light: Light) -> list[str]:
    words = []
    if light.warmth > 0.18:
        words.append("warm")
    elif light.warmth < -0.18:
        words.append("cool")
    if light.brightness > 0.62:
        words.append("bright")
    elif light.brightness < 0.14:
        words.append("very dark")
    elif light.brightness < 0.34:
        words.append("dark")
    if light.contrast > 0.82:
        words.append("high-contrast")
    elif light.contrast < 0.28:
        words.append("low-contrast")
    return words


def _colours(palette: tuple[Swatch, ...]) -> str:
    names = list(dict.fromkeys(name_of(one.red, one.green, one.blue) for one in palette if one.share >= 0.05))
    telling = [_SAID.get(name, name) for name in sorted(names, key=lambda name: name in WITHOUT_HUE)[:2]]
    return " in " + " and ".join(telling) if telling else ""


def _texture(light: Light, detail: DetailMap) -> str:
    if max(detail.busyness) < _BARE:
        return "almost nothing in it"
    if light.sharpness < 0.25:
        return "soft, blurred shapes"
    if light.edge_energy > 0.55:
        return "strong lines and fine detail"
    if light.edge_energy > 0.25:
        return "clear lines"
    return "calm, open surfaces"


def _who(subjects: tuple[Subject, ...], detail: DetailMap) -> str:
    persons, faces = ([one for one in subjects if one.kind == kind] for kind in ("person", "face"))
    # A person and their face are one; of many faces only some have a body that was found.
    people = persons if len(persons) >= len(faces) else faces
    if len(people) == 1:
        return f" and {'one' if people[0].weight >= _SURE else 'perhaps a'} person{_where(people[0])}"
    if people:
        return f" and {_COUNTS.get(len(people), 'several')} people"
    regions = [one for one in subjects if one.kind in {"thing", "region"}]
    if regions and max(detail.busyness) >= _BARE:
        return f"; the eye goes first to something{_where(regions[0])}"
    return ""


def _where(subject: Subject) -> str:
    x, y = subject.box.centre
    height = "high" if y < 0.36 else "low" if y > 0.64 else ""
    side = "left" if x < 0.4 else "right" if x > 0.6 else ""
    if height and side:
        return f" {height} on the {side}"
    if height:
        return f" {height} in the middle"
    return f" {side} of centre" if side else " in the middle"
