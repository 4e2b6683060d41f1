"""Tells the sung words of pasted lyrics from headings, directions, times and markdown around them.

People paste from song sites, music models, chats and subtitle files: `[Verse 1: soft voice]`, `**Chorus**`, `[副歌]`,
`[00:01.00]`. Those are structure; plain lines stay word for word.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from auratune.core.treatment import Section

_NAMES = json.loads(Path(__file__).with_name("section_names.json").read_text(encoding="utf-8"))
_SECTION_OF: dict[str, Section] = {word: section for section, words in _NAMES["sections"].items() for word in words}
_UNMISTAKABLE = frozenset(_NAMES["bare"])
"""Words that are headings even bare: nobody sings them alone on a line."""
_DIRECTIONS = frozenset(_NAMES["directions"])
_AROUND = frozenset(_NAMES["around"])
_FACTS = frozenset(_NAMES["facts"])
_TAG = re.compile(r"(?<![\[［【〔{｛〖])[\[［【〔{｛〖]++([^\[\]［］【】〔〕{}｛｝〖〗]*)[\]］】〕}｝〗]+")
_TIME = re.compile(r"^\s*(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\s*$")
_WORD_TIME = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_TIMES_AGAIN = re.compile(
    r"\s*[(（]\s*(?:[x×]\s*\d{1,2}|\d{1,2}\s*[x×])\s*[)）]\s*$|(?:^|\s+)[x×]\d{1,2}\s*$", re.IGNORECASE
)
_MARKS = re.compile(r"(?<!\w)(\*\*\*|\*\*|\*|___|__|_|~~|`+)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_MARKED_START = re.compile(r"(\*\*\*|\*\*|\*|__|_)(.+?)\1\s*:?\s*(?=\S)")
_LEADING = re.compile(r"^\s*(?:>\s?|[*•‣▪]\s+)")
_HASHES = re.compile(r"^\s*#{1,6}\s+|\s+#{1,6}\s*$")
_INLINE = re.compile(r"([^\W\d_-]+(?:-[^\W\d_]+)?)\s*\d{0,2}\s*[:：]\s*(?=\S)")
_RULE = re.compile(r"^\s*(?:[-*_=~#]\s*){3,}$|^\s*`{3}.*$")
_GROUP = re.compile(r"[(（「『«]\s*([^()（）「」『』«»]*?)\s*[)）」』»]")
_NOTES = re.compile(r"^[\s♩♪♫♬]+|[\s♩♪♫♬]+$")
_EDGES = '=~|/*#+•·<>«»「」『』[](（)）"“”–—_- '
_OPENERS = "[(（【{"
_DESCRIBED = re.compile(
    r"(\w[\w-]*) (?:one|two|three|four)|(\w[\w-]*(?: \d{1,2})?)\s*[(（].*|(\w[\w-]* \d{1,2})\s[-–—]\s.*"
)
"""`Verse Two`, `Outro (fade out)`, `Verse 1 - Anna`. What follows a dash may be sung, unless a number stands before."""
_CHORD = re.compile(r"\(?[A-G][#b♯♭]?(?:m|maj|min|dim|aug|sus|add)?\d{0,2}(?:/[A-G][#b♯♭]?)?\)?")
_COUNT = re.compile(r"^(?:[x×]?\d{1,2}[x×]?|\d{1,2}(?:st|nd|rd|th)|[ivx]{1,4})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """What one pasted line holds."""

    text: str = ""
    """The words that are sung; empty for structure."""
    section: Section | None = None
    """The section that begins with this line, where it names one."""
    is_structure: bool = False
    """Whether the line held a heading, a direction, a time or a rule."""
    starts_seconds: tuple[float, ...] = ()
    """When it is sung, by the times of an LRC file; several where the line comes again."""


def parse_line(line: str) -> ParsedLine:
    """The parts of one line without control characters."""
    if not line.strip():
        return ParsedLine()
    if _RULE.match(line):
        return ParsedLine(is_structure=True)
    times, section, tagged = _tags(line)
    line = _NOTES.sub("", _WORD_TIME.sub("", _TAG.sub(" ", line))).strip()
    text = _HASHES.sub("", _LEADING.sub("", _TIMES_AGAIN.sub("", line))).strip()
    marked = text != line or bool(_MARKS.fullmatch(text.rstrip(":")))
    if heading := _heading(_without_marks(text), marked=marked) or _framed_heading(text):
        return ParsedLine(section=_named(heading) or section, is_structure=True)
    start, text = _parted(text)
    plain = _without_marks(text)
    if not plain or _is_chords(plain):
        return ParsedLine(section=start or section, is_structure=True, starts_seconds=times)
    return ParsedLine(plain, start or section, tagged, times)


def is_marked(line: str) -> bool:
    """Whether all of the line is emphasized or a markdown heading, as a title is."""
    return line.startswith("#") or bool(_MARKS.fullmatch(line))


def is_fact(line: str) -> bool:
    """Whether the line tells something about the song, as in `Tempo: 90` or `**Title:** Lanterns`."""
    name, colon, _ = _without_marks(line.lower().replace("：", ":")).partition(":")
    return bool(colon) and name.strip(" #*_-•") in _FACTS


def _is_chords(text: str) -> bool:
    """Whether the line holds the names of two chords or more, and nothing else."""
    words = text.replace("|", " ").split()
    return len(words) > 1 and all(map(_CHORD.fullmatch, words)) and any(len(word) > 1 for word in words)


def _tags(line: str) -> tuple[tuple[float, ...], Section | None, bool]:
    """Times and the section in the line's brackets, and whether there are any."""
    times: list[float] = []
    section: Section | None = None
    found = _TAG.findall(line)
    for inside in found:
        if match := _TIME.match(inside):
            fraction = float(f"0.{match[3]}") if match[3] else 0.0
            times.append(60 * int(match[1]) + int(match[2]) + fraction)
        else:
            section = _named(inside) or section
    return tuple(times), section, bool(found)


