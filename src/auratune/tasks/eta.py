"""How long films take here, learnt from the last ones, for an honest guess of what is left."""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from auratune.core.task import Status
from auratune.tasks import events, results, task_table
from auratune.tasks.stage_policies import STAGE_POLICIES

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa

    from auratune.core.task import Task
    from auratune.tasks.task_table import Record

_REMEMBERED = 20
_LEARNS_EVERY_SECONDS = 5.0
_LEAST_SECONDS = 1.0


class EtaEstimator:
    """The median seconds of each stage over the last films, whichever process made them. Used from any thread."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._usual = {stage: policy.usual_seconds for stage, policy in STAGE_POLICIES.items()}
        self._learnt_at = float("-inf")

    def estimate(self, connection: sa.Connection, records: tuple[Record, ...]) -> tuple[Task, ...]:
        """The records' tasks, each unfinished one with the seconds that are left."""
        unfinished = [record.task_id for record in records if not record.task.status.is_final]
        if not unfinished:
            return tuple(record.task for record in records)
        self._learn(connection)
        some_wait = any(record.task.status is Status.UPLOADED for record in records)
        waiting = task_table.waiting_since(connection) if some_wait else []
        began = events.last_milestones(connection, unfinished)
        at = task_table.now()
        return tuple(
            self._with_eta(record, waiting, (at - began.get(record.task_id, at)).total_seconds()) for record in records
        )

    def _learn(self, connection: sa.Connection) -> None:
        if time.monotonic() - self._learnt_at < _LEARNS_EVERY_SECONDS:
            return
        self._learnt_at = time.monotonic()
        for stage in self._usual:
            if known := results.recent_seconds(connection, stage, _REMEMBERED):
                self._usual[stage] = median(known)

    def between_starts(self) -> float:
        """Seconds from one film's start to the next one's while all places are taken."""
        return sum(self._usual.values()) / self._slots

    def _with_eta(self, record: Record, waiting: list[datetime], elapsed: float) -> Task:
        """`waiting` are the queued tasks' times, oldest first; `elapsed` are the seconds since the stage began."""
        task = record.task
        if task.status.is_final:
            return task
        if task.status is Status.UPLOADED:
            rounds_ahead = bisect_left(waiting, task.created_at) // self._slots
            seconds = (1 + rounds_ahead) * sum(self._usual.values())
        else:
            later = results.ORDERED[results.ORDERED.index(task.stage) + 1 :]
            seconds = left_of_stage(self._usual[task.stage], elapsed, record.fraction)
            seconds += sum(self._usual[stage] for stage in later)
        return replace(task, eta_seconds=round(max(_LEAST_SECONDS, seconds), 1))


def left_of_stage(usual: float, elapsed: float, fraction: float) -> float:
    """Seconds that are left of a stage which takes `usual` seconds as a rule.

    A vendor that reports no fraction (0 to 1) is judged by experience alone. The further a fraction is, the more the
    pace so far counts. What is left falls while a fraction stays where it is, until the usual time is over.
    """
    if fraction <= 0:
        return max(0.0, usual - elapsed)
    by_pace = elapsed / fraction - elapsed
    weight = fraction**2
    return max((1 - weight) * (usual - elapsed) + weight * by_pace, weight * by_pace)
