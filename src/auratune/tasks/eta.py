"""How long films take here, learnt from the last ones, for an honest guess of what is left."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import deque
from dataclasses import replace
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from auratune.core.task import Stage, Status
from auratune.tasks import results, task_table
from auratune.tasks.stage_policies import STAGE_POLICIES

if TYPE_CHECKING:
    from datetime import datetime

    from auratune.core.task import Task
    from auratune.tasks.database import Database
    from auratune.tasks.task_table import Record

_REMEMBERED = 20


class EtaEstimator:
    """The median seconds of each stage over the last films."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._lock = threading.Lock()
        self._seconds: dict[Stage, deque[float]] = {stage: deque(maxlen=_REMEMBERED) for stage in STAGE_POLICIES}

    def learn_from(self, database: Database) -> None:
        """Take up what earlier runs of the service measured."""
        for stage, seconds in self._seconds.items():
            seconds.extend(reversed(database.read(partial(results.recent_seconds, stage=stage, limit=_REMEMBERED))))

    def note(self, stage: Stage, seconds: float) -> None:
        """A stage took this long."""
        with self._lock:
            self._seconds[stage].append(seconds)

    def usual(self, stage: Stage) -> float:
        """Seconds that a stage takes as a rule."""
        with self._lock:
            known = self._seconds[stage]
            return median(known) if known else STAGE_POLICIES[stage].usual_seconds

    def left(self, stage: Stage, fraction: float) -> float:
        """Seconds from a fraction (0 to 1) of a stage to the finished film."""
        if stage not in results.ORDERED:
            return sum(self.usual(each) for each in results.ORDERED)
        later = results.ORDERED[results.ORDERED.index(stage) + 1 :]
        return (1 - fraction) * self.usual(stage) + sum(self.usual(each) for each in later)

    def with_eta(self, record: Record, waiting: list[datetime]) -> Task:
        """The task with an estimate of the seconds left; `waiting` are the queued tasks' times, oldest first."""
        task = record.task
        if task.status.is_final:
            return task
        if task.status is Status.UPLOADED:
            rounds_ahead = bisect_left(waiting, task.created_at) // self._slots
            seconds = (1 + rounds_ahead) * self.left(Stage.QUEUED, 0.0)
        else:
            elapsed = (task_table.now() - task.modified_at).total_seconds()
            seconds = self.left(task.stage, record.fraction) - max(0.0, elapsed)
        return replace(task, eta_seconds=round(max(1.0, seconds), 1))
