"""Which scripts the fonts of this installation can write, for `auratune doctor`."""

from __future__ import annotations

from typing import Final

from PIL import features

from auratune.core.errors import RenderError
from auratune.film.typography import fonts

_SAMPLES: Final = {
    "Latin": "Aß",
    "Greek": "Ωλ",
    "Cyrillic": "Жя",
    "Chinese, Japanese and Korean": "夏の밤",
    "Arabic": "ليل",
    "Hebrew": "לילה",
    "Devanagari": "रात",
    "Thai": "ราตรี",
    "emoji": "🌙",
}


def describe_fonts() -> str:
    """One sentence on the scripts that titles and lyrics can be set in. Raises `RenderError` without the plainest."""
    lacking = [script for script, sample in _SAMPLES.items() if fonts.missing("lyric", sample)]
    if "Latin" in lacking:
        raise RenderError("The fonts are missing; install AuraTune again.", code="fonts_missing")
    if not features.check("raqm"):
        return f"{len(_SAMPLES) - len(lacking)} of {len(_SAMPLES)} scripts, without shaping (Pillow has no Raqm here)"
    told = f"{', '.join(script for script in _SAMPLES if script not in lacking)} can be written"
    return f"{told}; missing: {', '.join(lacking)}" if lacking else told
