"""What API nodes on one Postgres share: secrets that the service made for itself, and rate counters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from auratune.tasks.schema.tables import rate_counters, service_secrets
from auratune.tasks.schema.types import POSTGRES_NOW

if TYPE_CHECKING:
    from datetime import datetime

    from auratune.tasks.database import Database

ACCESS_KEY, SIGNING_KEY = "access-key", "signing-key"
"""What the service makes for itself, and the names of the files that hold it in the data folder of one machine."""
WINDOW_SECONDS = 60
COUNTERS_KEPT_FOR = timedelta(minutes=10)
_MICROSECONDS = 1_000_000


class Window(NamedTuple):
    """A caller's requests in the window that is open, and the seconds until it ends."""

    requests: int
    seconds_left: float


class SharedState:
    """Reads and writes both tables. Every method may be called from any thread. For Postgres only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_secret(self, name: str, fresh: str) -> str:
        """The secret of that name; the given one is kept when there is none yet."""

        def work(connection: sa.Connection) -> str:
            row = insert(service_secrets).values(name=name, value=fresh)
            connection.execute(row.on_conflict_do_nothing())
            return str(connection.scalar(sa.select(service_secrets.c.value).where(service_secrets.c.name == name)))

        return self._database.write(work)

    def bring_secret(self, name: str, value: str) -> None:
        """Keep a secret in place of one that may be there: links and sessions that were made with it go on."""
        row = insert(service_secrets).values(name=name, value=value)
        upsert = row.on_conflict_do_update(index_elements=[service_secrets.c.name], set_={"value": value})
        self._database.write(lambda connection: connection.execute(upsert))

    def count_request(self, name: str, caller: str, most: int) -> Window:
        """Count a request in one atomic statement; the count goes no higher than `most` + 1."""
        table = rate_counters.c
        started = sa.type_coerce(table.started_at, sa.BigInteger)
        is_over = started <= POSTGRES_NOW - WINDOW_SECONDS * _MICROSECONDS
        now = sa.type_coerce(POSTGRES_NOW, table.started_at.type)
        row = insert(rate_counters).values(name=name, caller=caller, started_at=now, count=1)
        upsert = row.on_conflict_do_update(
            index_elements=[table.name, table.caller],
            set_={
                "count": sa.case((is_over, 1), else_=sa.func.least(table.count + 1, most + 1)),
                "started_at": sa.case((is_over, POSTGRES_NOW), else_=started),
            },
        ).returning(table.count, started + WINDOW_SECONDS * _MICROSECONDS - POSTGRES_NOW)
        count, left = self._database.write(lambda connection: connection.execute(upsert).one())
        return Window(count, left / _MICROSECONDS)

    def window_of(self, name: str, caller: str) -> Window:
        """What was counted, without counting; an empty window where none is open."""
        table = rate_counters.c
        left = sa.type_coerce(table.started_at, sa.BigInteger) + WINDOW_SECONDS * _MICROSECONDS - POSTGRES_NOW
        found = sa.select(table.count, left).where(table.name == name, table.caller == caller, left > 0)
        row = self._database.read(lambda connection: connection.execute(found).one_or_none())
        return Window(row[0], row[1] / _MICROSECONDS) if row else Window(0, WINDOW_SECONDS)


def forget_counters(connection: sa.Connection, at: datetime) -> None:
    """Remove counters whose window ended long ago."""
    connection.execute(sa.delete(rate_counters).where(rate_counters.c.started_at < at - COUNTERS_KEPT_FOR))
