"""The task table: the one record of a photo's journey that its owner sees."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.errors import InvalidOption, TaskNotFound
from auratune.core.task import Counts, Stage, Status, Task, TaskPage, progress_of, status_of
from auratune.tasks.schema.tables import tasks

if TYPE_CHECKING:
    from auratune.core.film import Film
    from auratune.core.options import Options
    from auratune.core.photo import Photo

FINAL = tuple(status.value for status in Status if status.is_final)
_LONGEST_PAGE = 200
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the task table: what the owner sees, and what only the desk needs."""

    task: Task
    round: int
    film_round: int
    """The round that made the film that is there; 0 while there is none."""
    fraction: float
    film: Film | None
    sources_kept: bool
    expired: bool

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self.task.task_id


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def new_row(
    *, task_id: str, owner: str, photo: Photo, options: Options, upload_name: str, message: str, made_from: str = ""
) -> dict[str, Any]:
    """The row of a task that has just been accepted."""
    at = now()
    return {
        "task_id": task_id,
        "owner": owner,
        "content_hash": photo.content_hash,
        "created_at": at,
        "modified_at": at,
        "round": 1,
        "film_round": 0,
        "status": Status.UPLOADED.value,
        "stage": Stage.QUEUED.value,
        "fraction": 0.0,
        "progress": 0,
        "message": message,
        "photo": photo,
        "options": options,
        "upload_name": upload_name,
        "made_from": made_from,
        "style": options.style,
        "title": options.title,
        "notices": (),
    }


def find(connection: sa.Connection, task_id: str, owner: str) -> Record:
    """The record of an owner's task. Raises `TaskNotFound` for an unknown id and for another owner's."""
    row = connection.execute(sa.select(tasks).where(tasks.c.task_id == task_id, tasks.c.owner == owner)).one_or_none()
    if row is None or not owner:
        raise TaskNotFound("There is no such task; it may have been deleted.")
    return record_of(row)


def look_up(connection: sa.Connection, task_id: str) -> Record | None:
    """The record of any owner's task, for the engine."""
    row = connection.execute(sa.select(tasks).where(tasks.c.task_id == task_id)).one_or_none()
    return None if row is None else record_of(row)


def live(task_id: str, round_number: int) -> sa.ColumnElement[bool]:
    """Picks the row only while this round of the task is still being worked on; every write of a run goes by it.

    A run whose task was cancelled, deleted or started over in the meantime therefore changes nothing.
    """
    return sa.and_(tasks.c.task_id == task_id, tasks.c.round == round_number, tasks.c.status.notin_(FINAL))


def advance(
    connection: sa.Connection, task_id: str, round_number: int, stage: Stage, fraction: float, message: str
) -> sa.Row[Any] | None:
    """Move a live task on. Returns owner, status, stage, progress and message as they are now, None if not live."""
    percent = progress_of(stage, fraction)
    statement = (
        sa.update(tasks)
        .where(live(task_id, round_number))
        .values(
            status=status_of(stage, fraction).value,
            stage=stage.value,
            fraction=fraction,
            # Two-valued max() of SQLite and GREATEST of Postgres have no common name.
            progress=sa.case((tasks.c.progress > percent, tasks.c.progress), else_=percent),
            message=message,
            modified_at=now(),
        )
        .returning(tasks.c.owner, tasks.c.status, tasks.c.stage, tasks.c.progress, tasks.c.message)
    )
    return connection.execute(statement).one_or_none()


def change(connection: sa.Connection, task_id: str, round_number: int, values: dict[str, Any]) -> sa.Row[Any] | None:
    """Set columns of a live task; returns the same as `advance`."""
    statement = (
        sa.update(tasks)
        .where(live(task_id, round_number))
        .values(modified_at=now(), **values)
        .returning(tasks.c.owner, tasks.c.status, tasks.c.stage, tasks.c.progress, tasks.c.message)
    )
    return connection.execute(statement).one_or_none()


