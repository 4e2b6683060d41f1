"""Keeps the house in order: agrees with the workflow engine, and removes what is old or belongs to nobody."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.errors import AuraTuneError
from auratune.storage.local import LocalStore
from auratune.tasks import events, file_claims, task_table
from auratune.tasks.dispatch import workflow_id
from auratune.tasks.schema.tables import idempotency_keys, paid_calls, task_events, task_parts, tasks
from auratune.tasks.submission import KEY_KEPT_FOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.ports import ObjectStore
    from auratune.tasks.database import Database
    from auratune.tasks.dispatch import Engine

FOLDERS = ("photos", "music", "output")
"""Folders of the store whose files belong to tasks."""

INCOMING = "incoming"
"""Folder of the data folder where uploads wait until they are accepted."""

_ROUND_SECONDS = 5.0
_SWEEP_SECONDS = 600.0
_QUIET_FOR = timedelta(seconds=15)
_STEPS_KEPT_FOR = timedelta(hours=1)
_ENGINE_KEEPS_SECONDS = 24 * 3600.0
_BATCH = 500
_ID_LENGTH = 36
_ORPHAN_AFTER_SECONDS = 3600.0
_TOMBSTONE_FOR = timedelta(days=30)
_RECEIPTS_KEPT_FOR = timedelta(days=62)
_log = logging.getLogger(__name__)


class Janitor:
    """A quiet thread beside the desk."""

    def __init__(
        self,
        *,
        database: Database,
        engine: Engine,
        store: ObjectStore,
        retain_days: float,
        on_failure: Callable[[str, int, AuraTuneError], None],
        on_cancel: Callable[[str], bool],
    ) -> None:
        self._database = database
        self._engine = engine
        self._store = store
        self._retain_days = retain_days
        self._on_failure = on_failure
        self._on_cancel = on_cancel
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look around, at once and then every few seconds."""
        self._closing.clear()
        self._thread = threading.Thread(target=self._live, name="auratune-keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._closing.set()
        if self._thread:
            self._thread.join(timeout=10)
            self._thread = None

    def agree(self) -> None:
        """Copy into our rows what only the workflow engine knows: workflows that failed, were stopped or given up."""
        quiet = self._database.read(_quiet_tasks)
        names = {workflow_id(task_id, number): (task_id, number) for task_id, number in quiet}
        outcomes = self._engine.outcomes(list(names))
        for name, (task_id, number) in names.items():
            outcome = outcomes.get(name, "LOST")
            if outcome in {"ENQUEUED", "DELAYED", "PENDING"} or self._engine.is_at_work_on(task_id):
                continue
            _log.warning("task %s: the workflow engine says %s", task_id, outcome)
            if outcome == "CANCELLED":
                self._on_cancel(task_id)
            else:
                self._on_failure(task_id, number, _error_for(outcome))

    def sweep(self) -> None:
        """Remove what has outlived its use."""
        at = task_table.now()
        self._database.write(lambda connection: _forget_old(connection, at))
        self._engine.forget(self._engine.ended_before(time.time() - _ENGINE_KEEPS_SECONDS, _BATCH))
        if self._retain_days > 0:
            self._expire(at - timedelta(days=self._retain_days))
        if isinstance(self._store, LocalStore):
            self._remove_orphans(self._store)

    def _live(self) -> None:
        next_sweep = time.monotonic()
        while True:
            try:
                self.agree()
                if time.monotonic() >= next_sweep:
                    next_sweep = time.monotonic() + _SWEEP_SECONDS
                    self.sweep()
            except Exception:  # noqa: BLE001 -- a thread that must outlive any single failure
                # Whatever it was, it comes round again; tasks do not depend on this thread.
                _log.exception("looking after the tasks failed, will try again")
            if self._closing.wait(_ROUND_SECONDS):
                return

    def _expire(self, before: datetime) -> None:
        def work(connection: sa.Connection) -> list[str]:
            old = list(
                connection.scalars(
                    sa.select(tasks.c.task_id).where(
                        tasks.c.modified_at < before,
                        tasks.c.status.in_(task_table.FINAL),
                        tasks.c.expired.is_(False),
                    )
                )
            )
            keys = [key for task_id in old for key in file_claims.let_go(connection, task_id)]
            connection.execute(sa.delete(task_parts).where(task_parts.c.task_id.in_(old)))
            connection.execute(
                sa.update(tasks)
                .where(tasks.c.task_id.in_(old))
                .values(expired=True, sources_kept=False, size_bytes=0, film=None, film_round=0)
            )
            return keys

        for key in self._database.write(work):
            self._store.delete(key)

    def _remove_orphans(self, store: LocalStore) -> None:
        needed = self._database.read(file_claims.all_keys)
        known = self._database.read(_known_ids)
        for folder in FOLDERS:
            for key, age_seconds in store.keys(folder):
                # What is named after a task may be a paid answer that its next try will use.
                has_a_task = key.removeprefix(f"{folder}/")[:_ID_LENGTH] in known
                if age_seconds > _ORPHAN_AFTER_SECONDS and key not in needed and not has_a_task:
                    _log.info("removed %s, which belongs to no task", key)
                    store.delete(key)


def clear_leftovers(store: ObjectStore, data_folder: Path) -> None:
    """Remove what a killed process left half-written. Only for the start, with the folder's lock in hand."""
    store.clear_drafts()
    with contextlib.suppress(FileNotFoundError):
        for path in (data_folder / INCOMING).iterdir():
            path.unlink(missing_ok=True)


def _quiet_tasks(connection: sa.Connection) -> list[tuple[str, int]]:
    rows = connection.execute(
        sa.select(tasks.c.task_id, tasks.c.round).where(
            tasks.c.status.notin_(task_table.FINAL), tasks.c.modified_at < task_table.now() - _QUIET_FOR
        )
    )
    return [(row.task_id, row.round) for row in rows]


def _known_ids(connection: sa.Connection) -> set[str]:
    return set(connection.scalars(sa.select(tasks.c.task_id).where(tasks.c.expired.is_(False))))


def _forget_old(connection: sa.Connection, at: datetime) -> None:
    connection.execute(sa.delete(idempotency_keys).where(idempotency_keys.c.at < at - KEY_KEPT_FOR))
    events.forget_steps(connection, at - _STEPS_KEPT_FOR)
    gone = sa.select(tasks.c.task_id).where(tasks.c.expired.is_(True), tasks.c.modified_at < at - _TOMBSTONE_FOR)
    connection.execute(sa.delete(task_events).where(task_events.c.task_id.in_(gone)))
    connection.execute(sa.delete(tasks).where(tasks.c.task_id.in_(gone)))
    connection.execute(
        sa.delete(paid_calls).where(
            paid_calls.c.at < at - _RECEIPTS_KEPT_FOR, paid_calls.c.task_id.notin_(sa.select(tasks.c.task_id))
        )
    )


def _error_for(outcome: str) -> AuraTuneError:
    if outcome == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
        return AuraTuneError(
            "Making this film stopped the service again and again, so it was given up; try another photo.",
            code="given_up",
        )
    return AuraTuneError("The work on this film was lost; try it again.", code="work_lost", retryable=True)
