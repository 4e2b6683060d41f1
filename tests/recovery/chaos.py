"""Kills a service at random moments, over and over, and counts what was lost and what was paid.

`python -m tests.recovery.chaos --runs 100` is the long version: every run hands in two photos, kills the service once
or twice somewhere in its stages (half of the times around the paid call or while a first cut is made beside it), starts
it again and waits for the films.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.recovery.quick_providers import FIRST_CUT, VENDOR
from tests.recovery.quick_service import QuickService, kill_somewhere
from tests.recovery.song_vendor import SongVendor, SunoVendor

from auratune.core.task import PaidState, Stage, Status, Task
from auratune.tasks import ledger
from auratune.tasks.database import Database
from auratune.tasks.task_table import look_up

_STAGE_SECONDS = 0.1
_PATIENCE_SECONDS = 300.0
_SOON_SECONDS = 2.0
_PAID = [Stage.ORDER.value]
_BESIDE = [f"{FIRST_CUT}{stage}" for stage in (Stage.ORDER, Stage.COMPOSE, Stage.RENDER)]
_ANY = [stage.value for stage in Stage if stage not in {Stage.QUEUED, Stage.FINISHED}]


@dataclass
class Result:
    """What came of it."""

    tasks: int = 0
    kills: int = 0
    done: int = 0
    lost: int = 0
    paid: int = 0
    paid_twice: int = 0
    songs_lost: int = 0
    """Songs that a receipt names as paid and that are not in their film."""
    first_cuts: int = 0
    """First cuts that were in sight when the service was killed."""
    first_cuts_lost: int = 0
    files_left: int = 0
    """Of first cuts whose films are done."""
    killed_in: Counter[str] = field(default_factory=Counter)

    def table(self) -> str:
        stages = ", ".join(f"{stage} {count}" for stage, count in sorted(self.killed_in.items()))
        return (
            f"tasks {self.tasks}, done {self.done}, lost {self.lost}\n"
            f"kill -9: {self.kills} ({stages})\n"
            f"songs paid {self.paid}, paid twice {self.paid_twice}, lost {self.songs_lost}\n"
            f"first cuts in sight at a kill {self.first_cuts}, lost {self.first_cuts_lost}, "
            f"files left of them {self.files_left}"
        )

    @property
    def is_good(self) -> bool:
        """Whether every promise held."""
        bad = (self.lost, self.paid_twice, self.songs_lost, self.first_cuts_lost, self.files_left)
        return self.done == self.tasks and not any(bad)


class Chaos:
    """So many runs on one data folder, with the vendor outside of what is killed."""

    def __init__(self, folder: Path, *, runs: int, seed: int, vendor: SongVendor | SunoVendor | None = None) -> None:
        self._folder = folder
        self._runs = runs
        self._chance = random.Random(seed)
        self._result = Result()
        self._sent: list[str] = []
        self._in_sight: set[str] = set()
        self._vendor = vendor or SongVendor(answers_after_seconds=_STAGE_SECONDS)

    def go(self) -> Result:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            for run in range(self._runs):
                self._once(run)
        finally:
            self._vendor.close()
        self._count()
        return self._result

    def _once(self, run: int) -> None:
        service = self._start()
        self._sent += [service.submit(2 * run), service.submit(2 * run + 1)]
        self._kill(service)
        if self._chance.random() < 0.5:
            self._kill(self._start())
        with self._start():
            self._wait()

    def _start(self) -> QuickService:
        kind = f"first-cut,{self._vendor.kind}"
        return QuickService(self._folder, self._vendor.url, _STAGE_SECONDS, kind=kind)

    def _kill(self, service: QuickService) -> None:
        stages = self._chance.choice((_PAID, _BESIDE, _ANY, []))
        if not stages:
            time.sleep(self._chance.random() * _SOON_SECONDS)
        self._result.killed_in[kill_somewhere(service, stages, self._chance, 2 * _STAGE_SECONDS)] += 1
        self._result.kills += 1
        self._in_sight |= {task.task_id for task in self._tasks() if task.first_cut}

    def _wait(self) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            tasks = self._tasks()
            self._check_first_cuts(tasks)
            # The run that made a film removes its first cut a moment after the film is there.
            if all(task.status.is_final for task in tasks[-2:]) and not self._files_left():
                return
            time.sleep(0.1)

    def _check_first_cuts(self, tasks: list[Task]) -> None:
        """A first cut that was in sight at a kill is in sight until the film is there."""
        lost = {task.task_id for task in tasks if not task.first_cut and not task.status.is_final} & self._in_sight
        self._in_sight -= lost
        self._result.first_cuts_lost += len(lost)

    def _tasks(self) -> list[Task]:
        database = Database(self._folder)
        try:
            records = [database.read(lambda it, task_id=task_id: look_up(it, task_id)) for task_id in self._sent]
            receipts = database.read(lambda it: ledger.receipts(it, self._sent))
        finally:
            database.close()
        return [
            replace(record.task, receipt=receipts.get(record.task_id, ())) for record in records if record is not None
        ]

    def _count(self) -> None:
        tasks = self._tasks()
        self._result.tasks = len(self._sent)
        self._result.done = sum(1 for task in tasks if task.status is Status.DONE)
        self._result.lost = len(self._sent) - len(tasks)
        self._result.paid = self._vendor.sold.total()
        self._result.paid_twice = sum(1 for count in self._vendor.sold.values() if count > 1)
        paid = [task for task in tasks if any(call.state is PaidState.DONE for call in task.receipt)]
        self._result.songs_lost = sum(1 for task in paid if task.music_by != VENDOR)
        self._result.first_cuts = len(self._in_sight)
        self._result.files_left = len(self._files_left())

    def _files_left(self) -> list[Path]:
        return list(self._folder.rglob(f"*{FIRST_CUT.rstrip('-')}*/*"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--suno", action="store_true", help="buy with Suno's real composer from its simulator")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="auratune-chaos-"))
    started = time.monotonic()
    vendor = SunoVendor() if options.suno else None
    result = Chaos(folder, runs=options.runs, seed=options.seed, vendor=vendor).go()
    sys.stdout.write(f"{result.table()}\n{time.monotonic() - started:.0f} s\n")
    if result.is_good:
        shutil.rmtree(folder)
    return 0 if result.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
