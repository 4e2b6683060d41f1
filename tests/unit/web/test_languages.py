"""Every sentence of the pages is there in every language, and so is what the service says most."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.requests import Request

import auratune.web
from auratune.providers import chain
from auratune.providers.words.style_request import read_style, remake_notices, style_notices
from auratune.tasks import stage_policies
from auratune.web.languages import LANGUAGES, language_of

WEB = Path(auratune.web.__file__).parent
OTHERS = [code for code in LANGUAGES if code != "en"]
TITLES_FROM_ROUTES = {"There is nothing here.", "This film is not showing."}
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def sentences(code: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((WEB / "static" / f"{code}.json").read_text("utf-8"))
    return found


def used_on_pages() -> set[str]:
    scripts = "".join(path.read_text("utf-8") for path in (WEB / "static").glob("*.js"))
    templates = "".join(path.read_text("utf-8") for path in (WEB / "templates").glob("*.html"))
    return {*re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', scripts), *re.findall(r'_\("([^"]*)"\)', templates)}


def told_by_the_service() -> list[str]:
    """Stages' messages and notices as the service makes them."""
    reasons = [words.format(title="Suno") for words in (*chain._REASONS.values(), *chain._REASONS_BY_KIND.values())]
    return [
        *(policy.message for policy in stage_policies.STAGE_POLICIES.values()),
        *(stage_policies.WAITING, stage_policies.READY, stage_policies.FIRST_CUT_READY, stage_policies.NO_ROOM),
        *(stage_policies.STOPPED, stage_policies.STOPPING, stage_policies.MERGING),
        *(f"{reason}; the built-in composer made the music." for reason in reasons),
        *(f"{reason}; Lyria made the music." for reason in reasons),
        *(notice for style in ("vaporwave", "nior", "a, b") for notice in style_notices(read_style(style))),
        *(notice for style in ("lofi", "vaporwave", "nior, b") for notice in remake_notices(read_style(style), "folk")),
    ]


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_of_the_pages_is_missing_or_left_over(code: str) -> None:
    assert set(sentences(code)["page"]) == used_on_pages() | TITLES_FROM_ROUTES


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_values_of_its_sentence(code: str) -> None:
    parts = sentences(code)
    for sentence, translation in {**parts["page"], **parts["service"]}.items():
        wanted = set(PLACEHOLDER.findall(sentence))
        assert set(PLACEHOLDER.findall(translation)) in ([wanted] if sentence in parts["page"] else [wanted, set()])
        assert translation.strip()


@pytest.mark.parametrize("code", OTHERS)
def test_what_the_service_says_has_a_translation(code: str) -> None:
    patterns = [
        re.compile(PLACEHOLDER.sub(".+?", re.escape(key).replace(r"\{", "{").replace(r"\}", "}")))
        for key in sentences(code)["service"]
    ]
    missing = [said for said in told_by_the_service() if not any(pattern.fullmatch(said) for pattern in patterns)]
    assert missing == []


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "fr-FR,es;q=0.5,en;q=0.3", "es"),
        ("", "fr, en;q=0.2, de;q=0.9", "de"),
        ("", "de;q=0, ja", "en"),
        ("es", "de", "es"),
        ("../../etc/passwd", "de", "de"),
    ],
)
def test_the_choice_of_the_page_comes_before_the_browsers_languages(cookie: str, accept: str, language: str) -> None:
    headers = [(b"accept-language", accept.encode()), (b"cookie", f"language={cookie}".encode())]
    assert language_of(Request({"type": "http", "headers": headers})) == language
