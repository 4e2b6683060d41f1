"""An owner's library: tasks that match a filter, newest first, page by page."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from auratune.core.errors import InvalidOption
from auratune.core.task import Stage, Status
from auratune.tasks import search
from auratune.tasks.schema.tables import attempts, stage_results, tasks
from auratune.tasks.task_table import RECORDS, record_of

if TYPE_CHECKING:
    from auratune.core.task import Task, TaskFilter
    from auratune.tasks.task_table import Record

_LONGEST_PAGE = 200
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def matching(owner: str, which: TaskFilter) -> sa.ColumnElement[bool]:
    """Picks an owner's tasks. Raises `InvalidOption` for a status or month that does not exist."""
    conditions = [attempts.c.owner == owner, attempts.c.shown.is_(True), attempts.c.expired.is_(False)]
    if which.status:
        if which.status not in set(Status):
            raise InvalidOption(f"`status` must be one of {', '.join(Status)}.")
        conditions.append(attempts.c.status == which.status)
    if which.look:
        conditions.append(_has_look(which.look))
    if which.maker:
        conditions.append(sa.or_(attempts.c.words_by == which.maker, attempts.c.music_by == which.maker))
    if which.month:
        start, end = _month(which.month)
        conditions += [attempts.c.created_at >= start, attempts.c.created_at < end]
    if which.origin:
        remakes = sa.select(tasks.c.task_id).where(tasks.c.owner == owner, tasks.c.made_from == which.origin)
        conditions.append(sa.or_(attempts.c.task_id == which.origin, attempts.c.task_id.in_(remakes)))
    if which.query:
        conditions.append(search.contains(which.query))
    return sa.and_(*conditions)


def page(
    connection: sa.Connection, matching: sa.ColumnElement[bool], *, limit: int, cursor: str
) -> tuple[tuple[Record, ...], str]:
    """Records, newest first, and the next page's cursor. Raises `InvalidOption` for a cursor that does not exist."""
    limit = max(1, min(_LONGEST_PAGE, limit))
    statement = RECORDS.where(matching)
    place = (attempts.c.created_at, attempts.c.task_id)
    if cursor:
        at, last_id = _open_cursor(cursor)
        statement = statement.where(sa.tuple_(*place) < sa.tuple_(sa.literal(at, place[0].type), last_id))
    rows = connection.execute(statement.order_by(*(column.desc() for column in place)).limit(limit + 1)).all()
    records = tuple(record_of(row) for row in rows[:limit])
    return records, _close_cursor(records[-1].task) if len(rows) > limit else ""


def totals(connection: sa.Connection, matching: sa.ColumnElement[bool]) -> tuple[int, int, datetime | None]:
    """Count, bytes, and the time of the oldest of all tasks that match."""
    size = sa.func.coalesce(sa.func.sum(attempts.c.size_bytes), 0)
    oldest = sa.func.min(attempts.c.created_at)
    row = connection.execute(sa.select(sa.func.count(), size, oldest).where(matching)).one()
    return row[0], row[1], row[2]


def _has_look(look: str) -> sa.ColumnElement[bool]:
    # The look stands in the treatment alone, which is JSON; a quotation mark within its texts is escaped there.
    pattern = f'%"look":"{_literally(look)}"%'
    return sa.exists().where(
        stage_results.c.task_id == attempts.c.task_id,
        stage_results.c.attempt == attempts.c.attempt,
        stage_results.c.stage == Stage.WRITE.value,
        sa.type_coerce(stage_results.c.value, sa.Text).like(pattern, escape="\\"),
    )


def _month(month: str) -> tuple[datetime, datetime]:
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        return start, (start + timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError) as error:
        raise InvalidOption("`month` must be a year and a month, such as `2026-05`.") from error


def _literally(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _close_cursor(task: Task) -> str:
    text = f"{(task.created_at - _EPOCH) // _MICROSECOND}.{task.task_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _open_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        microseconds, _, task_id = text.partition(".")
        return _EPOCH + int(microseconds) * _MICROSECOND, str(UUID(task_id))
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidOption("That page does not exist; start again without a cursor.", code="bad_cursor") from error
