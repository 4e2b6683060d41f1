"""What each stage left behind: shown to the owner, and reused by a retry or a remake instead of being made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.task import Stage
from auratune.tasks.schema.tables import task_parts
from auratune.tasks.task_table import now

if TYPE_CHECKING:
    from collections.abc import Iterable

STORYBOARD = "storyboard"
"""The one part that no stage makes: it is drawn between LISTEN and RENDER."""

ORDERED = (Stage.ANALYZE, Stage.WRITE, Stage.ORDER, Stage.COMPOSE, Stage.LISTEN, Stage.RENDER)
"""The stages that leave a part, as the journey goes."""


def keep(
    connection: sa.Connection, task_id: str, round_number: int, part: str, value: Any, seconds: float = 0.0
) -> None:
    """Keep a part, in place of one that was kept before."""
    which = _which(task_id, round_number, part)
    connection.execute(sa.delete(task_parts).where(which))
    connection.execute(
        sa.insert(task_parts).values(
            task_id=task_id, round=round_number, part=str(part), value=value, seconds=seconds, made_at=now()
        )
    )


def find(connection: sa.Connection, task_id: str, round_number: int, part: str) -> Any:
    """A part, or None where there is none."""
    return connection.scalar(sa.select(task_parts.c.value).where(_which(task_id, round_number, part)))


def all_of(connection: sa.Connection, task_id: str, round_number: int) -> tuple[dict[str, Any], dict[str, float]]:
    """The parts of a round, and how many seconds each stage took, by name."""
    rows = connection.execute(
        sa.select(task_parts)
        .where(task_parts.c.task_id == task_id, task_parts.c.round == round_number)
        .order_by(task_parts.c.made_at)
    ).all()
    stages = set(ORDERED)
    return (
        {row.part: row.value for row in rows},
        {row.part: round(row.seconds, 3) for row in rows if row.part in stages and row.seconds > 0},
    )


def carry_over(connection: sa.Connection, task_id: str, old_round: int, new_round: int, names: Iterable[str]) -> None:
    """Copy parts of an earlier round into a new one, as they are."""
    columns = [column for column in task_parts.c if column.name != "round"]
    connection.execute(
        sa.insert(task_parts).from_select(
            ["round", *(column.name for column in columns)],
            sa.select(sa.literal(new_round), *columns).where(
                task_parts.c.task_id == task_id,
                task_parts.c.round == old_round,
                task_parts.c.part.in_([str(name) for name in names]),
            ),
        )
    )


def recent_seconds(connection: sa.Connection, part: str, limit: int) -> list[float]:
    """How long a stage took the last times it really ran, newest first."""
    return list(
        connection.scalars(
            sa.select(task_parts.c.seconds)
            .where(task_parts.c.part == str(part), task_parts.c.seconds > 0)
            .order_by(task_parts.c.made_at.desc())
            .limit(limit)
        )
    )


def _which(task_id: str, round_number: int, part: str) -> sa.ColumnElement[bool]:
    return sa.and_(task_parts.c.task_id == task_id, task_parts.c.round == round_number, task_parts.c.part == str(part))