def _parted(text: str) -> tuple[Section | None, str]:
    """The section named at the start of a sung line, as in `**Chorus:** We rise` or `Verse 2: We fall`; the rest.

    A direction in front, as in `(spoken) We fall`, goes as well.
    """
    match = _GROUP.match(text)
    if match and (heading := _heading(match[1], marked=True)):
        return _named(heading), text[match.end() :].strip()
    match = _MARKED_START.match(text)
    if match and (section := _named(_heading(match[2], marked=True) or "")):
        return section, text[match.end() :]
    match = _INLINE.match(text)
    if match and match[1].lower() in _UNMISTAKABLE:
        return _named(match[1]), text[match.end() :]
    return None, text


def _without_marks(text: str) -> str:
    """Without markdown's emphasis and forced breaks."""
    while (plain := _MARKS.sub(r"\2", text)) != text:
        text = plain
    return " ".join(re.sub(r"<br\s*/?>|\\$", " ", text, flags=re.IGNORECASE).split())


def _heading(text: str, *, marked: bool) -> str | None:
    """The line's words when all of it is a heading or a direction, and something marks it as one; else None.

    A bare word such as "End" may be a line of the song: a heading is marked, in brackets, numbered or ends in a colon.
    """
    inner = re.fullmatch(r"[(（<«]\s*(.*?)\s*[)）>»]\s*:?", text)
    head = (inner[1] if inner else text).lower().rstrip(":： ").strip()
    if head in _UNMISTAKABLE:
        return head
    if (described := _DESCRIBED.fullmatch(head)) and head.split()[0] in _UNMISTAKABLE:
        head, marked = described[described.lastindex or 0], True
    if marked or inner:
        # What follows a colon or a dash describes the section: (Verse 1: soft voice).
        head = re.split(r"[:：|]|\s[-–—]\s", head, maxsplit=1)[0]
    words = [word for word in re.split(r"[\s,;/·–—]+", head) if word]
    numbered = any(_COUNT.match(word) for word in words)
    if not (marked or inner or numbered or text.endswith((":", "："))):
        return None
    known = [word for word in words if word.rstrip("0123456789") in _SECTION_OF or word in _DIRECTIONS]
    if known and all(word in _AROUND or word in known or _COUNT.match(word) for word in words):
        return " ".join(words)
    return None


def _framed_heading(text: str) -> str | None:
    """The heading inside `== Chorus ==`, `「サビ」` or `[Verse 1`, whose bracket is never closed; else None."""
    is_framed = text[:1] in _OPENERS or (text[:1] in _EDGES and text.rstrip(":：")[-1:] in _EDGES)
    return _heading(text.strip(f"{_EDGES}{_OPENERS}:："), marked=True) if text and is_framed else None


def _named(text: str) -> Section | None:
    """The section that a heading names; what follows a colon or a dash describes it."""
    head = re.split(r"[:：|(（]|\s[-–—]\s", text.lower().strip(), maxsplit=1)[0]
    words = head.split()
    joined = [*("-".join(pair) for pair in pairwise(words)), *words]
    # The last word counts: "final chorus" is a chorus.
    for word in (*joined[: max(0, len(words) - 1)], *reversed(words)):
        if section := _SECTION_OF.get(word.strip(".,").rstrip("0123456789")):
            return section
    return next((section for name, section in _SECTION_OF.items() if not name.isascii() and name in head), None)
