"""Options that came beside the photo, from any body, checked and turned into `Options`."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from auratune.core.errors import InvalidOption
from auratune.core.options import (
    ASPECTS,
    FRAME_RATES,
    LONGEST_FILM_SECONDS,
    SHORTEST_FILM_SECONDS,
    Captions,
    Excerpt,
    FilmFormat,
    Options,
)
from auratune.settings import COMPOSER_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILM_OPTIONS = ("style", "aspect", "captions", "fps", "seconds", "letterbox")
"""Options that any film may have, a remake too."""
WORD_OPTIONS = ("title", "lyrics", "instrumental", "music", "excerpt")
"""Options of words and music."""
UPLOAD_NAMES = (*FILM_OPTIONS, *WORD_OPTIONS, "filename", "request_id", "duplicate", "callback_url")
REMAKE_NAMES = (*FILM_OPTIONS, "title", "callback_url")
RETRY_NAMES = ("music",)

LONGEST_STYLE = 200
LONGEST_TITLE = 120
LONGEST_LYRICS = 4000
LONGEST_NAME = 200
LONGEST_ADDRESS = 2048
_LONGEST_COMPARED = 40
_DIRECTION_MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_YES = {"true", "1", "yes", "on"}
_NO = {"false", "0", "no", "off", ""}


def options_from(options: Mapping[str, Any], defaults: FilmFormat, *, was: Options | None = None) -> Options:
    """Options from named values; what is not named stays as it `was`, or as the defaults have it.

    Names that mean nothing here are passed over; `check_names` refuses them. Raises `InvalidOption`, which names what
    is allowed and never what was sent.
    """
    was = was or Options(format=defaults)
    return replace(
        was,
        style=_text(options, "style", was.style, LONGEST_STYLE),
        title=_text(options, "title", was.title, LONGEST_TITLE),
        lyrics=_text(options, "lyrics", was.lyrics, LONGEST_LYRICS, lines=True),
        instrumental=_switch(options, "instrumental", default=was.instrumental),
        music=_choice(options, "music", was.music, COMPOSER_NAMES),
        excerpt=_choice(options, "excerpt", was.excerpt, get_args(Excerpt)),
        format=replace(
            was.format,
            aspect=_choice(options, "aspect", was.format.aspect, ASPECTS),
            captions=_choice(options, "captions", was.format.captions, get_args(Captions)),
            fps=_rate(options, was.format.fps),
            length_seconds=_seconds(options, was.format.length_seconds),
            letterbox=_switch(options, "letterbox", default=was.format.letterbox),
        ),
    )


def check_names(options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise `InvalidOption` (`unknown_option`) unless all names are known; it names the nearest right one."""
    unknown = next((name for name in options if name not in known), None)
    if unknown is None:
        return
    nearest = get_close_matches(unknown[:_LONGEST_COMPARED].strip().lower(), known, n=1)
    advice = f"Did you mean `{nearest[0]}`?" if nearest else f"Known here: {', '.join(known)}."
    raise InvalidOption(f"This request has an option that is not known here. {advice}", code="unknown_option")


def name_from(options: Mapping[str, Any], name: str = "filename") -> str:
    """A short name such as a file's, without folders and control characters."""
    text = _text(options, name, "", LONGEST_NAME, cut=True)
    return text.replace("\\", "/").rpartition("/")[2]


def callback_url_from(options: Mapping[str, Any]) -> str:
    """Where the end of the film is to be told, as it was sent; whether it may be called is checked with the task."""
    return _text(options, "callback_url", "", LONGEST_ADDRESS)


def _given(options: Mapping[str, Any], name: str) -> Any:
    value = options.get(name)
    return None if value is None or (isinstance(value, str) and not value.strip()) else value


def _text(
    options: Mapping[str, Any], name: str, default: str, longest: int, *, lines: bool = False, cut: bool = False
) -> str:
    value = _given(options, name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise InvalidOption(f"`{name}` must be a text.")
    kept = "\n" if lines else ""
    value = value.replace("\r\n", "\n")
    text = "".join(character if character in kept or not _is_control(character) else " " for character in value).strip()
    if len(text) > longest:
        if not cut:
            raise InvalidOption(f"`{name}` may have at most {longest} characters.")
        text = text[-longest:]
    return text


def _is_control(character: str) -> bool:
    # Joiners stay, since emoji and many scripts are written with them; marks that turn the reading direction go.
    return unicodedata.category(character) in {"Cc", "Cs"} or character in _DIRECTION_MARKS


def _switch(options: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = _given(options, name)
    if value is None:
        return default
    word = str(value).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidOption(f"`{name}` must be true or false.")


def _choice(options: Mapping[str, Any], name: str, default: Any, allowed: Iterable[str]) -> Any:
    value = _given(options, name)
    if value is None:
        return default
    word = str(value).strip().lower()
    if word not in allowed:
        raise InvalidOption(f"`{name}` must be one of {', '.join(allowed)}.")
    return word


def _number(options: Mapping[str, Any], name: str) -> float | None:
    value = _given(options, name)
    if value is None:
        return None
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise InvalidOption(f"`{name}` must be a number.")
    return number


def _rate(options: Mapping[str, Any], default: int) -> int:
    number = _number(options, "fps")
    if number is None:
        return default
    if number not in FRAME_RATES:
        raise InvalidOption(f"`fps` must be one of {', '.join(map(str, FRAME_RATES))}.")
    return int(number)


def _seconds(options: Mapping[str, Any], default: float) -> float:
    number = _number(options, "seconds")
    if number is None:
        return default
    if not SHORTEST_FILM_SECONDS <= number <= LONGEST_FILM_SECONDS:
        raise InvalidOption(f"`seconds` must lie between {SHORTEST_FILM_SECONDS:g} and {LONGEST_FILM_SECONDS:g}.")
    return number
