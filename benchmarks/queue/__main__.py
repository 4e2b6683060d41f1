"""`python -m benchmarks.queue`: how many tasks a second a cluster takes, and whose turn it is.

Postgres on this machine, workers in processes of their own, tasks that sleep instead of making films. Every run of a
task writes its id to a table, which shows what ran twice.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psutil
import sqlalchemy as sa
from tests.backends import new_database

from auratune.tasks.database import Database
from auratune.tasks.dispatch import Engine
from auratune.tasks.schema.upgrade import upgrade

_WORK = """
import os, sys, time
from pathlib import Path
import sqlalchemy as sa
from auratune.tasks.database import Database
from auratune.tasks.dispatch import Engine
url, name, slots, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
database = Database(Path("."), url)
insert = sa.text("INSERT INTO starts (task_id, worker) VALUES (:task, :worker)")
def work(task_id, attempt):
    database.write(lambda it: it.execute(insert, {"task": task_id, "worker": name}))
    time.sleep(seconds)
    return "done"
engine = Engine(database=database, slots=slots, worker_id=name, work=work)
engine.start()
print("ready", flush=True)
sys.stdin.read()
os._exit(0)
"""


class Cluster:
    """An empty database, a client that queues, and workers that sleep."""

    def __init__(self, workers: int, slots: int, seconds: float) -> None:
        self.url = new_database()
        self.database = Database(Path(tempfile.mkdtemp()), self.url)
        upgrade(self.database)
        table = "CREATE TABLE starts (number bigserial PRIMARY KEY, task_id text, worker text)"
        self.database.write(lambda it: it.execute(sa.text(table)))
        self.engine = Engine(database=self.database, slots=1, worker_id="client", work=None)
        self.engine.start()
        self._arguments = (str(slots), str(seconds))
        self.processes = [self._start(f"worker-{number}") for number in range(workers)]

    def _start(self, name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _WORK, self.url, name, *self._arguments]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def enqueue(self, number: int, priority: int = 1) -> float:
        """Queue tasks in one transaction each; returns the seconds."""
        started = time.monotonic()
        for _ in range(number):
            task_id = str(uuid.uuid4())
            self.database.write(lambda it, name=task_id: self.engine.enqueue(it, name, 1, priority))
        return time.monotonic() - started

    def starts(self) -> tuple[int, int]:
        """How many tasks were started, and how many of them more than once."""
        count = sa.text("SELECT count(*), count(*) - count(DISTINCT task_id) FROM starts")
        row = self.database.read(lambda it: it.execute(count).one())
        return int(row[0]), int(row[1])

    def idle_percent(self, seconds: float) -> float:
        """CPU of one worker with nothing to do."""
        process = psutil.Process(self.processes[0].pid)
        before, started = sum(process.cpu_times()[:2]), time.monotonic()
        time.sleep(seconds)
        return 100 * (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - started)

    def close(self) -> None:
        for process in self.processes:
            process.communicate("")
        self.engine.close()
        self.database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--slots", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=0.5)
    given = parser.parse_args()
    cluster = Cluster(given.workers, given.slots, given.seconds)
    try:
        print(f"idle worker: {cluster.idle_percent(20.0):.1f} % CPU")
        started = time.monotonic()
        seconds = cluster.enqueue(given.tasks)
        print(f"queued {given.tasks} tasks: {given.tasks / seconds:.0f}/s (beside the workers)")
        while cluster.starts()[0] < given.tasks and time.monotonic() - started < 600:
            time.sleep(0.2)
        spent = time.monotonic() - started
        total, twice = cluster.starts()
        print(f"{given.workers} workers x {given.slots} slots, {given.seconds} s a task: ", end="")
        print(f"{total} started in {spent:.0f} s = {total / spent:.0f}/s, run twice: {twice}")
    finally:
        cluster.close()


if __name__ == "__main__":
    main()
