"""Looks after the tables: queues again what the workflow engine lost, and removes what is old or nobody's."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.errors import DiskFull, ServiceBusy
from auratune.core.film import preview_prefix
from auratune.tasks import attempts as changes
from auratune.tasks import events, results, task_table
from auratune.tasks.dispatch import STRANDED
from auratune.tasks.runner import given_up
from auratune.tasks.schema.tables import (
    OF_A_TASK,
    attempts,
    ended_sessions,
    idempotency_keys,
    paid_calls,
    share_links,
    tasks,
)
from auratune.tasks.shared_state import forget_counters
from auratune.tasks.submission import KEY_KEPT_FOR

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auratune.core.ports import ObjectStore
    from auratune.tasks.database import Database
    from auratune.tasks.dispatch import Engine

INCOMING = "incoming"
"""Folder of the data folder where uploads wait until they are accepted."""

_BETWEEN_LOOKS_SECONDS = 5.0
_BETWEEN_SWEEPS_SECONDS = 600.0
_QUIET_FOR = timedelta(seconds=15)
_STEPS_KEPT_FOR = timedelta(hours=1)
_ENGINE_KEEPS_SECONDS = 24 * 3600.0
_BATCH = 500
_ORPHAN_AFTER = timedelta(hours=1)
_PREVIEW_KEPT_FOR = timedelta(minutes=10)
_PREVIEWS_BEFORE_START = timedelta(days=1)
_TOMBSTONE_FOR = timedelta(days=30)
_RECEIPTS_KEPT_FOR = timedelta(days=62)
_log = logging.getLogger(__name__)


class Janitor:
    """A thread beside the task service."""

    def __init__(
        self,
        *,
        database: Database,
        engine: Engine,
        store: ObjectStore,
        retain_days: float,
        worker_id: str,
        keep_sources: bool,
        is_at_work_on: Callable[[str], bool],
        has_room: Callable[[], bool],
    ) -> None:
        """`is_at_work_on` says whether a run of a task is in this process, `has_room` whether the disks take films."""
        self._database = database
        self._engine = engine
        self._store = store
        self._retain_days = retain_days
        self._worker_id = worker_id
        self._keep_sources = keep_sources
        self._is_at_work_on = is_at_work_on
        self._has_room = has_room
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._stranded: set[str] = set()
        self._previews_since = task_table.now() - _PREVIEWS_BEFORE_START

    def start(self) -> None:
        """Begin to look around, at once and then every few seconds."""
        self._closing.clear()
        self._thread = threading.Thread(target=self._live, name="auratune-janitor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._closing.set()
        if self._thread:
            self._thread.join(timeout=10)
            self._thread = None

    def reconcile(self, quiet_for: timedelta = _QUIET_FOR) -> None:
        """Queue every unfinished attempt again that the workflow engine does not know, or no longer works on."""
        if not self._has_room():
            return
        self._database.keep_reserve()
        at = task_table.now()
        quiet = self._database.read(lambda connection: _quiet_attempts(connection, at - quiet_for))
        outcomes = self._engine.outcomes([row.workflow_id for row in quiet])
        stranded_before, self._stranded = self._stranded, set()
        for row in quiet:
            outcome = outcomes.get(row.workflow_id, "LOST")
            if outcome in {"ENQUEUED", "DELAYED", "PENDING"} or self._is_at_work_on(row.task_id):
                continue
            if outcome == STRANDED and row.workflow_id not in stranded_before:
                # Between the claim and the beginning of a run is a moment.
                self._stranded.add(row.workflow_id)
            else:
                _log.warning("task %s: the workflow engine says %s", row.task_id, outcome)
                self._database.write(functools.partial(self._revive, row=row, outcome=outcome))
                self._engine.forget([row.workflow_id])

    def sweep(self) -> None:
        """Remove what has outlived its use."""
        at = task_table.now()
        self._database.write(lambda connection: _forget_old(connection, at))
        self._engine.forget(self._engine.ended_before(time.time() - _ENGINE_KEEPS_SECONDS, _BATCH))
        if self._retain_days > 0:
            self._expire(at - timedelta(days=self._retain_days))
        self._remove_orphans(at - _ORPHAN_AFTER)
        self._remove_previews(at - _PREVIEW_KEPT_FOR)

    def _live(self) -> None:
        next_sweep = time.monotonic()
        while True:
            try:
                self.reconcile()
                if time.monotonic() >= next_sweep:
                    next_sweep = time.monotonic() + _BETWEEN_SWEEPS_SECONDS
                    self.sweep()
            except (DiskFull, ServiceBusy) as error:
                _log.warning("looking after the tasks failed (%s), will try again", error.code)
            except Exception:  # noqa: BLE001 -- a thread that must outlive any single failure
                # Whatever it was, it comes round again; tasks do not depend on this thread.
                _log.exception("looking after the tasks failed, will try again")
            if self._closing.wait(_BETWEEN_LOOKS_SECONDS):
                return

    def _revive(self, connection: sa.Connection, row: Any, outcome: str) -> None:
        same = task_table.unfinished(row.task_id, row.attempt) & (attempts.c.workflow_id == row.workflow_id)
        if outcome == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
            changes.fail(connection, same, row.task_id, given_up(), keep_sources=self._keep_sources)
        elif connection.execute(sa.update(attempts).where(same).values(run_id="")).rowcount:
            new = self._engine.enqueue(connection, row.task_id, row.attempt, row.priority)
            connection.execute(sa.update(attempts).where(same).values(workflow_id=new, modified_at=task_table.now()))

    def _expire(self, before: datetime) -> None:
        def work(connection: sa.Connection) -> list[str]:
            ended = sa.and_(~task_table.UNFINISHED, attempts.c.expired.is_(False), attempts.c.modified_at < before)
            old = list(connection.scalars(sa.select(attempts.c.task_id).where(ended, attempts.c.shown).limit(_BATCH)))
            results.forget(connection, old)
            gone = {"expired": True, "size_bytes": 0, "film": None}
            connection.execute(sa.update(attempts).where(attempts.c.task_id.in_(old)).values(gone))
            connection.execute(sa.update(tasks).where(tasks.c.task_id.in_(old)).values(sources_kept=False))
            return old

        while old := self._database.write(work):
            for task_id in old:
                self._store.delete_prefix(f"tasks/{task_id}")

    def _remove_previews(self, until: datetime) -> None:
        """What was published of this worker's films while they were drawn."""
        at = attempts.c.modified_at
        ended = sa.and_(~task_table.UNFINISHED, attempts.c.expired.is_(False), at > self._previews_since, at <= until)
        mine = sa.select(attempts.c.task_id).where(ended, attempts.c.worker_id == self._worker_id)
        for task_id in self._database.read(lambda it: list(it.scalars(mine))):
            self._store.delete_prefix(preview_prefix(task_id))
        self._previews_since = until

    def _remove_orphans(self, before: datetime) -> None:
        """Objects without a task: a process died between writing them and writing the task, or after removing it."""
        known = self._database.read(lambda it: set(it.scalars(sa.select(tasks.c.task_id))))
        for prefix in self._store.prefixes("tasks"):
            if prefix.removeprefix("tasks/") not in known:
                found = list(self._store.objects(prefix))
                if found and all(each.modified < before for each in found):
                    _log.info("removed %s, which belongs to no task", prefix)
                    self._store.delete_prefix(prefix)


