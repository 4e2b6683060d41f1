"""Tells when there are new events: at once on Postgres, where every node hears of every other's."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.tasks.database import Database

_CHANNEL = "auratune_events"
_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 2.0
_log = logging.getLogger(__name__)


def notify(connection: sa.Connection) -> None:
    """Have all listeners told when the transaction commits; on SQLite nobody listens."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(_CHANNEL, "")))


class EventWatch:
    """A thread that waits for the database to tell of new events. It only hints: readers read what is there.

    Needs a connection of its own that lasts, so no pooler that shares connections between transactions. While the
    connection is lost `is_listening` is false, and readers have to look by themselves.
    """

    def __init__(self, database: Database, on_events: Callable[[], None]) -> None:
        self._database = database
        self._on_events = on_events
        self._closing = threading.Event()
        self.is_listening = False
        self._thread = threading.Thread(target=self._work, name="event watch", daemon=True)
        if not database.is_sqlite:
            self._thread.start()

    def close(self) -> None:
        """Stop waiting."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        import psycopg

        while not self._closing.is_set():
            try:
                self._listen()
            except (psycopg.Error, OSError) as error:
                _log.warning("the database stopped telling of events (%s); asking it instead", type(error).__name__)
                self._closing.wait(_AGAIN_SECONDS)
            finally:
                self.is_listening = False

    def _listen(self) -> None:
        import psycopg

        address = self._database.url.replace("postgresql+psycopg://", "postgresql://", 1)
        with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
            connection.execute(f"LISTEN {_CHANNEL}")
            self.is_listening = True
            # What happened before the LISTEN was told to nobody.
            self._on_events()
            while not self._closing.is_set():
                for _ in connection.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                    self._on_events()
