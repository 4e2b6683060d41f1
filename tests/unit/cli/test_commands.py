"""The commands say what is in force and what is wrong, and never a secret."""

from __future__ import annotations

import json
import socket
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from typer.testing import CliRunner

from auratune import __version__
from auratune.cli import app, progress
from auratune.core.task import Stage

if TYPE_CHECKING:
    from typing import Any

NOTICED = (Stage.ANALYZE, Stage.WRITE, Stage.ORDER, Stage.COMPOSE, Stage.RENDER)


def test_config_lists_every_setting_and_masks_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNO_API_KEY", "canary-suno")
    monkeypatch.setenv("VIDEO_SECONDS", "12")
    result = CliRunner().invoke(app, ["config", "--json"])
    shown = json.loads(result.stdout)
    assert shown["SUNO_API_KEY"] == "********"
    assert shown["VIDEO_SECONDS"] == 12.0
    assert shown["KEEP_SOURCES"] == "true"
    assert "canary-suno" not in result.output
    assert "canary-suno" not in CliRunner().invoke(app, ["config"]).output


def test_config_in_a_pipe_prints_a_whole_value_on_each_line(monkeypatch: pytest.MonkeyPatch) -> None:
    origins = ",".join(f"https://films-{number}.example.org" for number in range(12))
    monkeypatch.setenv("CORS_ORIGINS", origins)
    monkeypatch.setenv("SUNO_API_KEY", "canary-suno")
    lines = CliRunner().invoke(app, ["config"]).stdout.splitlines()
    assert f"CORS_ORIGINS={origins}" in lines
    assert "SUNO_API_KEY=********" in lines
    assert "DATABASE_URL=" in lines


def test_a_wrong_setting_stops_every_command_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEO_FPS", "23")
    for command in (["config"], ["serve"], ["doctor"], ["film", "photo.jpg"]):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 1
        assert "VIDEO_FPS" in result.output
        assert "Traceback" not in result.output


def test_doctor_finds_codecs_disk_and_database_in_order() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    for word in (
        "codecs",
        "libx264",
        "fonts",
        "Hebrew",
        "detectors",
        "store",
        "credentials",
        "disk",
        "database",
        "claude",
        "suno",
        "elevenlabs",
    ):
        assert word in result.output


def test_doctor_looks_at_the_real_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TEMP_DIR", str(tmp_path / "file" / "data"))
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    told = result.output.replace("\n", "")
    assert f"TEMP_DIR={tmp_path}/file/data cannot be written to" in told
    assert "Traceback" not in told


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.strip() == f"auratune {__version__}"


def test_serve_says_so_when_its_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 1
    assert "port_taken" in result.output


@pytest.mark.parametrize(
    "arguments", [["config"], ["config", "--json"], ["film", "b\udcffd.jpg"], ["film", "日本.jpg"]]
)
def test_a_pipe_with_few_characters_takes_all_output(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("CLAUDE_MODEL", "modèle ✓ 日本")
    result = CliRunner(charset="cp1252").invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    if "--json" in arguments:
        assert json.loads(result.stdout)["CLAUDE_MODEL"] == "modèle ✓ 日本"


def made(target: Path) -> Any:
    """What `film` gets of a run in which every stage had something to say."""
    values: dict[Stage, Any] = {stage: SimpleNamespace(notices=(f"Notice of {stage}.",)) for stage in NOTICED}
    values[Stage.WRITE] = SimpleNamespace(
        title="Low Sun", lyrics=(), look="noir", words_by="embedded", notices=values[Stage.WRITE].notices
    )
    values[Stage.COMPOSE] = SimpleNamespace(music_by="embedded", notices=values[Stage.COMPOSE].notices)
    values[Stage.LISTEN] = SimpleNamespace(tempo_bpm=96.0)
    film = SimpleNamespace(width_px=160, height_px=120, fps=30, length_seconds=5.0, size_bytes=9, checksum="ab")
    return import_module("auratune.cli.film").Result(target=target, film=film, seed=1, values=values)


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_film_tells_the_notices_of_every_stage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.setattr(import_module("auratune.cli.film"), "make_here", lambda *_, **__: made(tmp_path / "film.mp4"))
    result = CliRunner().invoke(app, ["film", "photo.jpg", *arguments])
    assert result.exit_code == 0, result.output
    assert [stage for stage in NOTICED if f"Notice of {stage}." not in result.output] == []


def test_a_film_goes_into_the_folder_it_is_given_and_never_over_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    targets: list[Path] = []

    def make(photo: Path, options: object, settings: object, target: Path, *_: object, **__: object) -> Any:
        targets.append(target)
        target.touch()
        return made(target)

    monkeypatch.setattr(import_module("auratune.cli.film"), "make_here", make)
    monkeypatch.chdir(tmp_path)
    Path("films").mkdir()
    for out in ([], ["-o", "films"], ["-o", "films"], ["-o", "films/own.mp4"]):
        assert CliRunner().invoke(app, ["film", "photo.jpg", *out]).exit_code == 0
    names = [str(target.absolute().relative_to(tmp_path)) for target in targets]
    assert names == ["photo.mp4", "films/photo.mp4", "films/photo-2.mp4", "films/own.mp4"]


def test_without_a_terminal_progress_comes_in_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "screen", Console(stderr=True, highlight=False, force_terminal=False))
    with progress.progress(True) as begin:
        report = begin("Drawing the film")
        for share in (0.1, 0.3, 0.31, 0.6, 1.0, 1.0):
            report(share)
    words = [line.partition(",")[0] for line in capsys.readouterr().err.splitlines()]
    assert words == ["Drawing the film", *(f"Drawing the film: {percent}%" for percent in (25, 50, 100))]
