"""Processes that share one Postgres: each tells that it lives, and the work of one that does not goes to others.

All times are the database's own, so that clocks of machines need not agree. A process that was silent for too long (it
was paused, or cut off) has lost its work to others; once it finds that out it must end at once and start anew.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from auratune import __version__
from auratune.core.errors import ServiceBusy
from auratune.tasks.schema.tables import workers
from auratune.tasks.schema.types import POSTGRES_NOW

if TYPE_CHECKING:
    from auratune.tasks.database import Database

Role = Literal["serve", "api", "worker"]
"""`serve` answers requests and works, `api` only answers, `worker` only works."""
_LIVE, _LOST, _LEFT = "live", "lost", "left"
_log = logging.getLogger(__name__)


def _do_nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Membership:
    """What a process does among others on the same Postgres. On SQLite there is one process, which does everything."""

    role: Role = "serve"
    cluster_slots: int = 0
    """How many tasks run at once in all processes together; 0 for as many as there are slots."""
    beat_seconds: float = 5.0
    stale_seconds: float = 20.0
    """A worker that was silent for so long has lost its work."""
    on_lost: Callable[[], None] = _do_nothing
    """Ends the process when others have taken over its work."""


def new_worker_id() -> str:
    """An id for one life of a process: never used again, so that a restarted process is another worker."""
    return uuid.uuid4().hex[:16]


class WorkerRegistry:
    """This process among the others: a thread that beats, and has taken over what dead ones left."""

    def __init__(
        self,
        *,
        database: Database,
        worker_id: str,
        membership: Membership,
        recover: Callable[[frozenset[str]], None],
    ) -> None:
        """`recover` gets the ids of live workers and takes up what others had."""
        self._database = database
        self._worker_id = worker_id
        self._membership = membership
        self._recover = recover
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._live, name="auratune-heartbeat", daemon=True)
        self._sweep_from = 0.0

    def join(self) -> None:
        """Count as live from here on, before any work begins."""
        row = {"worker_id": self._worker_id, "role": self._membership.role, "version": __version__, "state": _LIVE}
        moments = {"started_at": sa.type_coerce(POSTGRES_NOW, workers.c.started_at.type)}
        moments["seen_at"] = sa.type_coerce(POSTGRES_NOW, workers.c.seen_at.type)
        self._database.write(lambda connection: connection.execute(sa.insert(workers).values({**row, **moments})))

    def start(self) -> None:
        """Begin to beat, and to take over what dead workers leave."""
        self._thread.start()

    def close(self) -> None:
        """Leave: what is still unfinished here is taken up by others at their next beat."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
            mine = workers.c.worker_id == self._worker_id
            self._database.write(
                lambda connection: connection.execute(sa.update(workers).where(mine).values(state=_LEFT))
            )

    def _live(self) -> None:
        while True:
            try:
                if not self._beat():
                    _log.critical("this worker was silent for too long and has lost its work to others; it ends now")
                    self._membership.on_lost()
                    return
                if time.monotonic() >= self._sweep_from:
                    self._recover(self._live_workers())
            except (ServiceBusy, sa.exc.SQLAlchemyError) as error:
                _log.warning("no heartbeat: the database does not answer (%s)", type(error).__name__)
                # When it is back, others need a moment for their own first beat before they are judged.
                self._sweep_from = time.monotonic() + self._membership.stale_seconds
            if self._closing.wait(self._membership.beat_seconds):
                return

    def _beat(self) -> bool:
        """Tell that this worker lives; False when others have taken it for dead."""
        mine = sa.and_(workers.c.worker_id == self._worker_id, workers.c.state == _LIVE)
        beat = sa.update(workers).where(mine).values(seen_at=sa.type_coerce(POSTGRES_NOW, workers.c.seen_at.type))
        return self._database.write(lambda connection: connection.execute(beat).rowcount) > 0

    def _live_workers(self) -> frozenset[str]:
        """Ids of all that live, after those that were silent for too long were given up."""
        seen = sa.type_coerce(workers.c.seen_at, sa.BigInteger)
        silent = sa.and_(
            workers.c.state == _LIVE, seen < POSTGRES_NOW - int(self._membership.stale_seconds * 1_000_000)
        )

        def work(connection: sa.Connection) -> frozenset[str]:
            lost = connection.execute(
                sa.update(workers).where(silent).values(state=_LOST).returning(workers.c.worker_id)
            ).scalars()
            for worker_id in lost:
                _log.warning("worker %s is silent; its work goes to others", worker_id)
            return frozenset(connection.scalars(sa.select(workers.c.worker_id).where(workers.c.state == _LIVE)))

        return self._database.write(work)


def count_live(database: Database) -> int:
    """How many workers live; one on SQLite, which is this process."""
    if database.is_sqlite:
        return 1
    live = sa.and_(workers.c.state == _LIVE, workers.c.role != "api")
    return database.read(lambda it: it.scalar(sa.select(sa.func.count()).select_from(workers).where(live))) or 0
