"""What each stage returned, once: a run goes on from there, a retry takes it over, and the owner sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core import serialization
from auratune.core.task import Stage
from auratune.tasks.schema.tables import stage_results
from auratune.tasks.task_table import now

if TYPE_CHECKING:
    from collections.abc import Iterable

ORDERED = tuple(stage for stage in Stage if stage not in {Stage.QUEUED, Stage.FINISHED})
"""The stages that return something, in their order."""


def keep(connection: sa.Connection, task_id: str, attempt: int, stage: Stage, value: Any, seconds: float = 0.0) -> None:
    """Keep a stage's result. A result that is there already stays: the commit whose answer was lost had worked."""
    there = sa.exists().where(_of(task_id, attempt), stage_results.c.stage == stage.value)
    if not connection.scalar(sa.select(there)):
        connection.execute(
            sa.insert(stage_results).values(
                task_id=task_id, attempt=attempt, stage=stage.value, value=value, seconds=seconds, finished_at=now()
            )
        )


def all_of(connection: sa.Connection, task_id: str, attempt: int) -> tuple[dict[Stage, Any], dict[str, float]]:
    """The results of an attempt by stage, and how many seconds each stage took that ran in it."""
    rows = connection.execute(sa.select(stage_results).where(_of(task_id, attempt))).all()
    return (
        {Stage(row.stage): row.value for row in rows},
        {row.stage: round(row.seconds, 3) for row in rows if row.seconds > 0},
    )


def forget(connection: sa.Connection, task_ids: list[str], *, all_but: int | None = None) -> None:
    """Remove the results of tasks, or those of all but one attempt."""
    which = stage_results.c.task_id.in_(task_ids)
    connection.execute(
        sa.delete(stage_results).where(which if all_but is None else which & (stage_results.c.attempt != all_but))
    )


def recent_seconds(connection: sa.Connection, stage: Stage, limit: int) -> list[float]:
    """How long a stage took the last times it really ran, newest first."""
    return list(
        connection.scalars(
            sa.select(stage_results.c.seconds)
            .where(stage_results.c.stage == stage.value, stage_results.c.seconds > 0)
            .order_by(stage_results.c.finished_at.desc())
            .limit(limit)
        )
    )


def keys_in(values: Iterable[Any]) -> set[str]:
    """Every key of the store that values name, with the film's lyrics, which are beside it."""
    found = {key for value in values for key in re.findall(r'"(tasks/[^"]+)"', serialization.dumps(value).decode())}
    return found | {lyrics_key(key) for key in found if key.endswith("/film.mp4")}


def lyrics_key(film_key: str) -> str:
    """Where a film's lyrics are as LRC."""
    return f"{film_key.rsplit('.', 1)[0]}.lrc"


def _of(task_id: str, attempt: int) -> sa.ColumnElement[bool]:
    return sa.and_(stage_results.c.task_id == task_id, stage_results.c.attempt == attempt)