def clear_leftovers(store: ObjectStore, data_folder: Path) -> None:
    """Remove what a killed process left half-written. Only for the start, with the folder's lock in hand."""
    store.clear_drafts()
    with contextlib.suppress(FileNotFoundError):
        for path in (data_folder / INCOMING).iterdir():
            path.unlink(missing_ok=True)


def _quiet_attempts(connection: sa.Connection, before: datetime) -> list[Any]:
    """Some unfinished attempts that nothing was heard of for a while; others the next time."""
    columns = [attempts.c[name] for name in ("task_id", "attempt", "priority", "workflow_id", "modified_at")]
    quiet = sa.select(*columns).where(task_table.UNFINISHED, attempts.c.modified_at <= before)
    return list(connection.execute(quiet.order_by(sa.func.random()).limit(_BATCH)).all())


def _forget_old(connection: sa.Connection, at: datetime) -> None:
    connection.execute(sa.delete(idempotency_keys).where(idempotency_keys.c.at < at - KEY_KEPT_FOR))
    events.forget_steps(connection, at - _STEPS_KEPT_FOR)
    forget_counters(connection, at)
    for table in (share_links, ended_sessions):
        connection.execute(sa.delete(table).where(table.c.expires_at < at))
    old = sa.and_(~task_table.UNFINISHED, attempts.c.expired, attempts.c.modified_at < at - _TOMBSTONE_FOR)
    gone = list(connection.scalars(sa.select(attempts.c.task_id).where(old)))
    for table in OF_A_TASK:
        connection.execute(sa.delete(table).where(table.c.task_id.in_(gone)))
    spent = paid_calls.c.at < at - _RECEIPTS_KEPT_FOR
    connection.execute(sa.delete(paid_calls).where(spent, paid_calls.c.task_id.notin_(sa.select(tasks.c.task_id))))
