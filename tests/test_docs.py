"""The documentation holds: its commands exist and work as written, its links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer
from tests.conftest import paint
from tests.web.conftest import opened

from auratune.cli import app
from auratune.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^ *```(?:sh|bash)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def commands(program: str) -> list[list[str]]:
    """Every command of the documentation that begins with the program, as words; settings before it are left out."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for block in _FENCE.findall(text) for line in block.splitlines()] + _CODE.findall(text)
        for line in lines:
            for part in re.split(r"&&|\|", line):
                words = shlex.split(part.replace("'", "\\'"), comments=True)
                while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                    words.pop(0)
                if words and words[0] == program:
                    found.append(words)
    assert found, f"no page names {program}"
    return found


def test_every_make_recipe_and_its_variables_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipes = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for _, *words in commands("make"):
        assert {word for word in words if "=" not in word} <= recipes, words
        assert {word.partition("=")[0] for word in words if "=" in word} <= set(re.findall(r"\$\((\w+)", makefile)), (
            words
        )


def test_every_auratune_command_and_its_options_exist() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for _, *words in commands("auratune"):
        given = [word for word in words if word.startswith("-")]
        if words and words[0] in group.commands:
            known = {name for parameter in group.commands[words[0]].params for name in parameter.opts}
            assert set(given) <= known, words
        else:
            assert words in ([], ["--version"]), f"there is no such command: auratune {' '.join(words)}"


def test_every_python_command_names_what_exists() -> None:
    for _, *words in commands("python"):
        if words[0] == "-m":
            assert find_spec(words[1]), words
        else:
            assert (ROOT / words[0]).is_file(), words


def test_every_setting_in_a_command_or_example_exists() -> None:
    known = {name.upper() for name in Settings.model_fields} | {"PYTEST_ADDOPTS", "OLLAMA_CONTEXT_LENGTH"}
    recipes = set(re.findall(r"\$\((\w+)", (ROOT / "Makefile").read_text()))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r"`([A-Z][A-Z_]+)=[^`]*`", text):
            assert name in known | recipes, f"{page.name}: {name}"


def test_every_link_to_a_file_leads_to_one() -> None:
    for page in PAGES:
        for target in _LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_every_curl_command_is_answered_by_the_service(tmp_path: Path) -> None:
    paint(64, 48).save(tmp_path / "photo.jpg")
    with opened(tmp_path / "data") as house:
        task_id = house.new_task(seed=5)
        house.tasks.finish(task_id)
        for words in commands("curl"):
            here = [word.replace("http://127.0.0.1:8000", house.address).replace("TASK_ID", task_id) for word in words]
            subprocess.run([*here, "--fail", "--silent", "--show-error"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "film.mp4").exists()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone that is set up: its environment is this one."""
    if not (shutil.which("uv") and shutil.which("git") and (ROOT / ".venv").is_dir() and (ROOT / ".git").exists()):
        pytest.skip("needs uv, git and a checkout that is set up")
    target = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, target], check=True)
    (target / ".venv").mkdir()
    for path in (ROOT / ".venv").iterdir():
        (target / ".venv" / path.name).symlink_to(path)
    (target / ".venv" / ".ready").touch()
    return target


@pytest.mark.slow
def test_make_film_in_a_fresh_clone_makes_a_film_tells_how_far_it_is_and_leaves_no_litter(clone: Path) -> None:
    photo = clone.parent / "photo.jpg"
    paint(320, 240).save(photo)
    small = {"VIDEO_SECONDS": "5", "VIDEO_SHORT_EDGE": "160", "VIRTUAL_ENV": ""}
    done = subprocess.run(
        ["make", "film", f"PHOTO={photo}"],
        cwd=clone,
        env=os.environ | small,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (clone / "films" / "photo.mp4").stat().st_size > 10_000
    assert "Drawing the film: 100%" in done.stderr
    assert f"films{os.sep}photo.mp4" in done.stderr
    left = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert left.stdout == ""
