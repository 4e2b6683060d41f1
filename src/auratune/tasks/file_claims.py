"""Which task needs which file, so that a file goes when the last task that needs it goes, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.tasks.schema.tables import task_files

if TYPE_CHECKING:
    from collections.abc import Iterable


def claim(connection: sa.Connection, task_id: str, keys: Iterable[str], *, is_source: bool = False) -> None:
    """Note that a task needs files; empty keys are passed over, and claiming twice is fine."""
    held = set(connection.scalars(sa.select(task_files.c.key).where(task_files.c.task_id == task_id)))
    fresh = [key for key in dict.fromkeys(keys) if key and key not in held]
    if fresh:
        connection.execute(
            sa.insert(task_files), [{"task_id": task_id, "key": key, "is_source": is_source} for key in fresh]
        )


def let_go(connection: sa.Connection, task_id: str, *, only_sources: bool = False) -> list[str]:
    """Give up a task's files; return those that no other task needs, for the caller to delete after the commit."""
    mine = [task_files.c.task_id == task_id]
    if only_sources:
        mine.append(task_files.c.is_source.is_(True))
    keys = list(connection.scalars(sa.select(task_files.c.key).where(*mine)))
    connection.execute(sa.delete(task_files).where(*mine))
    still_needed = set(connection.scalars(sa.select(task_files.c.key).where(task_files.c.key.in_(keys))))
    return [key for key in keys if key not in still_needed]


def all_keys(connection: sa.Connection) -> set[str]:
    """Every key that some task needs."""
    return set(connection.scalars(sa.select(task_files.c.key).distinct()))
