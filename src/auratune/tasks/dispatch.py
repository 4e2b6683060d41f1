"""Runs the journey as a workflow: every stage a checkpoint, and what was under way goes on after a crash."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSClient, DBOSConfig
from dbos import StepOptions as _StepOptions
from structlog.contextvars import bound_contextvars

from auratune.core.errors import AuraTuneError, InvalidSetting, TaskCancelled
from auratune.tasks import task_table
from auratune.tasks.run import Run
from auratune.tasks.serializer import CheckpointCodec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import sqlalchemy as sa

    from auratune.core.film import Film
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.ports import ObjectStore, Subprocesses
    from auratune.core.providers import Providers, Step
    from auratune.core.task import Stage
    from auratune.tasks.database import Database
    from auratune.tasks.ledger import DatabaseLedger

    Pipeline = Callable[[Photo, Options, Providers, Step], Film]

_NAME = "auratune"
_WORKFLOW = "journey"
_QUEUE = "tasks"
# A hash of the source, the engine's default, would leave half-done tasks behind at every upgrade.
_VERSION = "1"
_EXECUTOR = "local"
_POLL_SECONDS = 0.25
_LISTENER_SECONDS = 0.5
# A task that takes the whole service down with it is given up after so many starts.
_MOST_RECOVERIES = 20
_CLOSING_SECONDS = 8.0
_log = logging.getLogger(__name__)


class Engine:
    """The only owner of the workflow engine. One at a time in a process, which is the engine's own limit."""

    def __init__(
        self,
        *,
        database: Database,
        ledger: DatabaseLedger,
        providers: Providers,
        store: ObjectStore,
        subprocesses: Subprocesses,
        slots: int,
        pipeline: Pipeline | None,
        on_stage: Callable[[Stage, float], None],
        on_film: Callable[[str, int, Film], None],
        on_failure: Callable[[str, int, AuraTuneError], None],
        on_gone: Callable[[str], None],
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._providers = providers
        self._store = store
        self._subprocesses = subprocesses
        self._slots = slots
        self._journey = pipeline
        self._on_stage = on_stage
        self._on_film = on_film
        self._on_failure = on_failure
        self._on_gone = on_gone
        self._client: DBOSClient | None = None
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def start(self) -> None:
        """Take up what was under way, and wait for more. Raises `InvalidSetting` when one runs here already."""
        global _running
        if _running:
            raise InvalidSetting("A desk is already open in this process; close it first.")
        if self._journey is None:
            from auratune.pipeline import make_film

            self._journey = make_film
        self._closing.clear()
        _quieten()
        codec = CheckpointCodec()
        DBOS(config=self._config(codec))

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_MOST_RECOVERIES)
        def pipeline(task_id: str, round_number: int) -> str:
            return self._run(task_id, round_number)

        _running = True
        try:
            # The queue is there before the launch: it recovers tasks at once and must know how many may run.
            DBOS.migrate(self._database.url)
            self._client = DBOSClient(
                system_database_engine=self._database.engine, serializer=codec, application_name=_NAME, lazy=True
            )
            self._client.register_queue(_QUEUE, worker_concurrency=self._slots, polling_interval_sec=_POLL_SECONDS)
            DBOS.launch()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop every run at its next report and let go; what was under way is taken up by the next start."""
        global _running
        self._closing.set()
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            run.stop()
        until = time.monotonic() + _CLOSING_SECONDS
        for run in runs:
            run.ended.wait(max(0.0, until - time.monotonic()))
        DBOS.destroy(destroy_registry=True)
        if self._client:
            self._client.destroy()
            self._client = None
        _running = False

    @property
    def is_running(self) -> bool:
        """Whether tasks are being worked on."""
        return self._client is not None and not self._closing.is_set()

    def enqueue(self, connection: sa.Connection, task_id: str, round_number: int) -> None:
        """Queue a round of a task in the caller's transaction: it is queued exactly when its row is written."""
        assert self._client is not None, "the desk has not been started"
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": _WORKFLOW,
                "queue_name": _QUEUE,
                "workflow_id": workflow_id(task_id, round_number),
                "app_version": _VERSION,
            },
            task_id,
            round_number,
        )

    def interrupt(self, task_id: str, *, wait_seconds: float = 0.0) -> None:
        """End a task's run at its next report, and wait for that at most so long."""
        with self._lock:
            run = self._runs.get(task_id)
        if run:
            run.cancel()
            run.ended.wait(wait_seconds)

    def is_at_work_on(self, task_id: str) -> bool:
        """Whether a run of the task is still in this process."""
        with self._lock:
            return task_id in self._runs

    def forget(self, workflow_ids: Iterable[str]) -> None:
        """Remove the engine's own record of workflows."""
        ids = list(workflow_ids)
        if ids:
            DBOS.delete_workflows(ids)

    def outcomes(self, workflow_ids: list[str]) -> dict[str, str]:
        """What the engine knows of workflows, by id: `PENDING`, `ERROR`, `CANCELLED`…"""
        if not workflow_ids:
            return {}
        found = DBOS.list_workflows(workflow_ids=workflow_ids, load_input=False, load_output=False)
        return {status.workflow_id: status.status for status in found}

    def ended_before(self, moment: float, limit: int) -> list[str]:
        """Ids of workflows that ended before a moment (seconds since 1970), and that nobody needs any more."""
        found = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=_iso(moment),
            limit=limit,
            load_input=False,
            load_output=False,
        )
        return [status.workflow_id for status in found]

    def _config(self, codec: CheckpointCodec) -> DBOSConfig:
        return {
            "name": _NAME,
            "system_database_engine": self._database.engine,
            "serializer": codec,
            "application_version": _VERSION,
            "executor_id": _EXECUTOR,
            "log_level": "WARNING",
            "use_listen_notify": not self._database.is_sqlite,
            # We wait for no notifications; a short interval only lets the listener end soon when the desk closes.
            "notification_listener_polling_interval_sec": _LISTENER_SECONDS,
        }

    def _run(self, task_id: str, round_number: int) -> str:
        run = Run(
            task_id=task_id,
            round_number=round_number,
            database=self._database,
            ledger=self._ledger,
            store=self._store,
            subprocesses=self._subprocesses,
            on_stage=self._on_stage,
            checkpoint=_checkpoint,
        )
        with self._lock:
            self._runs[task_id] = run
        if self._closing.is_set():
            run.stop()
        try:
            with bound_contextvars(task_id=task_id):
                return self._travel(run)
        finally:
            with self._lock:
                if self._runs.get(task_id) is run:
                    del self._runs[task_id]
            run.ended.set()

    def _travel(self, run: Run) -> str:
        # Photo and wishes are fixed for a round, so reading them here again after a crash gives the same workflow.
        record = self._database.read(lambda connection: task_table.look_up(connection, run.task_id))
        if record is None or record.round != run.round:
            return "gone"
        assert self._journey is not None
        try:
            film = self._journey(record.task.photo, record.task.options, self._providers, run.step)
        except TaskCancelled:
            self._on_gone(run.task_id)
            return "cancelled"
        except AuraTuneError as error:
            self._on_failure(run.task_id, run.round, error)
            return error.code
        except Exception:  # noqa: BLE001 -- whatever it is, the task's owner must hear that it failed
            _log.exception("task %s failed in an unforeseen way", run.task_id)
            self._on_failure(run.task_id, run.round, _unforeseen())
            return "internal_error"
        self._on_film(run.task_id, run.round, film)
        return "done"


_running = False


def workflow_id(task_id: str, round_number: int) -> str:
    """The id of a round's workflow."""
    return task_id if round_number == 1 else f"{task_id}.{round_number}"


def _checkpoint(stage: Stage, work: Callable[[], Any]) -> Any:
    options: _StepOptions = {"name": stage.value}
    return DBOS.run_step(options, work)


def _unforeseen() -> AuraTuneError:
    return AuraTuneError("Something went wrong inside AuraTune; try the film again.", retryable=True)


def _iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _quieten() -> None:
    # Without a handler of its own the engine would print to the console past our logging.
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = True