def page(
    connection: sa.Connection, owner: str, *, limit: int, cursor: str = "", status: str = "", query: str = ""
) -> tuple[tuple[Record, ...], int, int, str]:
    """An owner's records, newest first, with the count and size of all that match, and the next page's cursor.

    Raises `InvalidOption` for a status or cursor that does not exist.
    """
    matching = sa.and_(*_conditions(owner, status, query))
    total, size = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(tasks.c.size_bytes), 0)).where(matching)
    ).one()
    limit = max(1, min(_LONGEST_PAGE, limit))
    statement = sa.select(tasks).where(matching)
    if cursor:
        at, last_id = _open_cursor(cursor)
        statement = statement.where(
            sa.or_(tasks.c.created_at < at, sa.and_(tasks.c.created_at == at, tasks.c.task_id < last_id))
        )
    rows = connection.execute(
        statement.order_by(tasks.c.created_at.desc(), tasks.c.task_id.desc()).limit(limit + 1)
    ).all()
    records = tuple(record_of(row) for row in rows[:limit])
    following = _close_cursor(records[-1].task) if len(rows) > limit else ""
    return records, total, size, following


def counts(connection: sa.Connection) -> Counts:
    """How many tasks there are, are being worked on, and wait."""
    by_status: dict[str, int] = {
        row.status: row.number
        for row in connection.execute(
            sa.select(tasks.c.status, sa.func.count().label("number"))
            .where(tasks.c.expired.is_(False))
            .group_by(tasks.c.status)
        )
    }
    queued = by_status.get(Status.UPLOADED, 0)
    final = sum(by_status.get(status, 0) for status in FINAL)
    total = sum(by_status.values())
    return Counts(total=total, active=total - queued - final, queued=queued)


def waiting_since(connection: sa.Connection) -> list[datetime]:
    """When each task that waits for its turn was accepted, oldest first."""
    statement = sa.select(tasks.c.created_at).where(tasks.c.status == Status.UPLOADED).order_by(tasks.c.created_at)
    return list(connection.scalars(statement))


def readable_name(title: str, upload_name: str, created_at: datetime) -> str:
    """A name for the film that people can read and every file system takes; ends in .mp4."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", upload_name.replace("\\", "/").rsplit("/", 1)[-1])
    for text in (title, stem):
        words = " ".join(re.sub(r"[^\w' -]+", " ", text).split())[:80].strip(" .-'")
        if words:
            return f"{words}.mp4"
    return f"AuraTune {created_at:%Y-%m-%d %H-%M}.mp4"


def record_of(row: sa.Row[Any]) -> Record:
    """The record in a row of the task table; the receipt is added by whoever needs it."""
    film: Film | None = row.film
    task = Task(
        task_id=row.task_id,
        owner=row.owner,
        status=Status(row.status),
        stage=Stage(row.stage),
        progress=row.progress,
        message=row.message,
        created_at=row.created_at,
        modified_at=row.modified_at,
        filename=readable_name(row.title, row.upload_name, row.created_at),
        photo=row.photo,
        options=row.options,
        error_code=row.error_code,
        error_message=row.error_message,
        retryable=row.retryable,
        title=row.title,
        caption=row.caption,
        lyrics=row.lyrics,
        style=row.style,
        words_by=row.words_by,
        music_by=row.music_by,
        notices=row.notices,
        duration_seconds=film.length_seconds if film else None,
        width_px=film.width_px if film else None,
        height_px=film.height_px if film else None,
        size_bytes=row.size_bytes,
        checksum=film.checksum if film else "",
    )
    return Record(
        task=task,
        round=row.round,
        film_round=row.film_round,
        fraction=row.fraction,
        film=film,
        sources_kept=row.sources_kept,
        expired=row.expired,
    )


def page_of(records: tuple[Task, ...], total: int, size: int, following: str) -> TaskPage:
    """The page that clients get."""
    return TaskPage(tasks=records, total_count=total, total_bytes=size, next_cursor=following)


def _conditions(owner: str, status: str, query: str) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [tasks.c.owner == owner, tasks.c.expired.is_(False)]
    if status:
        if status not in set(Status):
            raise InvalidOption(f"status must be one of {', '.join(Status)}.", code="bad_status")
        conditions.append(tasks.c.status == status)
    for word in query.split():
        pattern = "%" + re.sub(r"([\\%_])", r"\\\1", word) + "%"
        conditions.append(
            sa.or_(*(column.ilike(pattern, escape="\\") for column in (tasks.c.title, tasks.c.caption, tasks.c.lyrics)))
        )
    return conditions


def _close_cursor(task: Task) -> str:
    text = f"{(task.created_at - _EPOCH) // _MICROSECOND}.{task.task_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _open_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        microseconds, _, task_id = text.partition(".")
        return _EPOCH + int(microseconds) * _MICROSECOND, task_id
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidOption("That page does not exist; start again without a cursor.", code="bad_cursor") from error
