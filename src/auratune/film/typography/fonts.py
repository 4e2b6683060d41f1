"""Fonts for every script: which font writes which sign of a text, and how long a line of type is.

Manrope writes Latin, Greek and Cyrillic, Source Sans Pro what it lacks, and Quicksand what both set with its marks
beside it. Noto steps in for Arabic, Armenian, Bengali, Devanagari, Ethiopic, Georgian, Gujarati, Gurmukhi, Hebrew,
Kannada, Khmer, Lao, Malayalam, Myanmar, Oriya, Sinhala, Tamil, Telugu, Thai, Chinese, Japanese, Korean, emoji (in one
colour) and symbols; fonts of the machine come last. Shaping and right-to-left order are Raqm's. A word with a letter
that no font has is left out whole, and `missing` names it: a box in place of a letter never appears. A text that would
lose half of its letters is not drawn at all.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont, features

from auratune.film.typography import machine_fonts
from auratune.film.typography.clusters import clusters, in_visual_order

_FACES: Final = {
    "title": (("font_manrope", "Manrope-Regular.ttf"), ("font_source_sans_pro", "SourceSansPro-Regular.ttf")),
    "lyric": (("font_manrope", "Manrope-SemiBold.ttf"), ("font_source_sans_pro", "SourceSansPro-Semibold.ttf")),
    "small": (("font_manrope", "Manrope-Medium.ttf"), ("font_source_sans_pro", "SourceSansPro-Regular.ttf")),
}
_WEIGHTS: Final = {"title": 400, "lyric": 600, "small": 500}
_FAMILIES: Final = {
    "bebas-neue": ("fontpkg_bebas_neue", "BebasNeue-Regular.ttf"),
    "caveat": ("fontpkg_caveat", "Caveat[wght].ttf"),
    "cormorant-garamond": ("fontpkg_cormorant_garamond", "CormorantGaramond[wght].ttf"),
    "cormorant-garamond-italic": ("fontpkg_cormorant_garamond", "CormorantGaramond-Italic[wght].ttf"),
    "fraunces": ("fontpkg_fraunces", "Fraunces[SOFT,WONK,opsz,wght].ttf"),
    "orbitron": ("fontpkg_orbitron", "Orbitron[wght].ttf"),
    "quicksand": ("fontpkg_quicksand", "Quicksand[wght].ttf"),
    "space-grotesk": ("fontpkg_space_grotesk", "SpaceGrotesk[wght].ttf"),
    "syne": ("fontpkg_syne", "Syne[wght].ttf"),
}
"""Families of the type styles; what one of them lacks is written like a lyric."""
_NOTO: Final = "manimgx_fonts"
_CJK: Final = "cvttf_NotoSansCJK_Regular"
_PROBE_PX: Final = 24
_NO_SIGN: Final = "\U0010fffd"
_KEPT_SHARE: Final = 0.5
_INKED: Final = 60
_ASIDE, _LEAN = 0.3, 0.06
"""How far from the middle of its letter a mark may stand: a share of the letter, and what slanted marks need more of
the size."""
_LEFT_OUT: Final = {"Cc", "Cs", "Co", "Cn"}
_GRAPHEME_JOINER: Final = "\u034f"
_SKIN_TONES: Final = frozenset(chr(code) for code in range(0x1F3FB, 0x1F400))


@dataclass(frozen=True, slots=True)
class FontStack:
    """A face in one size, with the fonts that step in for what it lacks."""

    face: str
    size: int

    def getlength(self, text: str) -> float:
        """Length of a line in pixels."""
        return sum(font.getlength(part, language=language) for font, part, language in self._runs(text))

    def draw(self, pen: ImageDraw.ImageDraw, left_px: float, baseline_px: float, text: str, fill: int) -> None:
        """Draw a line from its left edge on its baseline."""
        for font, part, language in self._runs(text):
            pen.text((left_px, baseline_px), part, font=font, fill=fill, anchor="ls", language=language)
            left_px += font.getlength(part, language=language)

    def _runs(self, text: str) -> list[tuple[ImageFont.FreeTypeFont, str, str | None]]:
        """Parts of one font each, from left to right, with the language that the font has to know."""
        paths = _paths_for(self.face, text)
        grouped = groupby(zip(paths, clusters(text), strict=True), key=lambda pair: pair[0])
        parts = [(path, "".join(sign for _, sign in members)) for path, members in grouped]
        language = _language(text) if features.check("raqm") else None
        return [
            (
                _load(parts[index][0] or _own(self.face)[0], self.face, self.size),
                parts[index][1],
                language if _CJK in parts[index][0] else None,
            )
            for index in in_visual_order([part for _, part in parts], text)
        ]


def styled_face(family: str, weight: int) -> str:
    """The face of a family of the type styles in a weight, 100 to 900; `manrope` is the plain title face."""
    return f"{family}@{weight}" if family in _FAMILIES else "title"


def font(face: str, size_px: int) -> FontStack:
    """A face (`title`, `lyric`, `small`, or one of `styled_face`) in a size."""
    return FontStack(face, size_px)


def writable(face: str, text: str) -> str:
    """The part of a text that can be written; empty when too little is left."""
    text = _plain(text)
    kept = [word for word in (_kept(face, word) for word in text.split()) if word]
    written = " ".join(kept)
    return written if written and _letters(written) >= _KEPT_SHARE * _letters(text) else ""


def missing(face: str, text: str) -> tuple[str, ...]:
    """The signs of a text that no font has, each once."""
    signs = (sign for sign in clusters(_plain(text)) if _path_for(face, sign) is None)
    return tuple(dict.fromkeys(signs))


@cache
def is_plain(face: str, text: str) -> bool:
    """Whether the face alone writes a text: letters of other scripts may join and must not be set apart."""
    return {*_paths_for(face, text)} <= {"", *_own(face)}


def _plain(text: str) -> str:
    """Composed, without control characters, forms that only colour emoji have, and marks that turn text around."""
    return "".join(
        sign if sign in "\u200c\u200d" or unicodedata.category(sign) not in {*_LEFT_OUT, "Cf"} else " " * sign.isspace()
        for sign in unicodedata.normalize("NFC", text)
        if not "\ufe00" <= sign <= "\ufe0f" and sign not in _SKIN_TONES
    )


def _kept(face: str, word: str) -> str:
    """The word without signs that no font has; empty where one of them is a letter."""
    lost = [sign for sign in clusters(word) if _path_for(face, sign) is None]
    if any(unicodedata.category(sign[0])[0] in "LMN" for sign in lost):
        return ""
    return "".join(sign for sign in clusters(word) if sign not in lost)


def _letters(text: str) -> int:
    return sum(unicodedata.category(sign)[0] in "LNS" for sign in text)


@cache
def _paths_for(face: str, text: str) -> tuple[str, ...]:
    """The font of each cluster: that of the one before where it can, so that signs between words split no run.

    Empty for spaces between two fonts: they are the line's own and follow its direction.
    """
    paths: list[str] = []
    for sign in clusters(text):
        common = unicodedata.category(sign[0])[0] not in "LM"
        if sign.isspace():
            paths.append("")
        elif common and paths and paths[-1] and _has(paths[-1], sign):
            paths.append(paths[-1])
        else:
            paths.append(_path_for(face, sign) or _own(face)[0])
    return tuple(
        path or (before if before == after and "Emoji" not in before else "")
        for before, path, after in zip(["", *paths[:-1]], paths, [*paths[1:], ""], strict=True)
    )


def _language(text: str) -> str:
    """Which of the forms of an ideograph or a comma a line wants."""
    if any("\u3040" <= sign <= "\u30ff" for sign in text):
        return "ja"
    return "ko" if any("\uac00" <= sign <= "\ud7a3" for sign in text) else "zh-Hans"


@cache
def _path_for(face: str, sign: str) -> str | None:
    """The first font that has a cluster, rather one that sets its marks where they belong."""
    if sign.isspace():
        return _own(face)[0]
    first = None
    # The machine's fonts are looked for only where no other will do.
    for paths in (partial(_own, face), _bundled, machine_fonts.paths):
        for path in paths():
            if _has(path, sign):
                if _sits(path, sign):
                    return path
                first = first or path
    return first


@cache
def _own(face: str) -> tuple[str, ...]:
    family = face.partition("@")[0]
    files = (_FAMILIES[family], *_FACES["lyric"]) if family in _FAMILIES else _FACES[face]
    return tuple(str(_folder(package) / "files" / name) for package, name in files)


@cache
def _bundled() -> tuple[str, ...]:
    """Quicksand, which sets marks on Latin letters with care, then Noto: scripts in the order of their names, Chinese,
    Japanese and Korean behind them, emoji and symbols last.
    """
    found = sorted(_folder(_NOTO).glob("NotoSans*.ttf"), key=lambda path: ("Symbols" in path.name, path.name))
    scripts = [str(path) for path in found if "Italic" not in path.name and not path.name.startswith("NotoSans[")]
    cjk = [str(path) for path in _folder(_CJK).glob("*.otf")]
    emoji = [str(path) for path in _folder(_NOTO).glob("NotoEmoji*.ttf")]
    symbols = [path for path in scripts if "Symbols" in path]
    return (_own("quicksand")[0], *(path for path in scripts if path not in symbols), *cjk, *emoji, *symbols)


@cache
def _folder(package: str) -> Path:
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@cache
def _load(path: str, face: str, size_px: int, *, shaped: bool = True) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped and features.check("raqm") else ImageFont.Layout.BASIC
    loaded = ImageFont.truetype(path, size_px, layout_engine=engine)
    if "wght]" in path:
        weight = int(face.partition("@")[2] or _WEIGHTS[face])
        loaded.set_variation_by_axes([_axis_value(axis, weight, size_px) for axis in loaded.get_variation_axes()])
    return loaded


def _axis_value(axis: Any, weight: int, size_px: int) -> float:
    """The weight, the optical size of the letters, and the middle of whatever else the family has."""
    wanted = {b"Weight": float(weight), b"Optical Size": float(size_px), b"Softness": 50.0, b"Wonky": 0.0}
    value = wanted.get(axis["name"], float(axis["default"] or 0))
    return min(float(axis["maximum"] or value), max(float(axis["minimum"] or 0), value))


@cache
def _has(path: str, sign: str) -> bool:
    """Whether a font has glyphs of its own for a cluster; a missing one is drawn like any other missing one.

    Its marks count too: shaping sets a box or nothing for one that the font lacks. Without shaping, which takes some
    letters apart.
    """
    try:
        probe = _load(path, "title", _PROBE_PX, shaped=False)
        nothing = probe.getmask(_NO_SIGN)
        drawn = [probe.getmask(one) for one in sign if not _is_unseen(one)]
    except (OSError, ValueError):
        return False
    return all(mask.size != nothing.size or bytes(mask) != bytes(nothing) for mask in drawn)


@cache
def _sits(path: str, sign: str) -> bool:
    """Whether a font sets the marks of a cluster over or under its letter; some fonts leave them beside it."""
    marks = sign[1:]
    if not marks or not all(unicodedata.name(mark, "").startswith("COMBINING") for mark in marks):
        return True
    probe = _load(path, "title", _PROBE_PX)
    letter, whole = _ink(probe, sign[0]), _ink(probe, sign)
    columns, added = np.flatnonzero(letter.any(axis=0)), np.flatnonzero((whole & ~letter).any(axis=0))
    if not len(columns) or not len(added):
        return True
    aside = abs(float(added[0] + added[-1]) - float(columns[0] + columns[-1])) / 2
    return bool(aside <= _ASIDE * (columns[-1] - columns[0] + 1) + _LEAN * _PROBE_PX)


def _ink(probe: ImageFont.FreeTypeFont, text: str) -> npt.NDArray[np.bool_]:
    picture = Image.new("L", (6 * _PROBE_PX, 4 * _PROBE_PX))
    ImageDraw.Draw(picture).text((2 * _PROBE_PX, 2.5 * _PROBE_PX), text, font=probe, fill=255, anchor="ls")
    return np.asarray(picture) > _INKED


def _is_unseen(sign: str) -> bool:
    """Whether a sign only tells how others are drawn."""
    return unicodedata.category(sign) == "Cf" or sign == _GRAPHEME_JOINER or "\U000e0100" <= sign <= "\U000e01ef"
