"""Rows of webhooks that are to be delivered, or have been. Statements for the caller's transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from auratune.core.task import Status, WebhookDelivery
from auratune.tasks.schema.tables import attempts, tasks, webhook_deliveries
from auratune.tasks.schema.types import POSTGRES_NOW, Instant
from auratune.tasks.webhooks import EVENT_TYPES, Ending

GIVEN_UP_AFTER = timedelta(hours=24)
_table = webhook_deliveries.c


def enqueue(connection: sa.Connection, task_id: str, attempt: int) -> None:
    """Have the end of an attempt told, in the transaction that ends it, if its task names an address."""
    at = sa.literal(_now(connection), Instant)
    told = sa.select(tasks.c.task_id, sa.literal(attempt), at, at).where(
        tasks.c.task_id == task_id, tasks.c.callback_url != ""
    )
    names = ("task_id", "attempt", "created_at", "due_at")
    connection.execute(sa.insert(webhook_deliveries).from_select(names, told))


def claim(connection: sa.Connection, most: int, lease_seconds: float) -> list[tuple[Ending, int]]:
    """Take deliveries that are due, each with the number of this try, which is also the claim's token.

    Nobody else gets them before the lease has ended; then whoever took them is taken for dead, and they are due again.
    """
    at = _now(connection)
    due = sa.select(_table.task_id, _table.attempt).where(_table.due_at <= at).order_by(_table.due_at).limit(most)
    keys = [tuple(row) for row in connection.execute(due.with_for_update(skip_locked=True))]
    if not keys:
        return []
    which = sa.tuple_(_table.task_id, _table.attempt).in_(keys)
    taken = (
        sa.update(webhook_deliveries)
        .where(which)
        .values(due_at=at + timedelta(seconds=lease_seconds), tries=_table.tries + 1)
    )
    connection.execute(taken)
    rows = connection.execute(_WITH_ENDINGS.where(which)).all()
    return [(_ending_of(row), row.tries) for row in rows]


def settle(
    connection: sa.Connection,
    ending: Ending,
    number: int,
    *,
    status: int,
    error: str,
    pause_seconds: float | None,
) -> str:
    """Note how a try went: the answer's HTTP status (0 for none) and an error's code, which is empty for success.

    After an error the next try comes after `pause_seconds`, but none where that is None or more than a day after the
    film's end. Returns `delivered`, `failed`, `given_up`, or `superseded` when the claim had ended.
    """
    at = _now(connection)
    mine = sa.and_(_key(ending), _table.tries == number, _table.due_at.is_not(None))
    values: dict[str, Any] = {"http_status": status, "error": error, "due_at": None}
    outcome = "delivered" if not error else "given_up"
    if not error:
        values["delivered_at"] = at
    elif pause_seconds is not None and at + timedelta(seconds=pause_seconds) <= ending.ended_at + GIVEN_UP_AFTER:
        outcome, values["due_at"] = "failed", at + timedelta(seconds=pause_seconds)
    changed = connection.execute(sa.update(webhook_deliveries).where(mine).values(values)).rowcount
    return outcome if changed else "superseded"


def release(connection: sa.Connection, ending: Ending, number: int) -> None:
    """Give back a claim whose try was broken off, so that it is due at once and does not count."""
    mine = sa.and_(_key(ending), _table.tries == number, _table.due_at.is_not(None))
    connection.execute(
        sa.update(webhook_deliveries).where(mine).values(due_at=_now(connection), tries=_table.tries - 1)
    )


def of_task(connection: sa.Connection, task_id: str) -> tuple[WebhookDelivery, ...]:
    """A task's deliveries, oldest first."""
    rows = connection.execute(_WITH_ENDINGS.where(_table.task_id == task_id).order_by(_table.attempt))
    return tuple(_delivery_of(row) for row in rows)


_WITH_ENDINGS = (
    sa.select(
        webhook_deliveries,
        tasks.c.callback_url,
        *(attempts.c[name] for name in ("status", "title", "error_code", "error_message", "retryable")),
    )
    .join(tasks, tasks.c.task_id == _table.task_id)
    .join(attempts, sa.and_(attempts.c.task_id == _table.task_id, attempts.c.attempt == _table.attempt))
)


def _ending_of(row: sa.Row[Any]) -> Ending:
    names = ("task_id", "attempt", "callback_url", "title", "error_code", "error_message", "retryable")
    values = {name: row._mapping[name] for name in names}
    return Ending(**values, ended_at=row.created_at, status=Status(row.status))


def _delivery_of(row: sa.Row[Any]) -> WebhookDelivery:
    ending = _ending_of(row)
    is_waiting = row.due_at is not None
    return WebhookDelivery(
        webhook_id=ending.webhook_id,
        event=EVENT_TYPES[ending.status],
        state="delivered" if row.delivered_at else "waiting" if is_waiting else "given_up",
        tries=row.tries,
        http_status=row.http_status,
        error=row.error,
        created_at=row.created_at,
        next_try_at=row.due_at,
        delivered_at=row.delivered_at,
    )


def _key(ending: Ending) -> sa.ColumnElement[bool]:
    return sa.and_(_table.task_id == ending.task_id, _table.attempt == ending.attempt)


def _now(connection: sa.Connection) -> datetime:
    """This moment by the database's clock, so that those of the nodes need not agree."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    at: datetime | None = connection.scalar(sa.select(sa.type_coerce(POSTGRES_NOW, Instant)))
    assert at is not None
    return at
