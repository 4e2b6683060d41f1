"""The person's own title and lyrics: kept word for word, only made safe to show and laid out in sections."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from auratune.core.errors import InvalidOption
from auratune.core.treatment import LyricLine, Section

LONGEST_TITLE = 200
LONGEST_LYRICS = 6000
LONGEST_LINE = 90
"""Characters a caption can hold in two rows; a longer line is parted between words."""
_LONGEST_SHOWN_TITLE = 120
_HEADINGS: dict[str, Section] = {
    "intro": "intro",
    "verse": "verse",
    "strophe": "verse",
    "chorus": "chorus",
    "refrain": "chorus",
    "hook": "chorus",
    "bridge": "bridge",
    "pre-chorus": "verse",
    "outro": "outro",
    "end": "outro",
}
_HEADING = re.compile(r"^[\[(]?\s*([a-z-]+)\s*\d*\s*[\])]?\s*:?$", re.IGNORECASE)


def clean_title(text: str) -> str:
    """The title on one line without control characters. Raises `InvalidOption` when it is absurdly long."""
    if len(text) > LONGEST_TITLE:
        raise InvalidOption(
            f"The title is longer than {LONGEST_TITLE} characters; send a shorter one.", code="title_too_long"
        )
    return " ".join(_printable(text).split())[:_LONGEST_SHOWN_TITLE].strip()


def own_lyrics(text: str) -> tuple[LyricLine, ...]:
    """The person's lines with their sections. Raises `InvalidOption` when there are absurdly many.

    A blank line begins a new section. Headings such as `[Chorus]` or `Verse 2:` name it and are not sung; without
    them a stanza that comes twice is the chorus, else stanzas take turns: verse, chorus, verse, chorus.
    """
    if len(text) > LONGEST_LYRICS:
        raise InvalidOption(
            f"The lyrics are longer than {LONGEST_LYRICS} characters; send fewer lines.", code="lyrics_too_long"
        )
    stanzas = _stanzas(text)
    bodies = [tuple(lines) for _, lines in stanzas]
    sung: list[LyricLine] = []
    for index, (named, lines) in enumerate(stanzas):
        section = named or _guess(index, bodies)
        sung += [LyricLine(line, section) for line in lines]
    return tuple(sung)


def _stanzas(text: str) -> list[tuple[Section | None, list[str]]]:
    stanzas: list[tuple[Section | None, list[str]]] = [(None, [])]
    for raw in re.split(r"\r\n|\r|\n|\u2028|\u2029", text):
        line = " ".join(_printable(raw).split())
        heading = _heading(line)
        if heading or (not line and stanzas[-1][1]):
            stanzas.append((heading, []))
        elif line:
            stanzas[-1][1].extend(textwrap.wrap(line, LONGEST_LINE, break_on_hyphens=False))
    return [stanza for stanza in stanzas if stanza[1]]


def _heading(line: str) -> Section | None:
    match = _HEADING.match(line)
    # A bare word such as "End" may be a line of the song; a heading is bracketed, numbered or ends with a colon.
    return _HEADINGS.get(match[1].lower()) if match and re.search(r"[\[\](:\d]", line) else None


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
