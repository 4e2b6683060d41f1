"""Runs attempts: claims each, takes it through the pipeline, and ends it as done, failed, stopped or superseded."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa
from structlog.contextvars import bound_contextvars

from auratune.core.errors import AuraTuneError, ServiceBusy, StorageError, TaskCancelled, is_disk_full
from auratune.core.task import Stage, Status
from auratune.tasks import attempts, results, task_table
from auratune.tasks.run import Run, RunServices, Superseded
from auratune.tasks.schema import tables
from auratune.tasks.stage_policies import NO_ROOM, WAITING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auratune.core.film import Film
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.providers import Providers, Step

    Pipeline = Callable[[Photo, Options, Providers, Step], Film]

# A task that takes the whole service down with it is given up after so many runs.
_MOST_RUNS = 20
_log = logging.getLogger(__name__)


class Runner:
    """All runs of this process."""

    def __init__(
        self,
        *,
        services: RunServices,
        providers: Providers,
        pipeline: Pipeline | None,
        keep_sources: bool,
        on_outcome: Callable[[str], None],
    ) -> None:
        self._services = services
        self._providers = providers
        self._pipeline = pipeline
        self._keep_sources = keep_sources
        self._on_outcome = on_outcome
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def work(self, task_id: str, attempt: int) -> str:
        """Run an attempt to its end; returns how it ended. Raises `ServiceStopping` when it is to be run again."""
        with bound_contextvars(task_id=task_id), self._registered(Run(task_id, attempt, self._services)) as run:
            record = run.claim()
            if record is None:
                self._release(task_id, attempt)
                return "ended"
            try:
                if record.run_count > _MOST_RUNS:
                    return self._fail(run, given_up())
                make_film = self._pipeline or _make_film()
                make_film(record.task.photo, record.task.options, self._providers, run)
                return self._finish(run)
            except TaskCancelled:
                self._release(task_id, attempt)
                return "cancelled"
            except Superseded:
                return self._leave(run)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the task's owner must hear that it failed
                if lack := _lack_behind(error):
                    return self._let_go(run, lack)
                if isinstance(error, AuraTuneError):
                    return self._fail(run, error)
                _log.exception("the task failed in an unforeseen way")
                return self._fail(run, _unforeseen())

    def interrupt(self, task_id: str, *, wait_seconds: float = 0.0) -> None:
        """End a task's run in this process at its next report, and wait for that at most so long."""
        with self._lock:
            run = self._runs.get(task_id)
        if run:
            run.cancel()
            run.ended.wait(wait_seconds)

    def is_at_work_on(self, task_id: str) -> bool:
        """Whether a run of the task is still in this process."""
        with self._lock:
            return task_id in self._runs

    def open(self) -> None:
        """Let runs begin."""
        self._closing.clear()

    def stop(self, wait_seconds: float) -> None:
        """Stop every run at its next report, and wait for that, and for answers that are paid for, at most so long."""
        self._closing.set()
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            run.stop()
        until = time.monotonic() + wait_seconds
        for run in runs:
            run.ended.wait(max(0.0, until - time.monotonic()))

    @contextlib.contextmanager
    def _registered(self, run: Run) -> Iterator[Run]:
        with self._lock:
            self._runs[run.task_id] = run
        if self._closing.is_set():
            run.stop()
        try:
            yield run
        finally:
            with self._lock:
                if self._runs.get(run.task_id) is run:
                    del self._runs[run.task_id]
            run.ended.set()

    def _finish(self, run: Run) -> str:
        done = self._services.database.write(
            lambda it: attempts.finish(it, run.task_id, run.attempt, run.run_id, keep_sources=self._keep_sources)
        )
        if not done:
            return self._leave(run)
        self._drop_leftovers(run.task_id)
        _log.info("the film is done")
        self._on_outcome(Status.DONE.value)
        return "done"

    def _let_go(self, run: Run, message: str) -> str:
        """End the run and not its attempt, which the janitor queues again when there is room."""
        mine = task_table.fence(run.task_id, run.attempt, run.run_id)
        if not self._services.database.write(lambda it: attempts.let_go(it, mine, message)):
            return self._leave(run)
        _log.warning("the task is let go and taken up again later: %s", message)
        return "let go"

    def _fail(self, run: Run, error: AuraTuneError) -> str:
        mine = task_table.fence(run.task_id, run.attempt, run.run_id)
        failed = self._services.database.write(
            lambda it: attempts.fail(it, mine, run.task_id, error, keep_sources=self._keep_sources)
        )
        if failed:
            _log.warning("the task failed: %s", error.code)
            self._drop_leftovers(run.task_id)
            self._on_outcome(failed.value)
        else:
            self._release(run.task_id, run.attempt)
        return error.code

    def _leave(self, run: Run) -> str:
        """The attempt was stopped or is another run's by now: this run is gone, and so is what only it needed."""
        self._release(run.task_id, run.attempt, tables.attempts.c.run_id == run.run_id)
        return "superseded"

    def _release(self, task_id: str, attempt: int, *further: sa.ColumnElement[bool]) -> None:
        table = tables.attempts
        which = sa.and_(table.c.task_id == task_id, table.c.attempt == attempt, *further)
        self._services.database.write(lambda it: attempts.release(it, which))
        self._drop_leftovers(task_id)

    def _drop_leftovers(self, task_id: str) -> None:
        """Remove a task's objects that nothing names; all of them when it is gone."""
        store = self._services.store
        with contextlib.suppress(StorageError, OSError):
            if self._services.database.read(lambda it: task_table.look_up(it, task_id)) is None:
                store.delete_prefix(f"tasks/{task_id}")
                return
            latest, needed = self._services.database.read(lambda it: needed_keys(it, task_id))
            for found in list(store.objects(f"tasks/{task_id}")):
                # A later attempt may have begun meanwhile; a preview belongs to none, and some may still watch it.
                attempt = found.key.split("/")[2]
                if attempt.isdigit() and int(attempt) <= latest and found.key not in needed:
                    store.delete(found.key)


def needed_keys(connection: sa.Connection, task_id: str) -> tuple[int, set[str]]:
    """The keys that a task with a film needs, and up to which attempt that is so; 0 while it is still worked on."""
    record = task_table.look_up(connection, task_id)
    if record is None or record.task.status is not Status.DONE or attempts.is_running(connection, task_id):
        return 0, set()
    known, _ = results.all_of(connection, task_id, record.attempt)
    if not record.sources_kept:
        return attempts.latest(connection, task_id), results.keys_in([known[Stage.RENDER]])
    paid = tables.paid_calls.c
    answers = connection.scalars(sa.select(paid.answer_key).where(paid.task_id == task_id)).all()
    sounds = {answer.removesuffix(".json") + ".mp3" for answer in answers}
    return attempts.latest(connection, task_id), results.keys_in([*known.values(), record.task.photo]) | sounds | set(
        answers
    )


def _make_film() -> Pipeline:
    from auratune.pipeline import make_film  # the first film loads what only films need

    return make_film


def given_up() -> AuraTuneError:
    """The error of a task whose runs never come to an end."""
    return AuraTuneError(
        "Making this film stopped the service again and again, so it was given up; try another photo.",
        code="given_up",
    )


def _lack_behind(error: Exception) -> str:
    """What the service itself lacks where that ended a run, as its owner is told; empty where it is another matter."""
    if is_disk_full(error):
        return NO_ROOM
    return WAITING if isinstance(error, ServiceBusy) else ""


def _unforeseen() -> AuraTuneError:
    return AuraTuneError("Something went wrong inside AuraTune; try the film again.", retryable=True)
