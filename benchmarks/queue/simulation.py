"""`python -m benchmarks.queue.simulation`: many films on a cluster, with sleeps in place of the heavy work.

Queue, runs, results, ledger, the shared budget of vendor calls, events and the Postgres behind them are the real ones.
A vendor on loopback counts its sales. Prints what a film costs beside its pictures and its sound.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import sqlalchemy as sa
from tests.backends import new_database
from tests.recovery.quick_providers import Behaviour, QuickComposer, quick_service
from tests.recovery.song_vendor import SongVendor
from tests.recovery.uploads import numbered_upload
from tests.unit.tasks.conftest import _decode_at_once

from auratune.providers.waiting import rest
from auratune.storage.local import LocalStore
from auratune.subprocesses import SubprocessPool
from auratune.tasks.budgets import SharedBudget
from auratune.tasks.database import Database
from auratune.tasks.schema.tables import task_events
from auratune.tasks.workers import Membership

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.song import SongRequest
    from auratune.core.treatment import MusicBrief

_LONGEST_SECONDS = 600.0


class PacedComposer(QuickComposer):
    """Waits for its turn in the allowance that all workers share before it buys a song."""

    def __init__(self, behaviour: Behaviour, budget: SharedBudget, per_minute: int) -> None:
        super().__init__(behaviour)
        self._budget, self._per_minute = budget, per_minute

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        while (seconds := self._budget.take("songs", self._per_minute)) > 0:
            rest(context, seconds)
        return super().order(context, brief)


def work(address: str, folder: Path, vendor_url: str, slots: int, stage_seconds: float, per_minute: int) -> None:
    """A worker until it is told to end; then it says what it used."""
    behaviour = Behaviour(seconds=stage_seconds, counter_url=vendor_url)
    budget = SharedBudget(Database(folder, address))
    own = Path(tempfile.mkdtemp(prefix="auratune-worker-"))
    service = quick_service(
        own,
        behaviour,
        PacedComposer(behaviour, budget, per_minute),
        LocalStore(folder),
        database_url=address,
        slots=slots,
        membership=Membership("worker"),
    )
    statements = [0]

    def count(*_: Any) -> None:
        statements[0] += 1

    for database in (service._database, budget._database):
        sa.event.listen(database.engine, "before_cursor_execute", count)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    service.start()
    print("ready", flush=True)
    ended.wait()
    print(json.dumps({"statements": statements[0], "cpu_seconds": time.process_time()}), flush=True)
    service.close()


@dataclass(frozen=True)
class Use:
    """What the database server has done so far."""

    transactions: int
    log_bytes: int
    size_bytes: int

    @classmethod
    def of(cls, database: Database) -> Use:
        """Ask it."""
        question = (
            "SELECT xact_commit, pg_current_wal_lsn() - '0/0'::pg_lsn, pg_database_size(current_database()) "
            "FROM pg_stat_database WHERE datname = current_database()"
        )
        row = database.read(lambda it: it.execute(sa.text(question)).one())
        return cls(int(row[0]), int(row[1]), int(row[2]))


class Cluster:
    """An API in this process, and workers in processes of their own."""

    def __init__(self, workers: int, slots: int, stage_seconds: float, per_minute: int) -> None:
        self.folder, address = Path(tempfile.mkdtemp(prefix="auratune-films-")), new_database()
        self.vendor = SongVendor(0.05)
        place = {"store": LocalStore(self.folder), "database_url": address}
        self.api = quick_service(self.folder, Behaviour(), membership=Membership("api"), **place)
        self.api.start()
        command = [sys.executable, "-m", "benchmarks.queue.simulation", "--worker", address, str(self.folder)]
        command += [self.vendor.url, str(slots), str(stage_seconds), str(per_minute)]
        self._nodes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
        self._said = [node.stdout for node in self._nodes if node.stdout]
        assert [output.readline() for output in self._said] == ["ready\n"] * workers

    def submit(self, number: int, owner: str) -> str:
        """Hand in a photo, which is taken as it is."""
        with mock.patch.object(SubprocessPool, "run", _decode_at_once):
            return self.api.submit(numbered_upload(self.folder, number, owner)).task_id

    def stop_workers(self) -> tuple[int, float]:
        """End the workers; returns the statements and the CPU seconds of all."""
        for node in self._nodes:
            node.terminate()
        used = [json.loads(output.readline()) for output in self._said]
        for node in self._nodes:
            node.communicate()
        return sum(each["statements"] for each in used), sum(each["cpu_seconds"] for each in used)

    def close(self) -> None:
        """End what is left."""
        self.api.close()
        self.vendor.close()


def simulate(cluster: Cluster, tasks: int, owners: int) -> None:
    """Hand in all photos, wait for all films, and print what they took."""
    api, vendor, chance = cluster.api, cluster.vendor, random.Random(1)
    before = Use.of(api._database)
    started, started_cpu = time.monotonic(), time.process_time()
    for number in range(tasks):
        cluster.submit(number, f"owner-{chance.randrange(owners)}")
    submitted, api_cpu = time.monotonic() - started, time.process_time() - started_cpu
    while (counts := api.counts()).queued + counts.active and time.monotonic() - started < _LONGEST_SECONDS:
        time.sleep(0.5)
    spent, left = time.monotonic() - started, counts.queued + counts.active
    after = Use.of(api._database)
    statements, cpu = cluster.stop_workers()
    print(f"  accepted        {tasks / submitted:8.0f} a second, {1000 * api_cpu / tasks:.1f} ms CPU each")
    print(f"  made            {(tasks - left) / spent:8.1f} a second; not made: {left}")
    print(f"  songs bought    {vendor.sold.total():8d}; bought twice: {sum(n > 1 for n in vendor.sold.values())}")
    print(f"  worker CPU      {1000 * cpu / tasks:8.1f} ms a film, start and idle polling included")
    print(f"  statements      {statements / tasks:8.1f} a film from workers, the engine's and idle ones included")
    print(f"  transactions    {(after.transactions - before.transactions) / tasks:8.1f} a film")
    print(f"  database log    {(after.log_bytes - before.log_bytes) / tasks / 1000:8.1f} kB a film")
    print(f"  database size   {(after.size_bytes - before.size_bytes) / tasks / 1000:8.1f} kB a film")


def starts_before_a_single_photo(cluster: Cluster, many: int) -> int:
    """How many films begin between an owner's only photo and its film, behind many of another owner."""
    for number in range(many):
        cluster.submit(number, "owner-of-many")
    mark = cluster.api.last_event()
    single = cluster.submit(many, "owner-of-one")
    deadline = time.monotonic() + _LONGEST_SECONDS
    while not cluster.api.find(single, "owner-of-one").status.is_final and time.monotonic() < deadline:
        time.sleep(0.2)
    begun = sa.select(task_events.c.task_id).where(task_events.c.stage == "observe", task_events.c.sequence > mark)
    starts = begun.group_by(task_events.c.task_id).order_by(sa.func.min(task_events.c.sequence))
    return cluster.api._database.read(lambda it: list(it.scalars(starts))).index(single)


def main() -> None:
    if sys.argv[1:2] == ["--worker"]:
        address, folder, vendor_url, slots, stage_seconds, per_minute = sys.argv[2:]
        work(address, Path(folder), vendor_url, int(slots), float(stage_seconds), int(per_minute))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--stage-seconds", type=float, default=0.2)
    parser.add_argument("--songs-a-minute", type=int, default=6000)
    parser.add_argument("--owners", type=int, default=20)
    parser.add_argument("--behind", type=int, default=500)
    given = parser.parse_args()
    shape = (given.workers, given.slots, given.stage_seconds, given.songs_a_minute)
    print(f"{given.tasks} films of {given.owners} owners, {given.workers} workers x {given.slots} slots, ", end="")
    print(f"7 stages of {given.stage_seconds:g} s")
    cluster = Cluster(*shape)
    try:
        simulate(cluster, given.tasks, given.owners)
    finally:
        cluster.close()
    cluster = Cluster(*shape)
    try:
        number = starts_before_a_single_photo(cluster, given.behind)
        print(f"  one photo behind {given.behind} of another owner: {number} others begin before it")
        cluster.stop_workers()
    finally:
        cluster.close()


if __name__ == "__main__":
    main()
