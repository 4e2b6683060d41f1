"""One run of one attempt: its stages in order, each result kept once, its progress told."""

from __future__ import annotations

import contextlib
import functools
import itertools
import logging
import threading
import time
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.background import BackgroundSubprocesses, BackgroundWork
from auratune.core.context import StageContext, StageStopped
from auratune.core.errors import AuraTuneError, ProviderError, SubprocessFailed, TaskCancelled
from auratune.core.task import PaidState, Stage, progress_of, status_of
from auratune.retrying import retry
from auratune.tasks import first_cuts, results, search, task_table
from auratune.tasks.ledger import DatabaseLedger
from auratune.tasks.schema.tables import attempts
from auratune.tasks.stage_policies import STAGE_POLICIES, message_at, wait_before
from auratune.tasks.task_columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auratune.core.film import FirstCut, SigningFiles
    from auratune.core.options import Options
    from auratune.core.ports import ObjectStore, Report, Subprocesses
    from auratune.core.providers import MakeFirstCut
    from auratune.tasks.database import Database
    from auratune.tasks.task_table import Record

_BETWEEN_WRITES_SECONDS = 0.5
_BETWEEN_LOOKS_SECONDS = 1.0
_PAUSE_SECONDS = 0.2
_log = logging.getLogger(__name__)


class ServiceStopping(StageStopped):
    """The service is being stopped: the stage ends now and runs again after the next start."""


class Superseded(StageStopped):
    """Another run works on the attempt now, or the task is gone: this one ends without a word."""


@dataclass(slots=True)
class _Progress:
    """What was last told of the stage that runs."""

    stage: Stage
    fraction: float = 0.0
    message: str = ""
    written: tuple[int, str] = (-1, "")
    written_at: float = float("-inf")
    looked_at: float = 0.0
    deadline: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunServices:
    """What every run works with."""

    database: Database
    store: ObjectStore
    subprocesses: Subprocesses
    daily_cap: int
    worker_id: str
    on_stage: Callable[[Stage, float], None]
    signing: SigningFiles | None = None


