"""The styles of the composer, by the names that people may ask for."""

from __future__ import annotations

from auratune.music.style import Style
from auratune.music.styles import lo_fi

STYLES: dict[str, Style] = {style.STYLE.name: style.STYLE for style in (lo_fi,)}
