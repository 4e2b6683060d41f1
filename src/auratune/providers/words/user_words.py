"""The person's own title and lyrics: kept word for word, only made safe to show and laid out in sections."""

from __future__ import annotations

import textwrap
import unicodedata

from auratune.core.errors import InvalidOption
from auratune.core.treatment import LyricLine, Section
from auratune.providers.words.lyric_markup import parse_line
from auratune.providers.words.pasted_text import pasted_lines

LONGEST_TITLE = 200
LONGEST_LYRICS = 6000
LONGEST_LINE = 90
"""Characters a caption can hold in two rows; a longer line is parted between words."""
_LONGEST_SHOWN_TITLE = 120


def clean_title(text: str) -> str:
    """The title on one line without control characters. Raises `InvalidOption` when it is absurdly long."""
    if len(text) > LONGEST_TITLE:
        raise InvalidOption(
            f"The title is longer than {LONGEST_TITLE} characters; send a shorter one.", code="title_too_long"
        )
    return " ".join(_printable(text).split())[:_LONGEST_SHOWN_TITLE].strip()


def own_lyrics(text: str) -> tuple[LyricLine, ...]:
    """The person's lines with their sections. Raises `InvalidOption` when there are absurdly many.

    A blank line begins a new section. Headings such as `[Chorus]` or `Verse 2:` name it and are not sung (see
    `lyric_markup`); without them a stanza that comes twice is the chorus, else stanzas take turns: verse, chorus,
    verse, chorus. Lines of an LRC file keep their times and are in their order.
    """
    if len(text) > LONGEST_LYRICS:
        raise InvalidOption(
            f"The lyrics are longer than {LONGEST_LYRICS} characters; send fewer lines.", code="lyrics_too_long"
        )
    stanzas = _stanzas(text)
    bodies = [tuple(line for line, _ in lines) for _, lines in stanzas]
    sung: list[LyricLine] = []
    for index, (named, lines) in enumerate(stanzas):
        section = named or _guess(index, bodies)
        sung += [LyricLine(line, section, start) for line, start in lines]
    if sung and all(line.start_seconds is not None for line in sung):
        sung.sort(key=lambda line: line.start_seconds or 0.0)
    return tuple(sung)


_Stanza = tuple[Section | None, list[tuple[str, float | None]]]


def _stanzas(text: str) -> list[_Stanza]:
    """Sections with their lines and the lines' times."""
    stanzas: list[_Stanza] = [(None, [])]
    for raw in pasted_lines(text):
        line = parse_line(" ".join(_printable(raw).split()))
        if line.section or (not line.text and not line.is_structure and stanzas[-1][1]):
            stanzas.append((line.section, []))
        for part in textwrap.wrap(line.text, LONGEST_LINE, break_on_hyphens=False):
            stanzas[-1][1].extend((part, start) for start in line.starts_seconds or (None,))
    return [stanza for stanza in stanzas if stanza[1]]


def _guess(index: int, bodies: list[tuple[str, ...]]) -> Section:
    if any(bodies.count(body) > 1 for body in bodies):
        return "chorus" if bodies.count(bodies[index]) > 1 else "verse"
    return "chorus" if index % 2 else "verse"


def _printable(text: str) -> str:
    """Without control characters and the marks that turn text around; joiners that scripts and emoji need stay."""
    return "".join(
        one
        for one in unicodedata.normalize("NFC", text)
        if one in "\t\u200c\u200d" or unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
