"""Submit, find, list, stop, retry, remake and remove tasks: the interface of `tasks/` to the web."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.errors import ServiceBusy, TaskConflict, TaskExpired, TaskNotFound
from auratune.core.task import Counts, Stage, Status, Submission, Task, TaskDetails, TaskEvent, TaskPage, Upload
from auratune.tasks import attempts, events, ledger, results, retries, task_table
from auratune.tasks.database import Database
from auratune.tasks.dispatch import Engine
from auratune.tasks.eta import EtaEstimator
from auratune.tasks.folder_lock import FolderLock
from auratune.tasks.janitor import Janitor, clear_leftovers
from auratune.tasks.notifications import EventWatch
from auratune.tasks.schema.upgrade import upgrade
from auratune.tasks.submission import SubmissionService
from auratune.tasks.task_columns import lyrics_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auratune.core.options import Options
    from auratune.core.ports import ObjectStore, Subprocesses
    from auratune.core.providers import Providers
    from auratune.tasks.dispatch import Pipeline
    from auratune.tasks.task_table import Record

_PATIENCE_SECONDS = 2.0


def _quiet(name: str, seconds: float = 0.0) -> None:
    del name, seconds


class TaskService:
    """Accepts, finds, lists, stops, retries and removes tasks. Every method may be called from any thread.

    Everything it has answered for is on disk: after a crash of the process or the machine, the next `start` on the
    same data folder goes on with what was under way, from the last finished stage.
    """

    def __init__(
        self,
        *,
        providers: Providers,
        store: ObjectStore,
        subprocesses: Subprocesses,
        data_folder: Path,
        database_url: str | None = None,
        slots: int = 3,
        retain_days: float = 0.0,
        keep_sources: bool = True,
        most_waiting: int = 1000,
        on_stage: Callable[[str, float], None] = _quiet,
        on_outcome: Callable[[str], None] = _quiet,
        pipeline: Pipeline | None = None,
    ) -> None:
        """Build the service; nothing is opened before `start`.

        `slots` tasks run at once. After `retain_days` a film is removed, 0 keeps it for ever; without `keep_sources`
        photo and song go as soon as the film is done. `on_stage` hears each stage and its seconds, `on_outcome` each
        task's end: `done`, `error` or `cancelled`. `journey` is what makes the film, `make_film` as a rule.
        """
        self._store = store
        self._data_folder = data_folder
        self._lock = FolderLock(data_folder)
        self._database = Database(data_folder, database_url)
        self._pace = EtaEstimator(slots)
        self._on_stage = on_stage
        self._endings = attempts.Endings(self._database, store, keep_sources=keep_sources, on_outcome=on_outcome)
        self._engine = Engine(
            database=self._database,
            ledger=ledger.DatabaseLedger(self._database),
            providers=providers,
            store=store,
            subprocesses=subprocesses,
            slots=slots,
            pipeline=pipeline,
            on_stage=self._stage_done,
            on_film=self._endings.finish,
            on_failure=self._endings.fail,
            on_gone=self._endings.tidy,
        )
        self._intake = SubmissionService(
            database=self._database,
            engine=self._engine,
            store=store,
            subprocesses=subprocesses,
            data_folder=data_folder,
            most_waiting=most_waiting,
        )
        self._keeper = Janitor(
            database=self._database,
            engine=self._engine,
            store=store,
            retain_days=retain_days,
            on_failure=self._endings.fail,
            on_cancel=self._endings.cancel,
        )

    def start(self) -> None:
        """Lock the data folder, bring the tables up to date, and go on with what was under way.

        Raises `InvalidSetting` when another service works in the folder or it cannot be written to.
        """
        self._lock.take()
        try:
            upgrade(self._database)
            clear_leftovers(self._store, self._data_folder)
            self._pace.learn_from(self._database)
            self._engine.start()
            self._keeper.start()
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Stop working; what is under way goes on after the next start. Harmless when not started."""
        self._keeper.close()
        self._engine.close()
        self._database.close()
        self._lock.release()

    def submit(self, upload: Upload) -> Submission:
        """Accept a photo; when this returns, photo and task are safely on disk. See `SubmissionService.accept`."""
        return self._intake.accept(upload)

    def retry(self, task_id: str, owner: str, *, music: str = "") -> Task:
        """Try a failed task again from its last good stage; with `music`, have that composer's song in any ended task.

        Raises `TaskNotFound`, `TaskConflict` and `TaskExpired`.
        """

        def work(connection: sa.Connection) -> None:
            record = task_table.find(connection, task_id, owner)
            retries.retry(connection, record, music, self._engine.enqueue)

        if self._has_ended(task_id, owner):
            # A stage of the cancelled round may still be on its way to its next report, or in a paid call whose
            # outcome the new round must know.
            self._engine.interrupt(task_id, wait_seconds=_PATIENCE_SECONDS)
            if self._engine.is_at_work_on(task_id):
                raise TaskConflict(
                    "This film is still being stopped; try again in a moment.",
                    code="task_still_stopping",
                    retryable=True,
                )
        self._database.write(work)
        return self.find(task_id, owner)

    def remake(self, task_id: str, owner: str, options: Options) -> Submission:
        """Make another film of a finished task's photo and song, without asking any provider.

        Raises `TaskNotFound`, `TaskConflict`, `TaskExpired` and `InvalidOption`.
        """

        def work(connection: sa.Connection) -> str:
            record = task_table.find(connection, task_id, owner)
            return retries.remake(connection, record, options, self._engine.enqueue)

        return Submission(task_id=self._database.write(work))

    def find(self, task_id: str, owner: str) -> Task:
        """A task as it is now. Raises `TaskNotFound`, for another owner's task too."""

        def work(connection: sa.Connection) -> Task:
            return self._told(connection, (task_table.find(connection, task_id, owner),))[0]

        return self._database.read(work)

    def details(self, task_id: str, owner: str) -> TaskDetails:
        """A task with everything that its stages left behind. Raises `TaskNotFound`."""

        def work(connection: sa.Connection) -> TaskDetails:
            record = task_table.find(connection, task_id, owner)
            number = record.film_round if record.task.status is Status.DONE else record.round
            known, seconds = results.all_of(connection, task_id, number)
            return TaskDetails(
                task=self._told(connection, (record,))[0],
                scene=known.get(Stage.ANALYZE),
                treatment=known.get(Stage.WRITE),
                beats=known.get(Stage.LISTEN),
                storyboard=known.get(results.STORYBOARD),
                stage_seconds=seconds,
                events=events.after(connection, 0, task_id=task_id),
            )

        return self._database.read(work)

    def page(self, owner: str, *, limit: int = 50, cursor: str = "", status: str = "", query: str = "") -> TaskPage:
        """An owner's tasks, newest first. Raises `InvalidOption` for a status or cursor that does not exist."""

        def work(connection: sa.Connection) -> TaskPage:
            records, total, size, following = task_table.page(
                connection, owner, limit=limit, cursor=cursor, status=status, query=query
            )
            return TaskPage(
                tasks=self._told(connection, records), total_count=total, total_bytes=size, next_cursor=following
            )

        return self._database.read(work)

    def film_key(self, task_id: str, owner: str, kind: str) -> str:
        """Store key of a task's `film`, `poster`, `soundtrack`, `captions` or `lrc`.

        Raises `TaskNotFound`, also where a film has no words to caption, `TaskConflict` (`task_not_finished`) and
        `TaskExpired`.
        """
        record = self._database.read(lambda connection: task_table.find(connection, task_id, owner))
        if record.expired:
            raise TaskExpired("This film was removed after its time; send the photo again.")
        film = record.film
        if film is None or record.film_round == 0:
            raise TaskConflict("This film is not finished.", code="task_not_finished")
        key = {
            "film": film.key,
            "poster": film.poster_key,
            "soundtrack": film.soundtrack_key,
            "captions": film.captions_key,
            "lrc": film.captions_key and lyrics_key(film),
        }.get(kind, "")
        if not key or not self._store.exists(key):
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

    def counts(self) -> Counts:
        """How busy the service is."""
        return self._database.read(task_table.counts)

    def health(self) -> dict[str, object]:
        """What an operator wants to know: whether tasks are accepted and worked on, and how much room there is."""
        free = shutil.disk_usage(self._data_folder).free
        try:
            counts = self.counts()
        except (ServiceBusy, sa.exc.SQLAlchemyError):
            return {"database": "failing", "engine": "unknown", "disk_free_bytes": free, "can_work": False}
        return {
            "database": "ok",
            "engine": "running" if self._engine.is_running else "stopped",
            "queue_depth": counts.queued,
            "active_tasks": counts.active,
            "total_tasks": counts.total,
            "disk_free_bytes": free,
            "can_work": self._engine.is_running and self._intake.has_room(),
        }

    def cancel(self, task_id: str, owner: str) -> Task:
        """Stop a task; what runs for it ends within about a second. A cancelled task stays so.

        A new round of a finished film goes back to that film. Raises `TaskNotFound`, and `TaskConflict` when the
        task has ended otherwise.
        """
        record = self._database.read(lambda connection: task_table.find(connection, task_id, owner))
        if record.task.status is not Status.CANCELLED:
            if not self._endings.cancel(task_id):
                raise TaskConflict("This film has ended already.", code="task_already_ended")
            self._engine.interrupt(task_id)
        return self.find(task_id, owner)

    def delete(self, task_id: str, owner: str) -> None:
        """Remove a task and its files; one that runs is stopped first. Raises `TaskNotFound`."""
        self._database.read(lambda connection: task_table.find(connection, task_id, owner))
        self._endings.cancel(task_id, for_good=True)
        self._engine.interrupt(task_id, wait_seconds=_PATIENCE_SECONDS)
        workflow_ids = self._endings.remove(task_id)
        # A stage that is deaf to its stop still ends in its workflow, which then tidies up and is forgotten later.
        if not self._engine.is_at_work_on(task_id):
            self._engine.forget(workflow_ids)

    def _has_ended(self, task_id: str, owner: str) -> bool:
        record = self._database.read(lambda connection: task_table.find(connection, task_id, owner))
        return record.task.status.is_final

    def _told(self, connection: sa.Connection, records: tuple[Record, ...]) -> tuple[Task, ...]:
        receipts = ledger.receipts(connection, [record.task_id for record in records])
        some_wait = any(record.task.status is Status.UPLOADED for record in records)
        waiting = task_table.waiting_since(connection) if some_wait else []
        return tuple(
            replace(self._pace.told(record, waiting), receipt=receipts.get(record.task_id, ())) for record in records
        )

    def _stage_done(self, stage: Stage, seconds: float) -> None:
        self._pace.note(stage, seconds)
        self._on_stage(stage.value, seconds)
