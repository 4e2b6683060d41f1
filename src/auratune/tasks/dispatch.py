"""The only user of the workflow engine: it queues attempts, has them run, and has them run again after a crash.

A workflow has no steps of its own: what its stages made is in our tables, so the engine's may be lost at any time.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSClient, DBOSConfig, _dbos

from auratune.core.errors import InvalidSetting
from auratune.tasks.database import is_full
from auratune.tasks.serializer import CheckpointCodec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import sqlalchemy as sa

    from auratune.tasks.database import Database

_NAME = "auratune"
_WORKFLOW = "journey"
"""As version 0.1 called it, so that its unfinished tasks go on."""
_QUEUE = "tasks"
# A hash of the source, the engine's default, would leave half-done tasks behind at every upgrade.
_VERSION = "1"
_POLL_SECONDS = 0.25
_LISTENER_SECONDS = 0.5
_MOST_RECOVERIES = 20
STRANDED = "STRANDED"
"""What an outcome is called when this process has claimed a workflow and its run may never have begun."""
_log = logging.getLogger(__name__)


class Engine:
    """The only owner of the workflow engine. One that works at a time in a process, which is the engine's own limit."""

    def __init__(
        self,
        *,
        database: Database,
        slots: int,
        cluster_slots: int | None = None,
        worker_id: str,
        work: Callable[[str, int], str] | None,
    ) -> None:
        """`work` runs an attempt of a task and returns how it ended; without it, this process only queues.

        At most `slots` run at the same time here, and `cluster_slots` in all processes together.
        """
        self._database = database
        self._slots = slots
        self._cluster_slots = cluster_slots
        self._worker_id = worker_id
        self._work = work
        self._client: DBOSClient | None = None
        self._has_begun = False

    def start(self) -> None:
        """Take up what was under way, and wait for more. Raises `InvalidSetting` when one runs here already."""
        # The engine keeps its one instance to itself.
        if self._work is not None and _dbos._dbos_global_instance is not None:
            raise InvalidSetting("A task service is already open in this process; close it first.")
        _quieten()
        codec = CheckpointCodec()
        try:
            if self._work is not None:
                self._has_begun = True
                self._register(codec, self._work)
            DBOS.migrate(self._database.url)
            # The queue is there before the launch: it recovers tasks at once and must know how many may run.
            self._client = DBOSClient(
                system_database_engine=self._database.engine, serializer=codec, application_name=_NAME, lazy=True
            )
            if self._work is not None:
                self._client.register_queue(
                    _QUEUE,
                    worker_concurrency=self._slots,
                    global_concurrency=self._cluster_slots,
                    # Many workers ask the same Postgres; each asks less often.
                    polling_interval_sec=_POLL_SECONDS if self._database.is_sqlite else 2 * _POLL_SECONDS,
                )
                DBOS.launch()
        except BaseException:
            self.close()
            raise

    def recover(self, live: frozenset[str]) -> None:
        """Queue again what is under way in processes that do not live any more."""
        pending = self._workflows(status="PENDING")
        dead = {workflow.executor_id for workflow in pending if workflow.executor_id} - live
        if dead:
            _log.warning("taking up what %d dead workers had under way", len(dead))
            # The engine keeps this for itself; it is conditional on the dead worker's id, so it may run twice.
            DBOS._recover_pending_workflows(sorted(dead))

    def close(self) -> None:
        """Let go; what is still under way is taken up by the next start."""
        if self._has_begun:
            DBOS.destroy(destroy_registry=True)
            self._has_begun = False
        if self._client:
            self._client.destroy()
            self._client = None

    @property
    def is_running(self) -> bool:
        """Whether tasks are being worked on."""
        return self._client is not None

    def enqueue(self, connection: sa.Connection, task_id: str, attempt: int, priority: int) -> str:
        """Queue an attempt in the caller's transaction; returns the id of its workflow, a new one each time."""
        assert self._client is not None, "the task service has not been started"
        workflow_id = f"{task_id}.{attempt}.{uuid.uuid4().hex[:8]}"
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": _WORKFLOW,
                "queue_name": _QUEUE,
                "workflow_id": workflow_id,
                "app_version": _VERSION,
                "priority": priority,
            },
            task_id,
            attempt,
        )
        return workflow_id

    def forget(self, workflow_ids: Iterable[str]) -> None:
        """Remove the engine's own record of workflows."""
        ids = list(workflow_ids)
        if ids:
            self._engine_client.delete_workflows(ids)

    def outcomes(self, workflow_ids: list[str]) -> dict[str, str]:
        """What the engine knows of workflows, by id: `PENDING`, `ERROR`, `CANCELLED`…

        `STRANDED` is said of what this process claimed: only it can tell whether it works on it, and if not, nobody
        ever will.
        """
        if not workflow_ids:
            return {}
        found = self._workflows(workflow_ids=workflow_ids)
        claimed_here = ("PENDING", self._worker_id)
        return {
            each.workflow_id: STRANDED if (each.status, each.executor_id) == claimed_here else each.status
            for each in found
        }

    def ended_before(self, moment: float, limit: int) -> list[str]:
        """Ids of workflows that ended before a moment (seconds since 1970), and that nobody needs any more."""
        found = self._workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=_iso(moment),
            limit=limit,
        )
        return [status.workflow_id for status in found]

    @property
    def _engine_client(self) -> DBOSClient:
        assert self._client is not None, "the task service has not been started"
        return self._client

    def _workflows(self, **which: Any) -> list[Any]:
        return self._engine_client.list_workflows(**which, load_input=False, load_output=False)

    def _register(self, codec: CheckpointCodec, work: Callable[[str, int], str]) -> None:
        DBOS(config=self._config(codec))

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_MOST_RECOVERIES)
        def run_attempt(task_id: str, attempt: int) -> str:
            return work(task_id, attempt)

    def _config(self, codec: CheckpointCodec) -> DBOSConfig:
        return {
            "name": _NAME,
            "system_database_engine": self._database.engine,
            "serializer": codec,
            "application_version": _VERSION,
            "executor_id": self._worker_id,
            "log_level": "WARNING",
            "use_listen_notify": not self._database.is_sqlite,
            # We wait for no notifications; a short interval only lets the listener end soon when the service closes.
            "notification_listener_polling_interval_sec": _LISTENER_SECONDS,
        }


def _iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _quieten() -> None:
    # Without a handler of its own the engine would print to the console past our logging.
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = True
        logger.addFilter(_in_one_line)


def _in_one_line(record: logging.LogRecord) -> bool:
    """A full disk is no fault of the engine's, and the janitor takes up what it could not note: no traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if is_full(error):
        record.msg, record.args, record.exc_info = "The disk is full: the engine could not note a step", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True
