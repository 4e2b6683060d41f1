"""`auratune api` and `auratune worker` as processes: who lives is counted, a stop hands over, a lost worker ends."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from tests.backends import Backend, free_port, open_backend
from tests.conftest import paint
from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.cli.serve import LOST_EXIT_CODE
from auratune.tasks.database import Database
from auratune.tasks.schema.tables import attempts, workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_SECONDS = 240.0


class Cluster:
    """Processes of both commands on one database and one bucket."""

    def __init__(self, folder: Path, backend: Backend, stack: contextlib.ExitStack) -> None:
        self._folder, self._backend, self._stack = folder, backend, stack
        self.database = Database(folder, backend.database_url)
        stack.callback(self.database.close)

    def start(self, role: str, **variables: str) -> subprocess.Popen[bytes]:
        """`auratune api` or `auratune worker`, with a data folder of its own."""
        folder = self._folder / f"{role}-{free_port()}"
        folder.mkdir()
        given = self._backend.environment | {"TEMP_DIR": str(folder), "MAX_CONCURRENT_TASKS": "1"}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "auratune.cli", role],
                env={**os.environ, **given, "VIDEO_SECONDS": "5", "VIDEO_SHORT_EDGE": "160", **variables},
                cwd=folder,
                stderr=log,
            )
        self._stack.callback(_end, process)
        return process

    def run_ids(self) -> list[str]:
        """The tokens of runs that have not ended."""
        tokens = sa.select(attempts.c.run_id).where(attempts.c.run_id != "")
        return self.database.read(lambda it: list(it.scalars(tokens)))

    def states(self) -> list[str]:
        """What became of the workers, oldest first."""
        found = sa.select(workers.c.state).order_by(workers.c.started_at)
        return self.database.read(lambda it: list(it.scalars(found)))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def answer(port: int, path: str, body: bytes | None = None) -> str:
    """What a process answers; empty while it does not."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body)
    request.add_header("Content-Type", "image/jpeg")
    try:
        with urllib.request.urlopen(request, timeout=60) as found:
            return str(found.read().decode())
    except (urllib.error.HTTPError, OSError):
        return ""


def live_workers(port: int) -> float:
    """What Prometheus would be told."""
    found = re.search(r"^auratune_live_workers (\S+)", answer(port, "/metrics"), re.MULTILINE)
    return float(found[1]) if found else -1.0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with contextlib.ExitStack() as stack:
        yield Cluster(tmp_path, open_backend("cluster", tmp_path / "unused"), stack)


@pytest.mark.slow
def test_workers_are_counted_hand_over_when_they_are_stopped_and_end_when_they_are_lost(
    cluster: Cluster, tmp_path: Path
) -> None:
    port = free_port()
    metrics_port = wait_until(lambda: (other := free_port()) != port and other, "there is another free port")
    cluster.start("api", PORT=str(port))
    wait_until(lambda: answer(port, "/health/ready"), "the API is ready", seconds=START_SECONDS)
    assert live_workers(port) == 0

    first = cluster.start("worker", METRICS_PORT=str(metrics_port))
    wait_until(lambda: live_workers(metrics_port) == 1, "the worker tells Prometheus", seconds=START_SECONDS)
    assert live_workers(port) == 1
    paint(640, 480).save(tmp_path / "photo.jpg")
    assert "task_id" in answer(port, "/photos", (tmp_path / "photo.jpg").read_bytes())
    (token,) = wait_until(cluster.run_ids, "the worker works on the film")

    first.send_signal(signal.SIGTERM)
    assert first.wait(DEADLINE_SECONDS) == 0
    assert cluster.states() == ["left"]
    assert live_workers(port) == 0
    # Nothing was ended: the next worker goes on with the same attempt.
    assert cluster.run_ids() == [token]

    second = cluster.start("worker")
    wait_until(lambda: cluster.run_ids() not in ([token], []), "another takes it over", seconds=START_SECONDS)
    lost = sa.update(workers).where(workers.c.state == "live").values(state="lost")
    cluster.database.write(lambda it: it.execute(lost))
    assert second.wait(DEADLINE_SECONDS) == LOST_EXIT_CODE
