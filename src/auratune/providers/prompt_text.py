"""How a brief is put into words for a composer: tags within a limit, and lyrics as a sheet with section marks."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auratune.core.treatment import LyricLine, MusicBrief

MOST_LYRIC_CHARACTERS = 3000


def tag_line(brief: MusicBrief, most_characters: int) -> str:
    """Genre, mood and instruments, then tempo and key, separated by commas; no tag is cut."""
    tempo = round((brief.tempo_low_bpm + brief.tempo_high_bpm) / 2)
    wanted = (*brief.genre_tags, f"{tempo} bpm" if tempo > 0 else "", brief.key)
    line = ""
    for tag in dict.fromkeys(" ".join(tag.replace(",", " ").split()) for tag in wanted):
        longer = f"{line}, {tag}" if line else tag
        if tag and len(longer) <= most_characters:
            line = longer
    return line


def lyric_sheet(lyrics: tuple[LyricLine, ...]) -> str:
    """Lines under marks such as `[Verse]`, at most 3000 characters, cut after a whole line."""
    sheet: list[str] = []
    left = MOST_LYRIC_CHARACTERS
    for section, lines in groupby(lyrics, key=lambda line: line.section):
        heading = [*([""] if sheet else []), f"[{section.capitalize()}]"]
        for line in lines:
            left -= sum(len(part) + 1 for part in (*heading, line.text))
            if left < 0:
                return "\n".join(sheet)
            sheet += [*heading, line.text]
            heading = []
    return "\n".join(sheet)