class Run:
    """The stages of one attempt: the pipeline's `step`."""

    def __init__(self, task_id: str, attempt: int, services: RunServices) -> None:
        self.task_id = task_id
        self.attempt = attempt
        self.run_id = uuid.uuid4().hex[:12]
        self.ended = threading.Event()
        self._services = services
        self._ledger = DatabaseLedger(services.database, run_id=self.run_id, daily_cap=services.daily_cap)
        self._mine = task_table.fence(task_id, attempt, self.run_id)
        self._known: dict[Stage, Any] = {}
        self._options: Options
        self._first_cut: FirstCut | None = None
        self._film_in_sight = False
        self._lock = threading.Lock()
        self._progress = _Progress(Stage.QUEUED)
        self._cancelled = threading.Event()
        self._stopping = threading.Event()

    def cancel(self) -> None:
        """End the run at its next report."""
        self._cancelled.set()

    def stop(self) -> None:
        """End the run at its next report, to be taken up again after the next start."""
        self._stopping.set()

    def claim(self) -> Record | None:
        """Take the attempt over from whichever run had it; None when it has ended or is gone."""
        which = task_table.unfinished(self.task_id, self.attempt)
        values = {
            "run_id": self.run_id,
            "run_count": attempts.c.run_count + 1,
            "worker_id": self._services.worker_id,
            "modified_at": task_table.now(),
        }

        def work(connection: sa.Connection) -> Record | None:
            if not connection.execute(sa.update(attempts).where(which).values(values)).rowcount:
                return None
            self._known, _ = results.all_of(connection, self.task_id, self.attempt)
            return task_table.look_up(connection, self.task_id, self.attempt)

        record = self._services.database.write(work)
        if record:
            self._options = record.task.options
            self._first_cut, self._film_in_sight = record.first_cut, record.film is not None
        return record

    def __call__(self, stage: Stage, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Return the stage's result: the one that is kept, or what the function makes now. Raises what it raised."""
        if stage not in self._known:
            self._raise_if_ended()
            started = time.monotonic()
            result = self._try(stage, lambda context: function(context, *args, **kwargs))
            seconds = time.monotonic() - started
            self._keep(stage, result, seconds)
            self._services.on_stage(stage, seconds)
        return self._known[stage]

    @contextlib.contextmanager
    def meanwhile(self, make: MakeFirstCut | None) -> Iterator[Callable[[], FirstCut | None]]:
        """Make a first cut while the block runs, unless there is a film to watch, or the song, already."""
        if make is None or self._film_in_sight or Stage.COMPOSE in self._known:
            yield lambda: self._first_cut
            return

        def work(report: Report) -> None:
            # Films that are waited for come before first cuts.
            children = BackgroundSubprocesses(self._services.subprocesses)
            context = self._context(f"{self.run_id}/first-cut")
            first_cut = make(replace(context, report=report, subprocesses=children))
            if self._services.database.write(lambda it: first_cuts.show(it, self._mine, first_cut)):
                self._first_cut = first_cut

        with BackgroundWork(work, lambda fraction, note="": self._raise_if_ended()):
            yield lambda: self._first_cut

    def _try(self, stage: Stage, work: Callable[[StageContext], Any]) -> Any:
        turns = itertools.count()

        def once() -> Any:
            self._begin(stage)
            turn = next(turns)
            return work(self._context(f"{self.run_id}-{turn}" if turn else self.run_id))

        return retry(
            once,
            attempts=STAGE_POLICIES[stage].attempts,
            retry_if=lambda error: isinstance(error, AuraTuneError) and error.retryable and self._may_repeat(stage),
            pause_seconds=_pause_seconds,
            sleep=self._pause,
            on_retry=lambda error: _log.warning("%s failed (%s), trying again", stage, type(error).__name__),
        )

    def _context(self, folder: str) -> StageContext:
        return StageContext(
            task_id=self.task_id,
            attempt=self.attempt,
            prefix=f"tasks/{self.task_id}/{self.attempt}/{folder}",
            store=self._services.store,
            ledger=self._ledger,
            subprocesses=self._services.subprocesses,
            signing=self._services.signing,
            report=self._report,
        )

    def _may_repeat(self, stage: Stage) -> bool:
        calls = self._ledger.entries(self.task_id) if STAGE_POLICIES[stage].spends else ()
        return all(call.state is not PaidState.INTENT for call in calls if call.attempt == self.attempt)

    def _keep(self, stage: Stage, result: Any, seconds: float) -> None:
        known = {**self._known, stage: result}
        values = {**columns_of(known, self._options), "modified_at": task_table.now()}
        statement = sa.update(attempts).where(self._mine).values(values)

        def work(connection: sa.Connection) -> bool:
            if not connection.execute(statement).rowcount:
                return False
            results.keep(connection, self.task_id, self.attempt, stage, result, seconds)
            if stage in {Stage.ANALYZE, Stage.WRITE}:
                search.keep(connection, self.task_id, self.attempt, {"title": self._options.title, **values})
            return True

        if not self._services.database.write(work):
            self._raise_lost()
        self._known = known

    def _begin(self, stage: Stage) -> None:
        with self._lock:
            deadline = time.monotonic() + STAGE_POLICIES[stage].deadline_seconds
            self._progress = _Progress(stage, message=message_at(stage, 0.0), deadline=deadline)
            self._write(milestone=True)

    def _report(self, fraction: float | None, note: str = "") -> None:
        self._raise_if_ended()
        with self._lock:
            progress = self._progress
            if time.monotonic() > progress.deadline:
                raise SubprocessFailed(
                    "A stage took longer than it may; try the film again.", code="stage_took_too_long", retryable=False
                )
            if fraction is not None:
                progress.fraction = max(progress.fraction, min(1.0, max(0.0, fraction)))
            if fraction is not None or note:
                progress.message = message_at(progress.stage, progress.fraction, note)
            state = (progress_of(progress.stage, progress.fraction), progress.message)
            at = time.monotonic()
            if state != progress.written and at - progress.written_at >= _BETWEEN_WRITES_SECONDS:
                self._write(milestone=False)
            elif at - progress.looked_at >= _BETWEEN_LOOKS_SECONDS:
                self._look()

    def _write(self, *, milestone: bool) -> None:
        progress = self._progress
        percent = progress_of(progress.stage, progress.fraction)
        values = {
            "status": status_of(progress.stage, progress.fraction).value,
            "stage": progress.stage.value,
            "fraction": progress.fraction,
            # Two-valued max() of SQLite and GREATEST of Postgres have no common name.
            "progress": sa.case((attempts.c.progress > percent, attempts.c.progress), else_=percent),
            "message": progress.message,
        }
        change = functools.partial(task_table.change, which=self._mine, values=values, milestone=milestone)
        if not self._services.database.write(change):
            self._raise_lost()
        progress.written = (percent, progress.message)
        progress.written_at = progress.looked_at = time.monotonic()

    def _raise_if_ended(self) -> None:
        if self._stopping.is_set():
            raise ServiceStopping
        if self._cancelled.is_set():
            raise TaskCancelled("This film was stopped.")

    def _look(self) -> None:
        """The row is asked as well as the flags: another process may have cancelled the task or taken it over."""
        self._raise_if_ended()
        self._progress.looked_at = time.monotonic()
        if not self._services.database.read(lambda it: it.scalar(sa.select(sa.exists().where(self._mine)))):
            self._raise_lost()

    def _raise_lost(self) -> None:
        record = self._services.database.read(lambda it: task_table.look_up(it, self.task_id, self.attempt))
        if record is None or record.run_id != self.run_id:
            raise Superseded
        raise TaskCancelled("This film was stopped.")

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._raise_if_ended()
            time.sleep(_PAUSE_SECONDS)


def _pause_seconds(failures: int, error: BaseException) -> float:
    return wait_before(failures - 1, error.retry_after_seconds if isinstance(error, ProviderError) else None)
