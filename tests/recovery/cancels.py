"""Cancels tasks at random moments around the paid call, retries each, and counts what was bought and what was lost.

`python -m tests.recovery.cancels --tasks 200` is the long version; it tells of its progress on standard error. The
sales are counted at the vendor.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.recovery.quick_providers import Behaviour, ToldComposer, quick_service
from tests.recovery.song_vendor import SunoVendor
from tests.recovery.uploads import numbered_upload
from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.core.errors import TaskConflict
from auratune.core.task import PaidState, Stage, Status
from auratune.subprocesses import SubprocessPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.tasks.service import TaskService

OWNER = "alice"
_ANSWER_SECONDS = 0.3
_TOLD_EVERY = 10
# What the children of these tasks work with: without a template each would import it anew, for most of the time.
_PRELOAD = ("auratune.vision.decode", "auratune.music.audio", "auratune.music.song_check")


@dataclass
class Result:
    """What came of it."""

    tasks: int = 0
    done: int = 0
    bought_twice: int = 0
    answers_lost: int = 0
    refused_while_stopping: int = 0


class Cancels:
    """So many tasks on one data folder, one after the other."""

    def __init__(self, folder: Path, *, tasks: int, seed: int) -> None:
        self._folder = folder
        self._tasks = tasks
        self._chance = random.Random(seed)
        self._result = Result(tasks=tasks)
        self._ordering = threading.Event()
        self._vendor = SunoVendor(answers_after_seconds=_ANSWER_SECONDS)

    def go(self, tell: Callable[[str], object] = lambda line: None) -> Result:
        """`tell` hears how far it has come."""
        behaviour = Behaviour(tell=lambda stage: self._ordering.set() if stage == Stage.ORDER else None)
        subprocesses = SubprocessPool(*_PRELOAD)
        composer = ToldComposer(behaviour, self._vendor.url)
        service = quick_service(self._folder, behaviour, composer, slots=1, subprocesses=subprocesses)
        service.start()
        try:
            for number in range(self._tasks):
                self._once(service, number)
                if (number + 1) % _TOLD_EVERY == 0:
                    tell(f"{number + 1} of {self._tasks}\n")
            sold = self._vendor.sold
            self._result.bought_twice = sum(1 for count in sold.values() if count > 1)
        finally:
            service.close()
            subprocesses.close()
            self._vendor.close()
        return self._result

    def _once(self, service: TaskService, number: int) -> None:
        self._ordering.clear()
        task_id = service.submit(numbered_upload(self._folder, number, OWNER)).task_id
        assert self._ordering.wait(DEADLINE_SECONDS), "the song is not ordered"
        threading.Event().wait(self._chance.random() * 2 * _ANSWER_SECONDS)
        try:
            service.cancel(task_id, OWNER)
        except TaskConflict:
            # The film was quicker.
            self._result.done += service.find(task_id, OWNER).status is Status.DONE
            return
        wait_until(lambda: self._retried(service, task_id), "the cancelled task may be tried again")
        wait_until(lambda: service.find(task_id, OWNER).status.is_final, "the task has ended")
        task = service.find(task_id, OWNER)
        self._result.done += task.status is Status.DONE
        paid = [call.state for call in task.receipt]
        self._result.answers_lost += paid != [PaidState.DONE] or task.music_by != "suno"

    def _retried(self, service: TaskService, task_id: str) -> bool:
        try:
            service.retry(task_id, OWNER)
        except TaskConflict as conflict:
            if conflict.code != "task_still_stopping":
                raise
            self._result.refused_while_stopping += 1
            return False
        return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="auratune-cancels-") as folder:
        result = Cancels(Path(folder), tasks=options.tasks, seed=options.seed).go(sys.stderr.write)
    sys.stdout.write(f"{result}\n")
    return 1 if result.bought_twice or result.answers_lost else 0


if __name__ == "__main__":
    sys.exit(main())
