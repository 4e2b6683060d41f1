"""Pasted lyrics as plain lines: what has to be known from the whole text, before each line is read by itself.

People paste subtitle files (SRT, WebVTT), transcripts with a time before each line, web pages (`&amp;`, `<i>`) and
answers of chats, with a greeting, a title and facts (`Tempo: 90`) above the first heading.
"""

from __future__ import annotations

import html
import re
from itertools import pairwise

from auratune.providers.words.lyric_markup import is_fact, is_marked, parse_line

_LINE_ENDS = re.compile(r"\r\n|\r|\n|\u2028|\u2029")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_HTML_TAG = re.compile(r"</?(?:i|b|u|em|strong|font|span|p|div|c|v|ruby|rt)(?:[ .][^<>]*)?>", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\[\](){}*_#~`>.-])")
_CUE = re.compile(r"^(?:(\d{1,2}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*[\d:.,]+")
_BARE_TIME = re.compile(r"^\s*\(?(\d{1,2}):([0-5]\d)(?:[.,](\d{1,3}))?\)?(?:\s*[-–—|]\s+|\s+|$)")
_LEAST_TIMED_SHARE = 0.4
"""A transcript has its times on lines of their own: just under half of all lines."""
_LONGEST_PREFACE = 2


def pasted_lines(text: str) -> list[str]:
    """The text's lines, with times in the form of an LRC file and bare headings in brackets."""
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = _ESCAPED.sub(r"\1", _HTML_TAG.sub("", text))
    lines = [line.strip() for line in _LINE_ENDS.split(text)]
    lines = _from_subtitles(lines) or _from_transcript(lines) or lines
    return _with_marked_headings(_without_preface(lines))


def _from_subtitles(lines: list[str]) -> list[str]:
    """The cues of SRT or WebVTT, one line each; empty where the text is none."""
    cues: list[str] = []
    is_open = False
    for line in lines:
        if match := _CUE.match(line):
            seconds = 3600 * int(match[1] or 0) + 60 * int(match[2]) + int(match[3])
            cues.append(_lrc_time(seconds, match[4]))
        elif is_open and line:
            cues[-1] += f" {line}"
        is_open = bool(match) or (is_open and bool(line))
    return cues


def _from_transcript(lines: list[str]) -> list[str]:
    """Lines that begin with a time or follow one; empty where most lines have none, or they do not rise."""
    found = [_BARE_TIME.match(line) for line in lines]
    seconds = [60 * int(match[1]) + int(match[2]) for match in found if match]
    text_lines = sum(bool(line) for line in lines)
    if len(seconds) < 2 or len(seconds) < _LEAST_TIMED_SHARE * text_lines or any(b < a for a, b in pairwise(seconds)):
        return []
    timed: list[str] = []
    waiting = ""
    for line, match in zip(lines, found, strict=True):
        time = _lrc_time(60 * int(match[1]) + int(match[2]), match[3] or "0") if match else waiting
        rest = line[match.end() :] if match else line
        waiting = "" if rest else time
        if rest or not time:
            timed.append(f"{time} {rest}".strip())
    return timed


def _lrc_time(seconds: int, fraction: str) -> str:
    return f"[{seconds // 60}:{seconds % 60:02}.{fraction}]"


def _without_preface(lines: list[str]) -> list[str]:
    """Without facts above the first sung line, and without a title or a greeting right above the first heading."""
    first = next((index for index, line in enumerate(lines) if line and not is_fact(line)), 0)
    lines = [line for index, line in enumerate(lines) if index >= first or not line]
    for index, line in enumerate(lines):
        if parse_line(line).section:
            above = [other for other in lines[:index] if parse_line(other).text and not is_fact(other)]
            is_preface = all(is_marked(other) or other.endswith((":", "：")) for other in above)
            return lines[index:] if is_preface and len(above) <= _LONGEST_PREFACE else lines
    return lines


def _with_marked_headings(lines: list[str]) -> list[str]:
    """A bare "Bridge" above a stanza is a heading where the text has other headings; elsewhere it may be sung."""
    if not any(parse_line(line).section for line in lines):
        return lines
    before = ["", *lines[:-1]]
    return [
        f"[{line}]" if not above and _is_bare_heading(line) else line for above, line in zip(before, lines, strict=True)
    ]


def _is_bare_heading(line: str) -> bool:
    return not parse_line(line).section and bool(parse_line(f"**{line}**").section)
