"""A library of one machine is carried to Postgres and S3, whole and unchanged, also when the move is killed."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from tests.backends import Backend, open_backend
from tests.recovery.quick_providers import Play, quick_desk
from tests.unit.tasks.conftest import House, _decode_at_once

from auratune.subprocesses import SubprocessPool
from auratune.tasks.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FILMS = 6


def move(library: Path, target: Backend, *, kill_after_lines: int = -1) -> subprocess.CompletedProcess[str]:
    """`auratune migrate`, killed once it has said so many lines."""
    environment = {**os.environ, **target.environment, "COLUMNS": "200"}
    child = subprocess.Popen(
        [sys.executable, "-m", "auratune.cli", "migrate", str(library)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    if kill_after_lines >= 0:
        for _ in range(kill_after_lines):
            child.stderr.readline()
        child.send_signal(signal.SIGKILL)
    out, errors = child.communicate(timeout=120)
    return subprocess.CompletedProcess([], child.returncode, out, errors)


def content(backend: Backend) -> dict[str, str]:
    store = backend.store()
    found = {}
    for info in (info for place in ("tasks", "photos", "music", "output") for info in store.objects(place)):
        with store.fetch(info.key) as path:
            found[info.key] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture
def library(tmp_path: Path, photo_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Backend:
    """Some films, and one that is still to be made."""
    monkeypatch.setattr(SubprocessPool, "run", _decode_at_once)
    backend = open_backend("single-machine", tmp_path / "library")
    house = House(backend, photo_file)
    for seed in range(_FILMS):
        house.finished(seed=seed)
    house.play.seconds = 30
    house.submit(seed=100)
    house.close()
    return backend


@pytest.mark.slow
def test_a_library_moves_whole_although_the_move_is_killed_twice(library: Backend, tmp_path: Path) -> None:
    target = open_backend("cluster", tmp_path / "node")
    for lines in (1, 3):
        assert move(library.data_folder, target, kill_after_lines=lines).returncode == -signal.SIGKILL
    done = move(library.data_folder, target)
    assert done.returncode == 0, done.stderr
    assert "checked by checksum" in done.stdout
    assert content(target) == content(library)
    again = move(library.data_folder, target)
    assert "(0 new)" in again.stdout

    service = quick_desk(target.data_folder, Play(), store=target.store(), database_url=target.database_url)
    before = Database(library.data_folder)
    names = set(before.read(lambda connection: connection.scalars(sa.text("SELECT task_id FROM tasks")).all()))
    before.close()
    service.start()
    try:
        assert {task.task_id for task in service.page("alice").tasks} == names
    finally:
        service.close()


def test_a_move_without_a_goal_or_a_library_is_one_sentence(tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": "", "STORAGE_URL": "", "TEMP_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "auratune.cli", "migrate", str(tmp_path / "none")]
    for environment, word in ((nowhere, "DATABASE_URL"), ({**nowhere, "STORAGE_URL": "file:///tmp/x"}, "TEMP_DIR")):
        done = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 1
        assert word in done.stderr
        assert "Traceback" not in done.stderr
