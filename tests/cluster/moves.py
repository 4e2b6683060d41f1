"""Moves a library of one machine to Postgres and S3 with `auratune migrate`, killed on the way, and compares both.

`python -m tests.cluster.moves --tasks 300 --kills 2` is the long version.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import sqlalchemy as sa
from tests.backends import Backend, open_backend
from tests.recovery.quick_providers import Behaviour, quick_service
from tests.recovery.uploads import numbered_upload
from tests.unit.tasks.conftest import _decode_at_once
from tests.waiting import wait_until

from auratune.subprocesses import SubprocessPool
from auratune.tasks.database import Database
from auratune.tasks.moving import PLACES

if TYPE_CHECKING:
    from auratune.tasks.service import TaskService

OWNER = "alice"
_QUEUED_AT_MOST = 200
_BUILD_SECONDS = 900.0


@dataclass
class Outcome:
    """What came of it."""

    tasks: int
    objects: int
    kills: int
    differing_objects: int
    missing_tasks: int
    new_at_the_end: int
    last_run: str
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether everything arrived as it left, and a further run found nothing to do."""
        return not (self.differing_objects or self.missing_tasks or self.new_at_the_end)


def move(library: Path, target: Backend, *, kill_after_lines: int = -1) -> subprocess.CompletedProcess[str]:
    """`auratune migrate`, killed once it has said so many lines."""
    child = _start(library, target)
    assert child.stderr is not None
    if kill_after_lines >= 0:
        for _ in range(kill_after_lines):
            child.stderr.readline()
        child.send_signal(signal.SIGKILL)
    out, errors = child.communicate(timeout=600)
    return subprocess.CompletedProcess([], child.returncode, out, errors)


def content(backend: Backend) -> dict[str, str]:
    """The checksum of every object."""
    store = backend.store()
    found = {}
    for info in (info for place in PLACES for info in store.objects(place)):
        with store.fetch(info.key) as path:
            found[info.key] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def task_ids(folder: Path, database_url: str | None = None) -> set[str]:
    """Every task of a library."""
    database = Database(folder, database_url)
    try:
        return set(database.read(lambda it: it.scalars(sa.text("SELECT task_id FROM tasks")).all()))
    finally:
        database.close()


def build_library(backend: Backend, tasks: int) -> None:
    """Finished films, and one that is still to be made."""
    behaviour = Behaviour()
    service = quick_service(backend.data_folder, behaviour, slots=8)
    with mock.patch.object(SubprocessPool, "run", _decode_at_once):
        service.start()
        for number in range(tasks - 1):
            service.submit(numbered_upload(backend.data_folder, number, OWNER))
            wait_until(lambda: service.counts().queued < _QUEUED_AT_MOST, "there is room in the queue")
        wait_until(lambda: _at_rest(service), "all films are made", seconds=_BUILD_SECONDS)
        behaviour.seconds = 600
        service.submit(numbered_upload(backend.data_folder, tasks, OWNER))
        service.close()


def run(folder: Path, *, tasks: int, kills: int, seed: int = 1) -> Outcome:
    """Build a library, move it while killing the move at random moments, and compare."""
    library, target = open_backend("single-machine", folder / "library"), open_backend("cluster", folder / "node")
    library.data_folder.mkdir(parents=True)
    build_library(library, tasks)
    chance, started = random.Random(seed), time.monotonic()
    for _ in range(kills):
        child = _start(library.data_folder, target)
        assert child.stderr is not None
        child.stderr.readline()
        time.sleep(chance.uniform(0.0, 2.0))
        child.kill()
        child.communicate()
    done = move(library.data_folder, target)
    seconds = time.monotonic() - started
    again = move(library.data_folder, target)
    left, arrived = content(library), content(target)
    return Outcome(
        tasks=tasks,
        objects=len(left),
        kills=kills,
        differing_objects=sum(1 for key in left.keys() | arrived.keys() if left.get(key) != arrived.get(key)),
        missing_tasks=len(task_ids(library.data_folder) - task_ids(folder, target.database_url)),
        new_at_the_end=0 if again.stdout.count("(0 new") == 2 else 1,
        last_run=done.stdout.strip() or done.stderr.strip(),
        seconds=seconds,
    )


def _start(library: Path, target: Backend) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "auratune.cli", "migrate", str(library)],
        env={**os.environ, **target.environment, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _at_rest(service: TaskService) -> bool:
    counts = service.counts()
    return counts.queued + counts.active == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="auratune-moves-") as folder:
        outcome = run(Path(folder), tasks=given.tasks, kills=given.kills, seed=given.seed)
    sys.stdout.write(f"{outcome}\n")
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
