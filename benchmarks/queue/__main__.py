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

from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.tasks import attempts
from auratune.tasks.database import Database
from auratune.tasks.dispatch import Engine
from auratune.tasks.schema.upgrade import upgrade

_MOST_WAITING = 1000
_LONGEST_SECONDS = 600.0
_SETTLED_SECONDS = 3.0
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
    """An empty database, a client that queues, and workers whose tasks sleep."""

    def __init__(self, slots: int, seconds: float) -> None:
        self.url = new_database()
        self.database = Database(Path(tempfile.mkdtemp()), self.url)
        upgrade(self.database)
        table = "CREATE TABLE starts (number bigserial PRIMARY KEY, task_id text, worker text)"
        self.database.write(lambda it: it.execute(sa.text(table)))
        self.engine = Engine(database=self.database, slots=1, worker_id="client", work=None)
        self.engine.start()
        self._arguments = (str(slots), str(seconds))
        self.processes: list[subprocess.Popen[str]] = []

    def _start(self, name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _WORK, self.url, name, *self._arguments]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def start_workers(self, number: int) -> None:
        """Start processes that take what is queued."""
        self.processes += [self._start(f"worker-{at}") for at in range(number)]

    def stop_workers(self) -> None:
        """End them; nothing may be under way."""
        for process in self.processes:
            process.communicate("")
        self.processes = []

    def wait_for(self, number: int) -> None:
        """Until so many tasks were started."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        while self.starts()[0] < number and time.monotonic() < deadline:
            time.sleep(0.2)

    def accept(self, number: int) -> float:
        """Write tasks with their rows, as an upload does once its photo is decoded; returns the seconds."""
        photo = Photo(key="tasks/x/photo.jpg", width_px=64, height_px=48, content_hash="ab" * 32, seed=1)
        started = time.monotonic()
        for at in range(number):
            new = {"task_id": str(uuid.uuid4()), "owner": f"owner-{at % 20}", "photo": photo, "options": Options()}
            self.database.write(lambda it, new=new: attempts.create(it, self.engine.enqueue, upload_name="", **new))
        return time.monotonic() - started

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
        """CPU of a whole worker of the service with nothing to do."""
        command = [sys.executable, "-m", "benchmarks.queue.simulation", "--worker", self.url, tempfile.mkdtemp()]
        with subprocess.Popen([*command, "", "3", "1", "60"], stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            time.sleep(_SETTLED_SECONDS)
            process = psutil.Process(worker.pid)
            before, started = sum(process.cpu_times()[:2]), time.monotonic()
            time.sleep(seconds)
            percent = 100 * (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - started)
            worker.terminate()
            worker.communicate()
        return percent

    def close(self) -> None:
        self.stop_workers()
        self.engine.close()
        self.database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--slots", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=0.5)
    given = parser.parse_args()
    cluster = Cluster(given.slots, given.seconds)
    try:
        print(f"idle worker: {cluster.idle_percent(20.0):.1f} % CPU")
        waiting = min(_MOST_WAITING, given.tasks)
        print(f"accepted with their rows, no worker: {waiting / cluster.accept(waiting):.0f} tasks/s")
        cluster.enqueue(given.tasks - waiting)
        started = time.monotonic()
        cluster.start_workers(given.workers)
        cluster.wait_for(given.tasks)
        spent = time.monotonic() - started
        total, twice = cluster.starts()
        print(f"{given.workers} workers x {given.slots} slots, {given.seconds} s a task: ", end="")
        print(f"{total} started in {spent:.0f} s = {total / spent:.0f}/s, their own start included; run twice: {twice}")
        beside = given.tasks // 5
        print(f"accepted with their rows, beside those workers: {beside / cluster.accept(beside):.0f} tasks/s")
    finally:
        cluster.close()


if __name__ == "__main__":
    main()
