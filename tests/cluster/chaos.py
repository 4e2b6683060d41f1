"""Kills, pauses and restarts the parts of a cluster, and counts what was lost, paid twice or changed.

`python -m tests.cluster.chaos` is the long version: one API, three workers, Postgres and S3 on this machine, a vendor
that counts its sales. Films are quick stages; everything around them is real.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from tests.backends import Backend, open_backend, postgres
from tests.cluster.node import BEAT_SECONDS, STALE_SECONDS
from tests.recovery.quick_providers import NOT_KNOWN, VENDOR, Behaviour, quick_service
from tests.recovery.song_vendor import SongVendor
from tests.recovery.uploads import numbered_upload
from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.cli.serve import LOST_EXIT_CODE
from auratune.core.errors import ServiceBusy
from auratune.core.task import PaidState, Status
from auratune.tasks import ledger
from auratune.tasks.database import Database
from auratune.tasks.schema.tables import attempts
from auratune.tasks.workers import Membership

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = "alice"
_RUNNING = sa.and_(attempts.c.run_id != "", attempts.c.status.notin_(("done", "error", "cancelled")))


@dataclass
class Outcome:
    """What came of it."""

    tasks: int = 0
    done: int = 0
    kills: int = 0
    pauses: int = 0
    fenced: int = 0
    restarts: int = 0
    paid: int = 0
    paid_twice: int = 0
    changed_files: int = 0
    songs_lost: int = 0
    """Songs that a receipt names as paid and that are not in their film."""
    songs_late: int = 0
    """Songs that came when a worker woke that had been taken for dead; a notice told of them, and a retry got them."""
    first_cuts: int = 0
    first_cuts_lost: int = 0
    """First cuts that were in sight and then were not, before the film was there."""
    takeovers: list[float] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every promise held."""
        bad = (self.paid_twice, self.changed_files, self.songs_lost, self.first_cuts_lost)
        return self.done == self.tasks and not any(bad)

    def table(self) -> str:
        times = sorted(self.takeovers) or [0.0]
        return (
            f"tasks {self.tasks}, done {self.done}, lost {self.tasks - self.done}\n"
            f"kill -9: {self.kills}; pauses: {self.pauses}, of which fenced off: {self.fenced}; "
            f"Postgres restarts: {self.restarts}\n"
            f"songs paid {self.paid}, paid twice {self.paid_twice}, lost {self.songs_lost}, late {self.songs_late}; "
            f"first cuts seen {self.first_cuts}, lost {self.first_cuts_lost}; files of finished films that changed: "
            f"{self.changed_files}\n"
            f"taken over: {len(self.takeovers)}, median {times[len(times) // 2]:.1f} s, longest {times[-1]:.1f} s"
        )


