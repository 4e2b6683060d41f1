"""The rules of the code base hold: tables are complete, files are small, the lock names only the public index."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from auratune.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "auratune"

TABLES = {
    "film/moves": "MOVES",
    "film/effects": "EFFECTS",
    "film/transitions": "TRANSITIONS",
    "music/instruments": "INSTRUMENTS",
    "music/styles": "STYLES",
}

HELPERS = {"base", "synthesis", "karplus_strong"}
"""Modules in those folders that the members share."""

LONGEST_FILE_LINES = 300
LONGEST_PIPELINE_LINES = 60


@pytest.mark.parametrize("folder", TABLES)
def test_every_craftsman_is_in_the_table_of_its_trade(folder: str) -> None:
    module = importlib.import_module(f"auratune.{folder.replace('/', '.')}")
    table = getattr(module, TABLES[folder])
    named = {name.replace("-", "_") for name in table}
    files = {path.stem for path in (SOURCE / folder).glob("*.py") if not path.stem.startswith("_")}
    assert files - named - HELPERS == set(), "a file is missing from its table"


def test_the_pipeline_is_short_and_names_no_vendor() -> None:
    text = (SOURCE / "pipeline.py").read_text()
    assert len(text.splitlines()) < LONGEST_PIPELINE_LINES
    assert not re.search(r"suno|claude|elevenlabs|anthropic|dbos", text, re.IGNORECASE)


def test_no_source_file_outgrows_its_noun() -> None:
    long = {
        str(path.relative_to(SOURCE)): count
        for path in SOURCE.rglob("*.py")
        if (count := len(path.read_text().splitlines())) > LONGEST_FILE_LINES
    }
    assert long == {}


def test_every_source_file_opens_with_a_sentence_on_what_it_is_for() -> None:
    silent = [str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if not path.read_text().startswith('"""')]
    assert silent == []


def test_the_lock_names_only_the_public_index() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_every_setting_is_in_the_example_file_and_the_reference() -> None:
    example = (ROOT / ".env.example").read_text()
    reference = (ROOT / "docs" / "reference.md").read_text()
    names = [name.upper() for name in Settings.model_fields]
    assert [name for name in names if f"{name}=" not in example] == []
    assert [name for name in names if f"`{name}`" not in reference] == []


def test_nothing_that_belongs_to_a_machine_is_in_a_source_file() -> None:
    foreign = re.compile(r"/(?:home|root|work|opt)/[a-z]")
    found = [
        str(path.relative_to(ROOT))
        for folder in ("src", "benchmarks", "examples", "scripts", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".js", ".css", ".html", ".json"} and foreign.search(path.read_text())
    ]
    assert found == []


def test_every_error_code_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text()
    written = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    codes = set(re.findall(r'\bcode = "([a-z_0-9]+)"', written)) | set(re.findall(r'\bcode="([a-z_0-9]+)"', written))
    assert sorted(code for code in codes if f"`{code}`" not in reference) == []
