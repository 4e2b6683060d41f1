"""All access to the database: SQLite in the data folder, or Postgres where a URL says so."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from auratune.core.errors import DiskFull, InvalidSetting, ServiceBusy
from auratune.retrying import retry
from auratune.tasks.disk_reserve import DiskReserve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_FILE = "auratune.db"
_ATTEMPTS = 6
_FIRST_WAIT_SECONDS = 0.05
_AT_ONCE_WHEN_FULL = 3
"""So many times what found the disk full is tried again without a pause."""
_STEPS_BETWEEN_LOOKS = 100_000
"""Of SQLite's virtual machine; some milliseconds."""
_BUSY_MILLISECONDS = 30_000
_POOL = 10
_CONNECT = {"connect_timeout": 10}


class Database:
    """Hands out connections; nothing is opened before it is needed."""

    def __init__(self, data_folder: Path, database_url: str | None = None) -> None:
        self.engine = _engine(data_folder, database_url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._is_closed = False
        self._reserve = DiskReserve(data_folder)
        event.listen(self.engine, "handle_error", self._release_reserve)
        event.listen(self.engine, "checkin", self._close_if_late)

    @property
    def url(self) -> str:
        """Where the database is, with its password: for the workflow engine only."""
        return self.engine.url.render_as_string(hide_password=False)

    def read(self, work: Callable[[sa.Connection], _T], *, seconds: float = 0.0) -> _T:
        """Run work that only reads; it is broken off after so many `seconds`, where that is not 0."""
        if not seconds:
            return self._run(work, writes=False)
        deadline = time.monotonic() + seconds

        def within_time(connection: sa.Connection) -> _T:
            if not self.is_sqlite:
                connection.execute(sa.text(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}"))
                return work(connection)
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
            try:
                return work(connection)
            finally:
                raw.set_progress_handler(None, 0)

        try:
            return self._run(within_time, writes=False, deadline=deadline)
        except ServiceBusy as error:
            if time.monotonic() < deadline:
                raise
            raise ServiceBusy(
                "This search takes too long; ask for less at once.", code="search_too_slow", retryable=False
            ) from error

    def write(self, work: Callable[[sa.Connection], _T]) -> _T:
        """Run work in one transaction; it may run again when the database was locked, so it must have no other effect.

        On SQLite the write lock is taken first, so that what the work reads cannot change before it writes.
        """
        return self._run(work, writes=True)

    def in_turn(self, name: str, work: Callable[[], object]) -> None:
        """Run work while no other process runs what has the same name; on SQLite there is no other process."""
        with self.engine.begin() as connection:
            take_turn(connection, name)
            work()

    def describe(self) -> str:
        """What answers there, such as `PostgreSQL 18.4`. Raises `ServiceBusy` when nothing does."""
        version = "sqlite_version()" if self.is_sqlite else "current_setting('server_version')"
        found = self.read(lambda connection: connection.scalar(sa.text(f"SELECT {version}")))
        return f"{'SQLite' if self.is_sqlite else 'PostgreSQL'} {found}"

    def close(self) -> None:
        """Close all connections: idle ones now, those in use when they are given back."""
        self._is_closed = True
        self.engine.dispose()

    def _close_if_late(self, connection: Any, record: Any) -> None:
        # Threads of the workflow engine may still write when the service closes; the old pool would keep theirs open.
        del connection
        if self._is_closed:
            record.invalidate()

    def keep_reserve(self) -> None:
        """Keep some room back, which whatever first finds the disk full gives up, the workflow engine included."""
        if self.is_sqlite:
            self._reserve.fill()

    def _release_reserve(self, context: sa.ExceptionContext) -> None:
        if is_full(context.sqlalchemy_exception):
            self._reserve.release()

    def _run(self, work: Callable[[sa.Connection], _T], *, writes: bool, deadline: float = float("inf")) -> _T:
        def once() -> _T:
            with self.engine.begin() as connection:
                if writes and self.is_sqlite:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                return work(connection)

        try:
            return retry(
                once,
                attempts=_ATTEMPTS,
                retry_if=lambda error: isinstance(error, OperationalError) and time.monotonic() < deadline,
                pause_seconds=_pause_seconds,
                on_retry=lambda error: _log.warning(
                    "the database did not answer (%s), trying again", type(error).__name__
                ),
            )
        except OperationalError as error:
            if is_full(error):
                raise DiskFull("There is no room for the database; make some and try again.") from error
            raise ServiceBusy("The database does not answer; try again.", code="database_busy") from error


def _pause_seconds(failures: int, error: BaseException) -> float:
    # A piece of the reserve was just given up, and whatever fills the disk will soon take it.
    return 0.0 if failures <= _AT_ONCE_WHEN_FULL and is_full(error) else _FIRST_WAIT_SECONDS * 2.0 ** (failures - 1)


def is_full(error: BaseException | None) -> bool:
    """Whether an error of the database says that there is no room."""
    return isinstance(error, OperationalError) and "database or disk is full" in str(error.orig)


def take_turn(connection: sa.Connection, name: str) -> None:
    """Let one transaction at a time go on that names the same thing; the next one does when this one has ended.

    On SQLite nothing is needed: a writing transaction is alone there.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def _engine(data_folder: Path, database_url: str | None) -> sa.Engine:
    if not database_url:
        return _sqlite(f"sqlite:///{data_folder / _FILE}")
    if database_url.startswith("sqlite:"):
        return _sqlite(database_url)
    scheme, separator, rest = database_url.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise InvalidSetting(
            "DATABASE_URL must begin with postgresql:// (such as postgresql://user:password@host/auratune), "
            "or stay empty for SQLite in the data folder."
        )
    url = f"postgresql+psycopg://{rest}"
    try:
        return sa.create_engine(url, pool_size=_POOL, max_overflow=_POOL, pool_pre_ping=True, connect_args=_CONNECT)
    except ModuleNotFoundError as error:
        raise InvalidSetting(
            "DATABASE_URL=postgresql://… needs the extra `cluster`; install it with `uv sync --extra cluster` or "
            '`pip install "auratune[cluster]"`.'
        ) from error


def _sqlite(url: str) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=_POOL, max_overflow=4 * _POOL)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        del record
        # The workflow engine shares these connections and expects immediate transactions.
        connection.isolation_level = "IMMEDIATE"
        for pragma in (
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "journal_mode=WAL",
            # With WAL, NORMAL may lose the last commits in a power cut; an accepted photo and a paid call must not be.
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine
