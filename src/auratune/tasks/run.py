"""One run of one task's journey: every stage kept as it ends, its progress told, and stopped when its owner says so."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auratune.core.context import StageContext
from auratune.core.errors import AuraTuneError, SubprocessFailed, TaskCancelled
from auratune.core.storyboard import Storyboard
from auratune.core.task import PaidState, Stage, progress_of
from auratune.tasks import events, file_claims, results, task_table
from auratune.tasks.stage_policies import STAGE_POLICIES, message_at, wait_before
from auratune.tasks.task_columns import facts_of, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from auratune.core.ports import ObjectStore, Subprocesses
    from auratune.tasks.database import Database
    from auratune.tasks.ledger import DatabaseLedger

_BETWEEN_WRITES_SECONDS = 0.5
_BETWEEN_LOOKS_SECONDS = 1.0
_PATIENCE_SECONDS = 0.2
_log = logging.getLogger(__name__)


class ServiceStopping(BaseException):
    """The service is being stopped: the stage ends now and runs again after the next start.

    Not an `Exception`, so that neither a provider nor the workflow engine takes it for the stage's outcome.
    """


@dataclass(slots=True)
class _Telling:
    """What was last told of the stage that runs."""

    stage: Stage
    fraction: float = 0.0
    message: str = ""
    written: tuple[int, str] = (-1, "")
    written_at: float = float("-inf")
    looked_at: float = 0.0
    deadline: float = float("inf")


class Run:
    """Stages of one round of one task, as the journey's `step` calls them."""

    def __init__(
        self,
        *,
        task_id: str,
        round_number: int,
        database: Database,
        ledger: DatabaseLedger,
        store: ObjectStore,
        subprocesses: Subprocesses,
        on_stage: Callable[[Stage, float], None],
        checkpoint: Callable[[Stage, Callable[[], Any]], Any],
    ) -> None:
        self.task_id = task_id
        self.round = round_number
        self._database = database
        self._ledger = ledger
        self._on_stage = on_stage
        self._checkpoint = checkpoint
        self._lock = threading.Lock()
        self._telling = _Telling(Stage.QUEUED)
        self._cancelled = threading.Event()
        self._stopping = threading.Event()
        self.ended = threading.Event()
        self._context = StageContext(
            task_id=task_id,
            attempt=round_number,
            store=store,
            ledger=ledger,
            subprocesses=subprocesses,
            report=self._report,
        )

    def cancel(self) -> None:
        """End the run at its next report."""
        self._cancelled.set()

    def stop(self) -> None:
        """End the run at its next report, to be taken up again after the next start."""
        self._stopping.set()

    def step(self, stage: Stage, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a stage as a checkpoint of the workflow engine. Raises what the stage raised."""
        return self._checkpoint(stage, lambda: self._stage(stage, function, args, kwargs))

    def _stage(self, stage: Stage, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._look()
        kept = self._database.read(lambda it: results.find(it, self.task_id, self.round, stage))
        if kept is not None:
            # Made in an earlier round, or made in this one just before the service was killed.
            self._settle(stage, kept, None, args)
            return kept
        started = time.monotonic()
        result = self._try(stage, lambda context: function(context, *args, **kwargs))
        seconds = time.monotonic() - started
        self._settle(stage, result, seconds, args)
        self._on_stage(stage, seconds)
        return result

    def _try(self, stage: Stage, work: Callable[[StageContext], Any]) -> Any:
        policy = STAGE_POLICIES[stage]
        for attempt in range(policy.attempts):
            self._begin(stage)
            try:
                return work(self._context)
            except AuraTuneError as error:
                if not error.retryable or attempt + 1 == policy.attempts or not self._may_repeat(stage):
                    raise
                _log.warning("task %s: %s failed (%s), trying again", self.task_id, stage, error.code)
                self._pause(wait_before(attempt, getattr(error, "retry_after_seconds", None)))
        raise AssertionError("the loop above returns or raises")

    def _may_repeat(self, stage: Stage) -> bool:
        if not STAGE_POLICIES[stage].spends:
            return True
        return all(
            call.state is not PaidState.INTENT
            for call in self._ledger.entries(self.task_id)
            if call.attempt == self.round
        )

    def _settle(self, stage: Stage, result: Any, seconds: float | None, args: tuple[Any, ...]) -> None:
        storyboard = next((value for value in args if isinstance(value, Storyboard)), None)

        def work(connection: sa.Connection) -> bool:
            if seconds is not None:
                results.keep(connection, self.task_id, self.round, stage, result, seconds)
            if storyboard is not None:
                results.keep(connection, self.task_id, self.round, results.STORYBOARD, storyboard)
            known, _ = results.all_of(connection, self.task_id, self.round)
            row = task_table.change(connection, self.task_id, self.round, facts_of(known, self._wishes(connection)))
            if row is None:
                return False
            for key, is_source in keys_of(result):
                file_claims.claim(connection, self.task_id, [key], is_source=is_source)
            return True

        if not self._database.write(work):
            raise TaskCancelled("This film was stopped.")

    def _wishes(self, connection: sa.Connection) -> Any:
        record = task_table.look_up(connection, self.task_id)
        return record.task.options if record else None

    def _begin(self, stage: Stage) -> None:
        with self._lock:
            deadline = time.monotonic() + STAGE_POLICIES[stage].deadline_seconds
            self._telling = _Telling(stage, message=message_at(stage, 0.0), deadline=deadline)
            self._write(milestone=True)

    def _report(self, fraction: float | None, note: str = "") -> None:
        self._raise_if_ended()
        with self._lock:
            telling = self._telling
            if time.monotonic() > telling.deadline:
                raise SubprocessFailed(
                    "A stage took longer than it may; try the film again.", code="stage_took_too_long", retryable=False
                )
            if fraction is not None:
                telling.fraction = max(telling.fraction, min(1.0, max(0.0, fraction)))
            if fraction is not None or note:
                telling.message = message_at(telling.stage, telling.fraction, note)
            state = (progress_of(telling.stage, telling.fraction), telling.message)
            at = time.monotonic()
            if state != telling.written and at - telling.written_at >= _BETWEEN_WRITES_SECONDS:
                self._write(milestone=False)
            elif at - telling.looked_at >= _BETWEEN_LOOKS_SECONDS:
                self._look()

    def _write(self, *, milestone: bool) -> None:
        telling = self._telling

        def work(connection: sa.Connection) -> bool:
            row = task_table.advance(
                connection, self.task_id, self.round, telling.stage, telling.fraction, telling.message
            )
            if row is None:
                return False
            events.tell(connection, self.task_id, row, milestone=milestone)
            return True

        if not self._database.write(work):
            raise TaskCancelled("This film was stopped.")
        telling.written = (progress_of(telling.stage, telling.fraction), telling.message)
        telling.written_at = telling.looked_at = time.monotonic()

    def _raise_if_ended(self) -> None:
        if self._stopping.is_set():
            raise ServiceStopping
        if self._cancelled.is_set():
            raise TaskCancelled("This film was stopped.")

    def _look(self) -> None:
        # The row is asked as well as the flag: a task may have been cancelled just before a crash.
        self._raise_if_ended()
        self._telling.looked_at = time.monotonic()
        record = self._database.read(lambda connection: task_table.look_up(connection, self.task_id))
        if record is None or record.round != self.round or record.task.status.is_final:
            raise TaskCancelled("This film was stopped.")

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._raise_if_ended()
            time.sleep(_PATIENCE_SECONDS)
