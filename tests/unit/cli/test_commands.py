"""The commands say what is in force and what is wrong, and never a secret."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from auratune import __version__
from auratune.cli import app

if TYPE_CHECKING:
    from pathlib import Path


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
    for word in ("codecs", "libx264", "disk", "database", "claude", "suno", "elevenlabs"):
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
