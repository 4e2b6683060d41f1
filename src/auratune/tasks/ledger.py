"""Intents and outcomes of paid calls, each committed before anything else happens: the reason nothing is paid twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.task import PaidCall, PaidState
from auratune.tasks.schema.tables import paid_calls, tasks

if TYPE_CHECKING:
    from auratune.tasks.database import Database


class DatabaseLedger:
    """The ledger that a stage of a task sees through its context."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, task_id: str) -> tuple[PaidCall, ...]:
        """All paid calls of a task, oldest first."""
        return self._database.read(lambda connection: receipts(connection, [task_id]).get(task_id, ()))

    def open(self, task_id: str, vendor: str, purpose: str, request_hash: str, *, attempt: int = 1) -> int:
        """Write and commit an intent **before** the call; return its number, from 1."""

        def work(connection: sa.Connection) -> int:
            last = connection.scalar(
                sa.select(sa.func.max(paid_calls.c.attempt)).where(
                    paid_calls.c.task_id == task_id, paid_calls.c.vendor == vendor
                )
            )
            number = (last or 0) + 1
            connection.execute(
                sa.insert(paid_calls).values(
                    task_id=task_id,
                    vendor=vendor,
                    attempt=number,
                    owner=_owner_of(connection, task_id),
                    purpose=purpose,
                    request_hash=request_hash,
                    round=attempt,
                    state=PaidState.INTENT.value,
                    reference="",
                    units={},
                    at=datetime.now(UTC),
                )
            )
            return number

        return self._database.write(work)

    def close(
        self,
        task_id: str,
        vendor: str,
        number: int,
        state: PaidState,
        *,
        reference: str = "",
        units: dict[str, float] | None = None,
    ) -> None:
        """Write and commit the outcome after the call. Raises `KeyError` when there was no such intent."""

        def work(connection: sa.Connection) -> int:
            return connection.execute(
                sa.update(paid_calls)
                .where(paid_calls.c.task_id == task_id, paid_calls.c.vendor == vendor, paid_calls.c.attempt == number)
                .values(state=PaidState(state).value, reference=reference, units=dict(units or {}))
            ).rowcount

        if not self._database.write(work):
            raise KeyError((task_id, vendor, number))

    def paid_today(self, task_id: str) -> int:
        """How many paid calls (intents and done) the owner of this task has made since midnight UTC."""

        def work(connection: sa.Connection) -> int:
            midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            return (
                connection.scalar(
                    sa.select(sa.func.count()).where(
                        paid_calls.c.owner == _owner_of(connection, task_id),
                        paid_calls.c.at >= midnight,
                        paid_calls.c.state != PaidState.REFUSED.value,
                    )
                )
                or 0
            )

        return self._database.read(work)


def receipts(connection: sa.Connection, task_ids: list[str]) -> dict[str, tuple[PaidCall, ...]]:
    """The paid calls of several tasks, oldest first, by task."""
    statement = (
        sa.select(paid_calls)
        .where(paid_calls.c.task_id.in_(task_ids))
        .order_by(paid_calls.c.at, paid_calls.c.vendor, paid_calls.c.attempt)
    )
    found: dict[str, tuple[PaidCall, ...]] = {}
    for row in connection.execute(statement):
        found[row.task_id] = (*found.get(row.task_id, ()), _call_of(row))
    return found


def _call_of(row: sa.Row[Any]) -> PaidCall:
    return PaidCall(
        vendor=row.vendor,
        purpose=row.purpose,
        state=PaidState(row.state),
        number=row.attempt,
        attempt=row.round,
        reference=row.reference,
        units=row.units,
        at=row.at,
    )


def _owner_of(connection: sa.Connection, task_id: str) -> str:
    return connection.scalar(sa.select(tasks.c.owner).where(tasks.c.task_id == task_id)) or ""