class Cluster:
    """One API in this process and workers in processes of their own."""

    def __init__(self, folder: Path, *, workers: int, stage_seconds: float, seed: int) -> None:
        self.backend: Backend = open_backend("cluster", folder / "api")
        self.vendor = SongVendor(answers_after_seconds=0.2)
        self.outcome = Outcome()
        self._folder, self._stage_seconds = folder, stage_seconds
        self._chance = random.Random(seed)
        self._numbers = iter(range(10_000))
        self.api = quick_service(
            self.backend.data_folder,
            Behaviour(),
            store=self.backend.store(),
            database_url=self.backend.database_url,
            membership=Membership("api"),
        )
        self.api.start()
        self.database = Database(folder, self.backend.database_url)
        self.nodes = [self._start_node() for _ in range(workers)]
        self._interrupted: dict[tuple[str, str], float] = {}
        self._finished: dict[str, str] = {}
        self._first_cuts: set[str] = set()
        self._sent: list[str] = []

    def close(self) -> None:
        for node in self.nodes:
            node.kill()
            node.wait()
            assert node.stdout is not None
            node.stdout.close()
        self.database.close()
        self.api.close()
        self.vendor.close()

    def submit(self, number: int) -> None:
        upload = numbered_upload(self.backend.data_folder, number, OWNER)
        self._sent.append(self.api.submit(upload).task_id)

    def kill_one(self) -> None:
        """`kill -9` on a random worker; another one takes its place."""
        index = self._chance.randrange(len(self.nodes))
        node = self._working(index)
        self._note_interrupted()
        node.kill()
        node.wait()
        self.nodes[index] = self._start_node()
        self.outcome.kills += 1

    def pause_one(self, seconds: float) -> None:
        """Stop a worker for longer than it may be silent, then wake it: it has to end by itself."""
        index = self._chance.randrange(len(self.nodes))
        node = self._working(index)
        node.send_signal(signal.SIGSTOP)
        self.nodes[index] = self._start_node()
        self.watch_for(seconds)
        node.send_signal(signal.SIGCONT)
        self.outcome.pauses += 1
        self.outcome.fenced += self._end_of(node) == LOST_EXIT_CODE

    @staticmethod
    def _end_of(node: subprocess.Popen[str]) -> int:
        try:
            return node.wait(timeout=5 * BEAT_SECONDS)
        except subprocess.TimeoutExpired:
            # Nobody missed it (the database was away, too): it goes on, and is drained.
            node.terminate()
            return node.wait(timeout=DEADLINE_SECONDS)

    def restart_postgres(self) -> None:
        """The database goes away in the middle of everything, and comes back."""
        server = postgres()
        server.stop()
        time.sleep(1.0)
        server.start()
        self.outcome.restarts += 1

    def watch_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._look()
            time.sleep(0.25)

    def wait_for_all(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._count_done() < len(self._sent):
            self._replace_lost()
            self._look()
            time.sleep(0.25)

    def _replace_lost(self) -> None:
        """A worker that was starved on a busy machine ends as one that was paused; a supervisor starts it anew."""
        for index, node in enumerate(self.nodes):
            if node.poll() == LOST_EXIT_CODE:
                assert node.stdout is not None
                node.stdout.close()
                self.nodes[index] = self._start_node()

    def count(self) -> Outcome:
        """Compare what is there with what was asked for."""
        self.outcome.tasks, self.outcome.done = len(self._sent), self._count_done()
        for key, digest in self._finished.items():
            self.outcome.changed_files += self._digest(key) != digest
        receipts = self.database.read(lambda it: ledger.receipts(it, self._sent))
        paid = {id_ for id_, calls in receipts.items() if any(call.state is PaidState.DONE for call in calls)}
        without = [row for row in self._rows(attempts.c.task_id.in_(paid)) if row.music_by != VENDOR]
        self.outcome.songs_late = sum(NOT_KNOWN in row.notices and self._gets_its_song(row.task_id) for row in without)
        self.outcome.songs_lost = len(without) - self.outcome.songs_late
        self.outcome.paid = self.vendor.sold.total()
        self.outcome.paid_twice = sum(1 for number in self.vendor.sold.values() if number > 1)
        self.outcome.first_cuts = len(self._first_cuts)
        return self.outcome

    def _gets_its_song(self, task_id: str) -> bool:
        self.api.retry(task_id, OWNER, music=VENDOR)
        wait_until(lambda: self.api.find(task_id, OWNER).status.is_final, f"task {task_id} has been tried again")
        return self.api.find(task_id, OWNER).music_by == VENDOR

    def _start_node(self) -> subprocess.Popen[str]:
        folder = self._folder / f"node-{next(self._numbers)}"
        command = [sys.executable, "-m", "tests.cluster.node", str(folder), self.vendor.url, str(self._stage_seconds)]
        return subprocess.Popen(
            command,
            env={**os.environ, **self.backend.environment},
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _working(self, index: int) -> subprocess.Popen[str]:
        """A worker once it works; one that could not start (the database was away) is started anew, as always."""
        node = self.nodes[index]
        assert node.stdout is not None
        while not node.stdout.closed:
            is_ready = any(line == "ready\n" for line in node.stdout)
            node.stdout.close()
            if not is_ready:
                node.wait()
                node = self.nodes[index] = self._start_node()
                assert node.stdout is not None
        return node

    def _rows(self, which: sa.ColumnElement[bool]) -> list[Any]:
        names = ("task_id", "run_id", "status", "film", "first_cut", "music_by", "notices")
        columns = [attempts.c[name] for name in names]
        return self.database.read(lambda it: list(it.execute(sa.select(*columns).where(which)).all()))

    def _note_interrupted(self) -> None:
        """Runs that may die now; those of other workers go on and are struck off when they finish."""
        for row in self._rows(_RUNNING):
            self._interrupted.setdefault((row.task_id, row.run_id), time.monotonic())

    def _look(self) -> None:
        try:
            rows = self._rows(sa.true())
        except ServiceBusy:
            return
        for row in rows:
            for key in [key for key in self._interrupted if key[0] == row.task_id and key[1] != row.run_id]:
                since = self._interrupted.pop(key)
                if row.run_id:
                    self.outcome.takeovers.append(time.monotonic() - since)
            if row.first_cut:
                self._first_cuts.add(row.task_id)
            elif row.status != "done" and row.task_id in self._first_cuts:
                self.outcome.first_cuts_lost += 1
            if row.status == "done" and row.film and row.film.key not in self._finished:
                self._finished[row.film.key] = self._digest(row.film.key)

    def _digest(self, key: str) -> str:
        with self.backend.store().fetch(key) as path:
            return hashlib.sha256(path.read_bytes()).hexdigest()

    def _count_done(self) -> int:
        try:
            return len(self._rows(attempts.c.status == Status.DONE.value))
        except ServiceBusy:
            return 0


def run(
    folder: Path,
    *,
    tasks: int,
    kills: int,
    pauses: int,
    pause_seconds: float,
    seed: int = 1,
    most_seconds: float = float("inf"),
    tell: Callable[[str], object] = lambda line: None,
) -> Outcome:
    """Hand in the tasks, break things one after the other, wait for all films, and count.

    After `most_seconds` nothing more is broken or handed in. `tell` hears of each break.
    """
    ends = time.monotonic() + most_seconds
    cluster = Cluster(folder, workers=3, stage_seconds=0.3, seed=seed)
    chance = random.Random(seed)
    try:
        breaks = ["kill"] * kills + ["pause"] * pauses
        chance.shuffle(breaks)
        for number, kind in enumerate(breaks):
            if time.monotonic() > ends:
                break
            tell(f"{number + 1} of {len(breaks)}: {kind}\n")
            # There is always something to break: the tasks come in as the breaks go on.
            for task in range(tasks * number // len(breaks), tasks * (number + 1) // len(breaks)):
                cluster.submit(task)
            cluster.watch_for(chance.uniform(0.5, 3.0))
            if kind == "kill":
                cluster.kill_one()
            else:
                cluster.pause_one(pause_seconds)
            if number == len(breaks) // 2:
                cluster.restart_postgres()
        cluster.wait_for_all(600.0)
        return cluster.count()
    finally:
        cluster.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=150)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--pauses", type=int, default=5)
    parser.add_argument("--pause-seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-minutes", type=float, default=float("inf"))
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="auratune-cluster-"))
    started = time.monotonic()
    outcome = run(
        folder,
        tasks=given.tasks,
        kills=given.kills,
        pauses=given.pauses,
        pause_seconds=given.pause_seconds,
        seed=given.seed,
        most_seconds=60 * given.most_minutes,
        tell=sys.stderr.write,
    )
    sys.stdout.write(f"{outcome.table()}\nheartbeats are stale after {STALE_SECONDS:g} s here; ")
    sys.stdout.write(f"{time.monotonic() - started:.0f} s\n")
    shutil.rmtree(folder, ignore_errors=True)
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
