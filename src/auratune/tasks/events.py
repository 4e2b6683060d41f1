"""What happened to tasks, in order, for those who watch live and those who come back later."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from auratune.core.task import Stage, Status, TaskEvent
from auratune.tasks.database import take_turn
from auratune.tasks.notifications import notify
from auratune.tasks.schema.tables import task_events


def tell(connection: sa.Connection, row: sa.Row[Any], *, milestone: bool) -> None:
    """Note an event from what a change of an attempt returned."""
    # Numbers must become visible in their order, or whoever asks for "what came after" misses a late one. Postgres
    # gives a number before the commit, so transactions with events commit one after the other.
    take_turn(connection, "events")
    connection.execute(
        sa.insert(task_events).values(
            task_id=row.task_id,
            owner=row.owner,
            at=datetime.now(UTC),
            status=row.status,
            stage=row.stage,
            progress=row.progress,
            message=row.message,
            milestone=milestone,
        )
    )
    notify(connection)


def after(
    connection: sa.Connection, sequence: int, *, owner: str = "", task_id: str = "", limit: int = 500
) -> tuple[TaskEvent, ...]:
    """Events beyond a sequence number, oldest first; of one owner or one task where asked."""
    statement = sa.select(task_events).where(task_events.c.sequence > sequence)
    if owner:
        statement = statement.where(task_events.c.owner == owner)
    if task_id:
        statement = statement.where(task_events.c.task_id == task_id)
    rows = connection.execute(statement.order_by(task_events.c.sequence).limit(limit))
    return tuple(_event_of(row) for row in rows)


def last(connection: sa.Connection) -> int:
    """The sequence number of the latest event; 0 while there is none."""
    return connection.scalar(sa.select(sa.func.max(task_events.c.sequence))) or 0


def last_milestones(connection: sa.Connection, task_ids: list[str]) -> dict[str, datetime]:
    """When each task's present stage began: the time of its last milestone."""
    rows = connection.execute(
        sa.select(task_events.c.task_id, sa.func.max(task_events.c.at))
        .where(task_events.c.task_id.in_(task_ids), task_events.c.milestone)
        .group_by(task_events.c.task_id)
    )
    return {row[0]: row[1] for row in rows}


def forget_steps(connection: sa.Connection, before: datetime) -> int:
    """Drop the small steps that are older; milestones stay."""
    return connection.execute(
        sa.delete(task_events).where(task_events.c.at < before, ~task_events.c.milestone)
    ).rowcount


def _event_of(row: sa.Row[Any]) -> TaskEvent:
    return TaskEvent(
        sequence=row.sequence,
        task_id=row.task_id,
        owner=row.owner,
        at=row.at,
        status=Status(row.status),
        stage=Stage(row.stage),
        progress=row.progress,
        message=row.message,
    )
