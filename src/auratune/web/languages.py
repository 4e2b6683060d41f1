"""The languages of the pages: English sentences are the keys of one JSON file for each other language."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from auratune.web.negotiation import ranked

if TYPE_CHECKING:
    from starlette.requests import Request

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
"""By their code in HTML; each but English has a file `static/<code>.json`."""
COOKIE = "language"
"""Holds the language that was chosen on a page."""
_FOLDER = Path(__file__).parent / "static"


def language_of(request: Request) -> str:
    """The language that was chosen on a page, else the first of the browser's that is there, else English."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    wanted = (tag.partition("-")[0] for tag in ranked(request.headers.get("accept-language", "")))
    return next((tag for tag in wanted if tag in LANGUAGES), "en")


def translate(language: str, sentence: str) -> str:
    """A sentence of a page or of the service in a language; as it is where it has no translation."""
    return _sentences(language).get(sentence, sentence)


@cache
def _sentences(language: str) -> dict[str, str]:
    if language == "en":
        return {}
    parts = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return {**parts["service"], **parts["page"]}
