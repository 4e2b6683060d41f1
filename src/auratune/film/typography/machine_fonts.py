"""Fonts that are installed on this machine, for signs that no bundled font has."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
_KINDS = {".ttf", ".otf", ".ttc"}
_UNFIT = ("bold", "italic", "oblique", "light", "thin", "black", "condensed", "mono", "lastresort", "notdef")
_MOST = 400


@cache
def paths() -> tuple[str, ...]:
    """Files of upright regular fonts, in the order of their names."""
    found: list[str] = []
    for folder in _FOLDERS:
        try:
            files = sorted(path for path in Path(folder).expanduser().rglob("*") if path.suffix.lower() in _KINDS)
        except (OSError, RuntimeError):
            continue
        found += [str(path) for path in files if not any(word in path.stem.lower() for word in _UNFIT)]
    return tuple(found[:_MOST])
