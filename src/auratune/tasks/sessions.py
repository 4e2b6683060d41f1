"""Sessions that were signed out: their cookies are refused by every node from then on."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.tasks.schema.tables import ended_sessions

if TYPE_CHECKING:
    from auratune.tasks.database import Database


class EndedSessions:
    """Reads and writes the table. Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def end(self, token: str, until: float) -> None:
        """Refuse a cookie until the time (Unix seconds) at which it ends by itself; twice is fine."""
        row = {"session_hash": _hash(token), "expires_at": datetime.fromtimestamp(until, UTC)}

        def work(connection: sa.Connection) -> None:
            known = ended_sessions.c.session_hash == row["session_hash"]
            connection.execute(sa.delete(ended_sessions).where(known))
            connection.execute(sa.insert(ended_sessions).values(row))

        self._database.write(work)

    def has_ended(self, token: str) -> bool:
        """Whether a cookie was signed out."""
        found = sa.select(sa.exists().where(ended_sessions.c.session_hash == _hash(token)))
        return bool(self._database.read(lambda connection: connection.scalar(found)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
