"""A typeface, case, weight, tracking and motion for each musical style. Light on purpose: the editor plans with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Case = Literal["as written", "upper", "lower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeStyle:
    """How titles and lyrics of a style look and come in."""

    face: str
    """A family by its name in `fonts.py`."""
    weight: int = 400
    """Of a variable font, 100 to 900."""
    case: Case = "as written"
    tracking: float = 0.0
    """Extra distance between letters, in sizes."""
    scale: float = 1.0
    """Size beside the plain style's."""
    letter_width: float = 0.57
    """Mean advance of a letter with its tracking, in sizes: for planning only."""
    title_sequence: str = "fade"
    """How the title comes in, by its name in `reveals.py`."""
    reveal_seconds: float = 0.9
    has_rule: bool = True
    """Whether a thin line stands under the title."""


TYPE_STYLES: dict[str, TypeStyle] = {
    "plain": TypeStyle(face="manrope", weight=400),
    "ambient-drift": TypeStyle(
        face="quicksand", weight=300, case="lower", tracking=0.14, letter_width=0.6, title_sequence="iris",
        reveal_seconds=1.6, has_rule=False,
    ),
    "lo-fi": TypeStyle(
        face="caveat", weight=600, scale=1.35, letter_width=0.38, title_sequence="wipe", reveal_seconds=1.2,
        has_rule=False,
    ),
    "indie-folk": TypeStyle(face="fraunces", weight=400, letter_width=0.54, title_sequence="rise"),
    "synthwave": TypeStyle(
        face="orbitron", weight=700, case="upper", tracking=0.06, scale=0.82, letter_width=0.8,
        title_sequence="flicker", reveal_seconds=1.1,
    ),
    "cinematic-strings": TypeStyle(
        face="cormorant-garamond", weight=500, case="upper", tracking=0.2, letter_width=0.8, title_sequence="letters",
        reveal_seconds=1.5,
    ),
    "house": TypeStyle(
        face="bebas-neue", case="upper", scale=1.4, letter_width=0.38, title_sequence="words", has_rule=False
    ),
    "piano-ballad": TypeStyle(
        face="cormorant-garamond-italic", weight=500, scale=1.15, letter_width=0.4, title_sequence="fade",
        reveal_seconds=1.4,
    ),
    "bossa": TypeStyle(face="syne", weight=700, letter_width=0.52, title_sequence="blinds"),
}  # fmt: skip


def type_style(name: str) -> TypeStyle:
    """The type style of a musical style; the plain one for a name unknown."""
    return TYPE_STYLES.get(name, TYPE_STYLES["plain"])


def set_in_case(text: str, case: Case) -> str:
    """The text in the style's case."""
    return text.upper() if case == "upper" else text.lower() if case == "lower" else text
