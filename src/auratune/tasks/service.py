"""Submit, find, list, stop, retry, remake and remove tasks: the interface of `tasks/` to the web."""

from __future__ import annotations

import contextlib
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.errors import DiskFull, ServiceBusy, TaskConflict
from auratune.core.task import Stage, Status, Submission, Task, Upload
from auratune.tasks import attempts, task_table
from auratune.tasks.database import Database
from auratune.tasks.deliverer import Deliverer
from auratune.tasks.dispatch import Engine
from auratune.tasks.eta import EtaEstimator
from auratune.tasks.folder_lock import FolderLock
from auratune.tasks.janitor import Janitor, clear_leftovers
from auratune.tasks.queries import TaskQueries
from auratune.tasks.queue_limits import QueueLimits
from auratune.tasks.remakes import create_remake, remake_of
from auratune.tasks.run import RunServices
from auratune.tasks.runner import Runner
from auratune.tasks.schema.old_files import move_files
from auratune.tasks.schema.tables import attempts as attempts_table
from auratune.tasks.schema.upgrade import upgrade
from auratune.tasks.sessions import EndedSessions
from auratune.tasks.share_links import ShareLinks
from auratune.tasks.shared_state import SharedState
from auratune.tasks.submission import SubmissionService
from auratune.tasks.webhooks import Webhooks
from auratune.tasks.workers import Membership, WorkerRegistry, new_worker_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auratune.core.film import SigningFiles
    from auratune.core.options import Options
    from auratune.core.ports import ObjectStore, Subprocesses
    from auratune.core.providers import Providers
    from auratune.tasks.runner import Pipeline
    from auratune.tasks.task_table import Record

_INTERRUPT_SECONDS = 2.0
_CLOSING_SECONDS = 20.0


def _quiet(name: str, seconds: float = 0.0) -> None:
    del name, seconds


