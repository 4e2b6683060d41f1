"""Intents and outcomes of paid calls, each committed before anything else happens: the reason nothing is paid twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from auratune.core.errors import ProviderOutcomeUnknown, ProviderRefused, TaskCancelled
from auratune.core.task import PaidCall, PaidState
from auratune.tasks import task_table
from auratune.tasks.database import take_turn
from auratune.tasks.schema.tables import attempts, paid_calls, tasks

if TYPE_CHECKING:
    from auratune.tasks.database import Database


class DatabaseLedger:
    """The ledger that a stage sees through its context. With a `run_id`, only that run may open an intent."""

    def __init__(self, database: Database, *, run_id: str = "", daily_cap: int = 0) -> None:
        """`daily_cap` is the most paid calls a day for the owner of a task; 0 is no cap."""
        self._database = database
        self._run_id = run_id
        self._daily_cap = daily_cap

    def entries(self, task_id: str) -> tuple[PaidCall, ...]:
        """All paid calls of a task, oldest first."""
        return self._database.read(lambda connection: receipts(connection, [task_id]).get(task_id, ()))

    def open(
        self, task_id: str, vendor: str, purpose: str, request_hash: str, *, attempt: int = 1, answer_key: str = ""
    ) -> int:
        """Write and commit an intent **before** the call; return its number, from 1.

        Raises `ProviderRefused` (`daily_cap_reached`), `ProviderOutcomeUnknown` while another intent is open, and
        `TaskCancelled` when the run may not go on.
        """

        def work(connection: sa.Connection) -> int:
            self._hold_attempt(connection, task_id, attempt)
            owner = connection.scalar(sa.select(tasks.c.owner).where(tasks.c.task_id == task_id)) or ""
            self._check_cap(connection, owner, vendor)
            last = sa.select(sa.func.max(paid_calls.c.number)).where(
                paid_calls.c.task_id == task_id, paid_calls.c.vendor == vendor
            )
            number = (connection.scalar(last) or 0) + 1
            connection.execute(
                sa.insert(paid_calls).values(
                    task_id=task_id,
                    vendor=vendor,
                    number=number,
                    attempt=attempt,
                    owner=owner,
                    purpose=purpose,
                    request_hash=request_hash,
                    state=PaidState.INTENT.value,
                    at=datetime.now(UTC),
                    answer_key=answer_key,
                )
            )
            return number

        try:
            return self._database.write(work)
        except IntegrityError as error:
            raise ProviderOutcomeUnknown("Another call of this task is not settled yet.", provider=vendor) from error

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
        values = {"state": PaidState(state).value, "reference": reference, "units": dict(units or {})}
        which = sa.and_(paid_calls.c.task_id == task_id, paid_calls.c.vendor == vendor, paid_calls.c.number == number)
        statement = sa.update(paid_calls).where(which).values(values)
        if not self._database.write(lambda connection: connection.execute(statement).rowcount):
            raise KeyError((task_id, vendor, number))

    def _hold_attempt(self, connection: sa.Connection, task_id: str, attempt: int) -> None:
        """Lock the attempt's row, so that a takeover and a payment cannot come between one another."""
        if self._run_id:
            mine = sa.update(attempts).where(task_table.fence(task_id, attempt, self._run_id))
            if not connection.execute(mine.values(run_id=self._run_id)).rowcount:
                raise TaskCancelled("This film was stopped.")

    def _check_cap(self, connection: sa.Connection, owner: str, vendor: str) -> None:
        if not self._daily_cap:
            return
        take_turn(connection, f"paid calls of {owner}")
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        today = sa.select(sa.func.count()).where(
            paid_calls.c.owner == owner, paid_calls.c.at >= midnight, paid_calls.c.state != PaidState.REFUSED.value
        )
        if (connection.scalar(today) or 0) >= self._daily_cap:
            raise ProviderRefused(
                f"The daily limit of {self._daily_cap} paid calls is reached; it starts again at midnight UTC.",
                provider=vendor,
                code="daily_cap_reached",
            )


def give_up(connection: sa.Connection, task_id: str) -> None:
    """Nobody will learn the outcome of the open intents of a task; a person wants to go on."""
    which = sa.and_(paid_calls.c.task_id == task_id, paid_calls.c.state == PaidState.INTENT.value)
    connection.execute(sa.update(paid_calls).where(which).values(given_up=True))


def is_paying(connection: sa.Connection, task_id: str) -> bool:
    """Whether the outcome of a call is still to come."""
    paid = paid_calls.c
    is_open = sa.and_(paid.task_id == task_id, paid.state == PaidState.INTENT.value, paid.given_up.is_(False))
    return bool(connection.scalar(sa.select(sa.exists().where(is_open))))


def receipts(connection: sa.Connection, task_ids: list[str]) -> dict[str, tuple[PaidCall, ...]]:
    """The paid calls of several tasks, oldest first, by task."""
    statement = (
        sa.select(paid_calls)
        .where(paid_calls.c.task_id.in_(task_ids))
        .order_by(paid_calls.c.at, paid_calls.c.vendor, paid_calls.c.number)
    )
    found: dict[str, tuple[PaidCall, ...]] = {}
    for row in connection.execute(statement):
        found[row.task_id] = (*found.get(row.task_id, ()), _call_of(row))
    return found


def _call_of(row: sa.Row[Any]) -> PaidCall:
    same = ("vendor", "purpose", "number", "attempt", "reference", "answer_key", "units", "at")
    return PaidCall(state=PaidState(row.state), **{name: row._mapping[paid_calls.c[name]] for name in same})
