"""The bundled fonts, and which of them can write a text.

Manrope writes Latin, Greek and Cyrillic; Source Sans Pro steps in for what it lacks. A word with a letter that neither
can write is left out whole (a word without some of its letters would be worse), and so are emoji and other signs: a
box in place of a letter never appears. A text that would lose half of its letters is not drawn at all.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont, features

_FACES = {
    "title": (("font_manrope", "Manrope-Regular.ttf"), ("font_source_sans_pro", "SourceSansPro-Regular.ttf")),
    "lyric": (("font_manrope", "Manrope-SemiBold.ttf"), ("font_source_sans_pro", "SourceSansPro-Semibold.ttf")),
    "small": (("font_manrope", "Manrope-Medium.ttf"), ("font_source_sans_pro", "SourceSansPro-Regular.ttf")),
}
_PROBE_PX = 24
_MISSING = "\U0010fffd"
_KEPT_SHARE = 0.5


@cache
def font(face: str, rank: int, size_px: int) -> ImageFont.FreeTypeFont:
    """A face (`title`, `lyric`, `small`) in a size; rank 0 is the first choice. Shaped by Raqm where Pillow has it."""
    package, name = _FACES[face][rank]
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(Path(found.origin).parent / "files" / name), size_px, layout_engine=engine)


def writable(face: str, text: str) -> tuple[str, int]:
    """The part of a text that can be written, and the rank of the font for it; empty when too little is left."""
    text = _plain(text)
    words = text.split()
    ranked = [(_kept(face, rank, words), -rank) for rank in range(len(_FACES[face]))]
    kept, negative_rank = max(ranked, key=lambda pair: (_letters(" ".join(pair[0])), pair[1]))
    written = " ".join(kept)
    if _letters(written) < _KEPT_SHARE * _letters(text) or not written:
        return "", 0
    return written, -negative_rank


def _plain(text: str) -> str:
    """Composed, without signs that only steer emoji and without control characters."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        sign if unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs", "Cn"} else " " * sign.isspace()
        for sign in composed
        if not "\ufe00" <= sign <= "\ufe0f"
    )


def _kept(face: str, rank: int, words: list[str]) -> list[str]:
    kept = []
    for word in words:
        missing = [sign for sign in word if not _has(face, rank, sign)]
        if any(unicodedata.category(sign)[0] in "LMN" for sign in missing):
            continue
        rest = "".join(sign for sign in word if sign not in missing)
        if rest:
            kept.append(rest)
    return kept


def _letters(text: str) -> int:
    return sum(unicodedata.category(sign)[0] in "LN" for sign in text)


@cache
def _has(face: str, rank: int, sign: str) -> bool:
    """Whether the font has a glyph of its own for the sign; a missing one is drawn like any other missing one."""
    if sign.isspace():
        return True
    probe = font(face, rank, _PROBE_PX)
    drawn, missing = probe.getmask(sign), probe.getmask(_MISSING)
    return drawn.size != missing.size or bytes(drawn) != bytes(missing)
