"""Plain names for colours, the way a person would say them. No numpy: the writer uses it in the service itself."""

from __future__ import annotations

import colorsys

_HUES = (
    (12, "red"),
    (40, "orange"),
    (65, "yellow"),
    (85, "lime"),
    (160, "green"),
    (195, "teal"),
    (250, "blue"),
    (285, "violet"),
    (325, "magenta"),
    (345, "pink"),
    (360, "red"),
)


def name_of(red: int, green: int, blue: int) -> str:
    """The name of an sRGB colour: one of `COLOUR_NAMES`."""
    hue, lightness, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    chroma = (max(red, green, blue) - min(red, green, blue)) / 255
    if chroma < 0.07 or (lightness < 0.09):
        return _grey(lightness)
    degrees = hue * 360
    if chroma < 0.22 and saturation < 0.30:
        return _muted(degrees, lightness)
    return _vivid(degrees, lightness, chroma)


def _grey(lightness: float) -> str:
    if lightness > 0.86:
        return "white"
    if lightness > 0.62:
        return "silver"
    if lightness > 0.14:
        return "grey"
    return "black"


def _muted(degrees: float, lightness: float) -> str:
    if degrees < 70 or degrees > 330:
        return "sand" if lightness > 0.5 else "brown"
    if degrees < 165:
        return "sage" if lightness > 0.45 else "moss"
    if degrees < 265:
        return "slate" if lightness < 0.62 else "silver"
    return "mauve"


def _vivid(degrees: float, lightness: float, chroma: float) -> str:
    base = next(name for limit, name in _HUES if degrees <= limit)
    if base in {"orange", "yellow"} and lightness < 0.36:
        return "brown" if base == "orange" else "olive"
    if base == "orange":
        if lightness > 0.62 and chroma < 0.3:
            return "sand"
        return "peach" if lightness > 0.78 else ("amber" if degrees > 25 else "orange")
    if base == "yellow":
        return "cream" if lightness > 0.82 else "gold"
    if base == "red":
        return "rose" if lightness > 0.7 else ("crimson" if lightness < 0.34 else "red")
    if base == "blue":
        return "navy" if lightness < 0.24 else ("sky blue" if lightness > 0.66 else "blue")
    return base


COLOUR_NAMES = (
    "white", "silver", "grey", "black", "sand", "brown", "sage", "moss", "slate", "mauve", "red", "rose", "crimson",
    "orange", "amber", "peach", "gold", "cream", "olive", "lime", "green", "teal", "blue", "navy", "sky blue",
    "violet", "magenta", "pink",
)  # fmt: skip
"""Every name that `name_of` gives."""

WITHOUT_HUE = frozenset({"white", "silver", "grey", "black"})