class TaskService(TaskQueries):
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
        most_waiting_of_owner: int = 300,
        least_free_bytes: int = 256 * 1024 * 1024,
        daily_cap: int = 0,
        membership: Membership | None = None,
        webhooks: Webhooks | None = None,
        signing: SigningFiles | None = None,
        on_stage: Callable[[str, float], None] = _quiet,
        on_outcome: Callable[[str], None] = _quiet,
        on_webhook: Callable[[str], None] = _quiet,
        pipeline: Pipeline | None = None,
    ) -> None:
        """Build the service; nothing is opened before `start`.

        `slots` tasks run at once. After `retain_days` a film is removed, 0 keeps it for ever; without `keep_sources`
        photo and song go as soon as the film is done. `daily_cap` is the most paid calls a day for an owner, 0 for
        none. `most_waiting` tasks wait at most, and `most_waiting_of_owner` of one owner. With less than
        `least_free_bytes` on a disk no photo is taken. `on_stage` hears each stage and its seconds, `on_outcome` each
        task's end: `done`, `error` or `cancelled`. `pipeline` is what makes the film, `make_film` as a rule. `webhooks`
        says where ends of films are told, and `on_webhook` hears each try: `delivered`, `failed` or `given_up`.
        `signing` is what films are signed with.
        `membership` says what this process does among others on the same Postgres.
        """
        super().__init__(Database(data_folder, database_url), store, EtaEstimator(slots))
        membership = membership or Membership()
        self._works = membership.role != "api"
        # The engine takes up by itself what a process of the same id had under way; only on SQLite is there just one.
        worker_id = "local" if self._database.is_sqlite else new_worker_id()
        self.shared = None if self._database.is_sqlite else SharedState(self._database)
        self.share_links = ShareLinks(self._database)
        self.sessions = EndedSessions(self._database)
        self._data_folder = data_folder
        self._lock = FolderLock(data_folder)
        self._on_outcome = on_outcome
        self._webhooks = webhooks or Webhooks()
        self._deliverer = Deliverer(self._database, self._webhooks, on_try=on_webhook)
        self._keep_sources = keep_sources
        services = RunServices(
            database=self._database,
            store=store,
            subprocesses=subprocesses,
            daily_cap=daily_cap,
            worker_id=worker_id,
            on_stage=on_stage,
            signing=signing,
        )
        self._runner = Runner(
            services=services, providers=providers, pipeline=pipeline, keep_sources=keep_sources, on_outcome=self._ended
        )
        self._engine = Engine(
            database=self._database,
            slots=slots,
            cluster_slots=membership.cluster_slots or None,
            worker_id=worker_id,
            work=self._runner.work if self._works else None,
        )
        self._registry = WorkerRegistry(
            database=self._database, worker_id=worker_id, membership=membership, recover=self._take_over
        )
        self._limits = QueueLimits(self._eta, most_waiting, most_waiting_of_owner)
        self._submissions = SubmissionService(
            database=self._database,
            engine=self._engine,
            store=store,
            subprocesses=subprocesses,
            data_folder=data_folder,
            limits=self._limits,
            least_free_bytes=least_free_bytes,
            webhooks=self._webhooks,
        )
        self._janitor = Janitor(
            database=self._database,
            engine=self._engine,
            store=store,
            retain_days=retain_days,
            worker_id=worker_id,
            keep_sources=keep_sources,
            is_at_work_on=self._runner.is_at_work_on,
            has_room=self._submissions.has_room,
        )

    def start(self) -> None:
        """Lock the data folder, bring the tables up to date, and go on with what was under way.

        Raises `InvalidSetting` when another service works in the folder or it cannot be written to.
        """
        self._lock.take()
        try:
            upgrade(self._database)
            self._database.in_turn("old files", lambda: move_files(self._database, self._store))
            clear_leftovers(self._store, self._data_folder)
            if self._database.is_sqlite:
                # Nobody else works here, so the runs that were there have ended with their process.
                self._database.write(lambda connection: attempts.release(connection, sa.true()))
            self._runner.open()
            if self._works and not self._database.is_sqlite:
                self._registry.join()
            self._engine.start()
            if self._works:
                self._begin_work()
        except BaseException:
            self._lock.release()
            raise

    def _begin_work(self) -> None:
        if not self._database.is_sqlite:
            self._registry.start()
        self._janitor.reconcile(timedelta(0))
        self._janitor.start()
        self._deliverer.start()

    def _take_over(self, live: frozenset[str]) -> None:
        self._engine.recover(live)
        # A run that was asked to stop may have died before it could say that it has.
        dead = attempts_table.c.worker_id.notin_(live)
        self._database.write(lambda connection: attempts.release(connection, dead))

    def close(self) -> None:
        """Stop working; what is under way goes on after the next start. Harmless when not started.

        An answer that a vendor is paid for is waited for, at most for some seconds.
        """
        self._deliverer.close()
        self._janitor.close()
        self._runner.stop(_CLOSING_SECONDS)
        # The registry takes up what dead workers left by the engine, so its thread ends first.
        self._registry.close()
        self._engine.close()
        self._database.close()
        self._lock.release()

    def submit(self, upload: Upload) -> Submission:
        """Accept a photo; when this returns, photo and task are safely on disk. See `SubmissionService.accept`."""
        return self._submissions.accept(upload)

    def task_of_key(self, owner: str, idempotency_key: str) -> str | None:
        """The task that a key was accepted for; empty while it is being answered, None where it is not known."""
        return self._submissions.task_of_key(owner, idempotency_key)

    def retry(self, task_id: str, owner: str, *, music: str = "") -> Task:
        """Try a failed task again from its last good stage; with `music`, have that composer's song in any ended task.

        Raises `TaskNotFound`, `TaskConflict`, `TaskExpired` and `QueueFull`.
        """

        def work(connection: sa.Connection) -> None:
            record = task_table.find(connection, task_id, owner)
            self._limits.check(connection, owner)
            attempts.retry(connection, record, music, self._engine.enqueue)

        if self.find(task_id, owner).status.is_final:
            # A stage of the cancelled attempt may be on its way to its next report, or in a paid call whose outcome
            # the new attempt must know.
            self._runner.interrupt(task_id, wait_seconds=_INTERRUPT_SECONDS)
        self._database.write(work)
        return self.find(task_id, owner)

    def remake(self, task_id: str, owner: str, options: Options, *, callback_url: str = "") -> Submission:
        """Make another film of copies of a finished task's photo and song, without asking any provider.

        Raises `TaskNotFound`, `TaskConflict`, `TaskExpired`, `InvalidOption` and `QueueFull`.
        """

        def look(connection: sa.Connection) -> tuple[Record, dict[Stage, Any]]:
            record = task_table.find(connection, task_id, owner)
            self._limits.check(connection, owner)
            return record, remake_of(connection, record, options)

        callback_url = self._webhooks.accept(callback_url)
        record, known = self._database.read(look)
        enqueue = self._engine.enqueue
        return create_remake(self._database, self._store, enqueue, record, known, options, callback_url)

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
            "can_work": self._engine.is_running and self._submissions.has_room(),
        }

    def cancel(self, task_id: str, owner: str) -> Task:
        """Stop a task; what runs for it ends within about a second, but what a vendor is paid for is waited for.

        A first cut is kept as the film; a new attempt at a finished film goes back to that film. Raises
        `TaskNotFound`, and `TaskConflict` when the task has ended otherwise.
        """
        record = self._database.read(lambda connection: task_table.find(connection, task_id, owner))
        if record.task.status is not Status.CANCELLED:
            self._cancel(task_id)
        return self.find(task_id, owner)

    def delete(self, task_id: str, owner: str) -> None:
        """Remove a task and its files; one that runs is stopped first. Raises `TaskNotFound`."""
        record = self._database.read(lambda connection: task_table.find(connection, task_id, owner))
        try:
            self._remove(record.task)
        except DiskFull:  # the task's files make room for what the tables have to note
            self._store.delete_prefix(f"tasks/{task_id}")
            self._remove(record.task)
        self._store.delete_prefix(f"tasks/{task_id}")

    def _remove(self, task: Task) -> None:
        if not task.status.is_final:
            with contextlib.suppress(TaskConflict):
                self._cancel(task.task_id)
        self._runner.interrupt(task.task_id, wait_seconds=_INTERRUPT_SECONDS)
        self._database.write(lambda connection: attempts.remove(connection, task.task_id))

    def _cancel(self, task_id: str) -> None:
        ended = self._database.write(lambda it: attempts.cancel(it, task_id, keep_sources=self._keep_sources))
        if ended is None:
            raise TaskConflict("This film has ended already.", code="task_already_ended")
        self._ended(ended.value)
        self._runner.interrupt(task_id)

    def _ended(self, outcome: str) -> None:
        self._deliverer.wake()
        self._on_outcome(outcome)
