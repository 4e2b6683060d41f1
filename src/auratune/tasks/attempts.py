"""How a task ends: done, failed, stopped, or removed with all that belongs to it."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.task import Stage, Status
from auratune.storage.local import LocalStore
from auratune.tasks import events, file_claims, retries, task_table
from auratune.tasks.dispatch import workflow_id
from auratune.tasks.schema.tables import idempotency_keys, task_events, task_parts, tasks
from auratune.tasks.stage_policies import READY, STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from auratune.core.errors import AuraTuneError
    from auratune.core.film import Film
    from auratune.core.ports import ObjectStore
    from auratune.tasks.database import Database

_log = logging.getLogger(__name__)


class Endings:
    """Writes the last word on a task. Each ending happens at most once, however often it is asked for."""

    def __init__(
        self, database: Database, store: ObjectStore, *, keep_sources: bool, on_outcome: Callable[[str], None]
    ) -> None:
        self._database = database
        self._store = store
        self._keep_sources = keep_sources
        self._on_outcome = on_outcome

    def finish(self, task_id: str, round_number: int, film: Film) -> None:
        """The film is there."""
        del film  # its facts came into the row together with the last stage's result

        def work(connection: sa.Connection) -> list[str] | None:
            row = task_table.change(
                connection,
                task_id,
                round_number,
                {
                    **_FINISHED,
                    "message": READY,
                    "film_round": round_number,
                    "error_code": "",
                    "error_message": "",
                    "retryable": False,
                    "sources_kept": self._keep_sources,
                },
            )
            if row is None:
                return None
            events.tell(connection, task_id, row, milestone=True)
            retries.drop_other_rounds(connection, task_id, round_number)
            return [] if self._keep_sources else file_claims.let_go(connection, task_id, only_sources=True)

        unneeded = self._database.write(work)
        if unneeded is not None:
            # What a vendor answered is kept beside the sources for a later try; it goes when they go.
            self._delete(unneeded if self._keep_sources else [*unneeded, *self._working_files(task_id)])
            self._drop_preview(task_id)
            _log.info("task %s is done", task_id)
            self._on_outcome(Status.DONE.value)

    def fail(self, task_id: str, round_number: int, error: AuraTuneError) -> None:
        """The journey ended with an error; a film of an earlier round stays as it was."""

        def work(connection: sa.Connection) -> bool:
            record = task_table.look_up(connection, task_id)
            if record is None or record.round != round_number or record.task.status.is_final:
                return False
            notice = f"Another try did not work, so the earlier film stays. {error.message}"
            if retries.restore(connection, record, notice):
                return True
            row = task_table.change(
                connection,
                task_id,
                round_number,
                {
                    "status": Status.ERROR.value,
                    "message": error.message,
                    "error_code": error.code,
                    "error_message": error.message,
                    "retryable": error.retryable,
                },
            )
            if row is not None:
                events.tell(connection, task_id, row, milestone=True)
            return row is not None

        if self._database.write(work):
            self._drop_preview(task_id)
            _log.warning("task %s failed: %s", task_id, error.code)
            self._on_outcome(Status.ERROR.value)

    def cancel(self, task_id: str, *, for_good: bool = False) -> bool:
        """Its owner stopped it; False when it had ended before. `for_good` goes back to no earlier film."""

        def work(connection: sa.Connection) -> bool:
            record = task_table.look_up(connection, task_id)
            if record is None or record.task.status.is_final:
                return False
            if not for_good and retries.restore(connection, record, ""):
                return True
            row = task_table.change(
                connection, task_id, record.round, {"status": Status.CANCELLED.value, "message": STOPPED}
            )
            if row is not None:
                events.tell(connection, task_id, row, milestone=True)
            return row is not None

        stopped = self._database.write(work)
        if stopped:
            _log.info("task %s was stopped", task_id)
            self._on_outcome(Status.CANCELLED.value)
        return stopped

    def remove(self, task_id: str) -> list[str]:
        """Remove a task's record and every file that no other task needs; return the ids of its workflows.

        Its paid calls stay in the ledger: what was spent today stays spent.
        """

        def work(connection: sa.Connection) -> tuple[int, list[str]]:
            rounds = connection.scalar(sa.select(tasks.c.round).where(tasks.c.task_id == task_id)) or 0
            keys = file_claims.let_go(connection, task_id)
            for table in (task_parts, task_events, idempotency_keys, tasks):
                connection.execute(sa.delete(table).where(table.c.task_id == task_id))
            return rounds, keys

        rounds, keys = self._database.write(work)
        self._delete([*keys, *self._working_files(task_id)])
        self._drop_preview(task_id)
        return [workflow_id(task_id, number + 1) for number in range(rounds)]

    def tidy(self, task_id: str) -> None:
        """Remove what a stopped run wrote for a task that was removed meanwhile; a task that is there keeps all."""
        if self._database.read(lambda connection: task_table.look_up(connection, task_id)) is None:
            self._delete(self._working_files(task_id))
            self._drop_preview(task_id)

    def _working_files(self, task_id: str) -> list[str]:
        if not isinstance(self._store, LocalStore):
            return []
        # A remake may still need what was named after this task.
        needed = self._database.read(file_claims.all_keys)
        return [key for key in self._store.keys_about(task_id) if key not in needed]

    def _delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            # The record is gone already; a file that resists is swept up later.
            with contextlib.suppress(OSError):
                self._store.delete(key)

    def _drop_preview(self, task_id: str) -> None:
        if isinstance(self._store, LocalStore):
            self._store.drop_preview(f"output/{task_id}.mp4")


_FINISHED: dict[str, Any] = {
    "status": Status.DONE.value,
    "stage": Stage.FINISHED.value,
    "fraction": 1.0,
    "progress": 100,
}
