"""A library of one machine is carried to Postgres and S3, whole and unchanged, also when the move is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from tests.backends import Backend, open_backend
from tests.cluster.moves import OWNER, build_library, content, move, task_ids
from tests.recovery.quick_providers import Behaviour, quick_service

from auratune.tasks.database import Database
from auratune.tasks.schema.tables import metadata
from auratune.tasks.shared_state import SharedState
from auratune.web.keys import ensure_access_key, ensure_signing_key

if TYPE_CHECKING:
    from pathlib import Path

_TASKS = 7


@pytest.fixture
def library(tmp_path: Path) -> Backend:
    backend = open_backend("single-machine", tmp_path / "library")
    backend.data_folder.mkdir()
    build_library(backend, _TASKS)
    return backend


@pytest.mark.slow
def test_a_library_moves_whole_although_the_move_is_killed_twice(library: Backend, tmp_path: Path) -> None:
    target = open_backend("cluster", tmp_path / "node")
    # Share links, sessions and the key that the service made for itself must stay valid.
    signing_key, access_key = ensure_signing_key(library.data_folder), ensure_access_key(library.data_folder)
    assert move(library.data_folder, target, kill_after_lines=1).returncode == -signal.SIGKILL
    assert target.database_url is not None
    with psycopg.connect(target.database_url) as busy:
        # So that the move cannot be over before the kill reaches it.
        busy.execute(f"LOCK TABLE {metadata.sorted_tables[-1].name} IN ACCESS EXCLUSIVE MODE")
        assert move(library.data_folder, target, kill_after_lines=3).returncode == -signal.SIGKILL
    done = move(library.data_folder, target)
    assert done.returncode == 0, done.stderr
    assert "checked by checksum" in done.stdout
    assert content(target) == content(library)
    again = move(library.data_folder, target)
    assert "(0 new)" in again.stdout

    database = Database(tmp_path, target.database_url)
    assert ensure_signing_key(tmp_path / "another node", SharedState(database)) == signing_key
    assert ensure_access_key(tmp_path / "another node", SharedState(database)) == access_key
    database.close()

    service = quick_service(target.data_folder, Behaviour(), store=target.store(), database_url=target.database_url)
    service.start()
    try:
        assert {task.task_id for task in service.page(OWNER).tasks} == task_ids(library.data_folder)
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
