"""What can be asked about tasks: one, a page of them, their files, what happened. Nothing is changed here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.errors import TaskConflict, TaskExpired, TaskNotFound
from auratune.core.task import Counts, Stage, Task, TaskDetails, TaskEvent, TaskFilter, TaskPage
from auratune.tasks import deliveries, events, ledger, listing, results, task_table
from auratune.tasks.notifications import EventWatch
from auratune.tasks.workers import count_live

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.ports import ObjectStore
    from auratune.tasks.database import Database
    from auratune.tasks.eta import EtaEstimator
    from auratune.tasks.task_table import Record

ALL = TaskFilter()
_LONGEST_SEARCH_SECONDS = 3.0


class TaskQueries:
    """Answers from the tables. Every method may be called from any thread."""

    def __init__(self, database: Database, store: ObjectStore, eta: EtaEstimator) -> None:
        self._database = database
        self._store = store
        self._eta = eta

    def find(self, task_id: str, owner: str) -> Task:
        """A task as it is now. Raises `TaskNotFound`, for another owner's task too."""

        def work(connection: sa.Connection) -> Task:
            return self._with_eta(connection, (task_table.find(connection, task_id, owner),))[0]

        return self._database.read(work)

    def details(self, task_id: str, owner: str) -> TaskDetails:
        """A task with everything that its stages left behind. Raises `TaskNotFound`."""

        def work(connection: sa.Connection) -> TaskDetails:
            record = task_table.find(connection, task_id, owner)
            known, seconds = results.all_of(connection, task_id, record.attempt)
            return TaskDetails(
                task=self._with_eta(connection, (record,))[0],
                scene=known.get(Stage.ANALYZE),
                treatment=known.get(Stage.WRITE),
                beats=known.get(Stage.LISTEN),
                storyboard=known.get(Stage.PLAN),
                stage_seconds=seconds,
                events=events.after(connection, 0, task_id=task_id),
                deliveries=deliveries.of_task(connection, task_id),
            )

        return self._database.read(work)

    def page(self, owner: str, which: TaskFilter = ALL, *, limit: int = 50, cursor: str = "") -> TaskPage:
        """An owner's tasks, newest first. Raises `InvalidOption` for a status, month or cursor that does not exist.

        Raises `ServiceBusy` (`search_too_slow`) when it takes longer than it may.
        """

        def work(connection: sa.Connection) -> TaskPage:
            matching = listing.matching(owner, which)
            records, following = listing.page(connection, matching, limit=limit, cursor=cursor)
            total, size, oldest = listing.totals(connection, matching)
            return TaskPage(
                tasks=self._with_eta(connection, records),
                total_count=total,
                total_bytes=size,
                oldest_at=oldest,
                next_cursor=following,
            )

        return self._database.read(work, seconds=_LONGEST_SEARCH_SECONDS)

    def film_key(self, task_id: str, owner: str, kind: str) -> str:
        """Store key of a task's `film`, `poster`, `soundtrack`, `captions` or `lrc`.

        Raises `TaskNotFound`, also where a film has no words to caption, `TaskConflict` (`task_not_finished`) and
        `TaskExpired`.
        """
        record = self._database.read(lambda connection: task_table.find(connection, task_id, owner))
        if record.expired:
            raise TaskExpired("This film was removed after its time; send the photo again.")
        film = record.film
        if film is None:
            raise TaskConflict("This film is not finished.", code="task_not_finished")
        key = {
            "film": film.key,
            "poster": film.poster_key,
            "soundtrack": film.soundtrack_key,
            "captions": film.captions_key,
            "lrc": film.captions_key and results.lyrics_key(film.key),
        }.get(kind, "")
        if not key or not self._store.head(key):
            raise TaskNotFound(f"This film has no {kind}.", code="not_available")
        return key

    def events_after(
        self, sequence: int, owner: str = "", task_id: str = "", limit: int = 500
    ) -> tuple[TaskEvent, ...]:
        """What happened after an event, oldest first; of all owners where none is named, which is for the hub only."""
        return self._database.read(
            lambda connection: events.after(connection, sequence, owner=owner, task_id=task_id, limit=limit)
        )

    def watch_events(self, on_events: Callable[[], None]) -> EventWatch:
        """Have a function called, from a thread, whenever there may be new events; close what is returned."""
        return EventWatch(self._database, on_events)

    def last_event(self) -> int:
        """The sequence number of the latest event; 0 while there is none."""
        return self._database.read(events.last)

    def counts(self) -> Counts:
        """How busy the service is."""
        return self._database.read(task_table.counts)

    def live_workers(self) -> int:
        """How many processes work on tasks."""
        return count_live(self._database)

    def _with_eta(self, connection: sa.Connection, records: tuple[Record, ...]) -> tuple[Task, ...]:
        receipts = ledger.receipts(connection, [record.task_id for record in records])
        tasks = self._eta.estimate(connection, records)
        return tuple(replace(task, receipt=receipts.get(task.task_id, ())) for task in tasks)
