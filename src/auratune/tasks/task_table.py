"""What the tables tell of tasks: found, listed, counted, and changed by whoever holds an attempt's fencing token."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.errors import TaskNotFound
from auratune.core.task import Counts, Stage, Status, Task
from auratune.tasks import deliveries, events
from auratune.tasks.schema.tables import attempts, tasks

if TYPE_CHECKING:
    from auratune.core.film import Film, FirstCut

FINAL = tuple(status.value for status in Status if status.is_final)
# Written out, since SQLite uses the index of unfinished attempts only for the very words of its condition.
UNFINISHED = attempts.c.status.notin_(sa.bindparam("final", FINAL, expanding=True, literal_execute=True))
_CHANGED = ("task_id", "attempt", "owner", "status", "stage", "progress", "message")
_OF_TASK = (
    *(tasks.c.photo, tasks.c.upload_name, tasks.c.sources_kept, tasks.c.notice, tasks.c.made_from),
    tasks.c.share_version,
)
RECORDS = sa.select(attempts, *_OF_TASK).join(tasks, tasks.c.task_id == attempts.c.task_id)


@dataclass(frozen=True, slots=True)
class Record:
    """The attempt of a task that its owner sees, and what only this package needs to know of it."""

    task: Task
    attempt: int
    fraction: float
    film: Film | None
    first_cut: FirstCut | None
    sources_kept: bool
    expired: bool
    run_id: str
    run_count: int
    workflow_id: str

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self.task.task_id


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def fence(task_id: str, attempt: int, run_id: str) -> sa.ColumnElement[bool]:
    """Picks the attempt only while it is unfinished and this run works on it; every write of a run goes by it.

    A run whose attempt was cancelled, deleted or taken over in the meantime therefore changes nothing.
    """
    return sa.and_(_key(task_id, attempt), attempts.c.run_id == run_id, UNFINISHED)


def unfinished(task_id: str, attempt: int) -> sa.ColumnElement[bool]:
    """Picks an attempt as long as it has not ended."""
    return sa.and_(_key(task_id, attempt), UNFINISHED)


def shown(task_id: str) -> sa.ColumnElement[bool]:
    """Picks the attempt that the task's owner sees."""
    return sa.and_(attempts.c.task_id == task_id, attempts.c.shown.is_(True))


def change(
    connection: sa.Connection, which: sa.ColumnElement[bool], values: dict[str, Any], *, milestone: bool = True
) -> bool:
    """Set columns of the attempt that is picked and note what happened as an event; False when none is.

    An end is told to the task's webhook too, so that neither is without the other.
    """
    statement = (
        sa.update(attempts)
        .where(which)
        .values(modified_at=now(), **values)
        .returning(*(attempts.c[name] for name in _CHANGED))
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return False
    if row.status in FINAL:
        deliveries.enqueue(connection, row.task_id, row.attempt)
    events.tell(connection, row, milestone=milestone)
    return True


def find(connection: sa.Connection, task_id: str, owner: str) -> Record:
    """The record of an owner's task. Raises `TaskNotFound` for an unknown id and for another owner's."""
    record = look_up(connection, task_id)
    if record is None or not owner or record.task.owner != owner:
        raise TaskNotFound("There is no such task; it may have been deleted.")
    return record


def look_up(connection: sa.Connection, task_id: str, attempt: int | None = None) -> Record | None:
    """The record of any owner's task, by the attempt that is shown or by another one."""
    which = shown(task_id) if attempt is None else _key(task_id, attempt)
    row = connection.execute(RECORDS.where(which)).one_or_none()
    return None if row is None else record_of(row)


def counts(connection: sa.Connection) -> Counts:
    """How many tasks there are, are being worked on, and wait."""
    total = connection.scalar(sa.select(sa.func.count()).select_from(tasks)) or 0
    rows = connection.execute(
        sa.select(attempts.c.status, sa.func.count())
        .where(UNFINISHED, attempts.c.shown.is_(True))
        .group_by(attempts.c.status)
    )
    by_status: dict[str, int] = {row[0]: row[1] for row in rows}
    queued = by_status.get(Status.UPLOADED, 0)
    return Counts(total=total, active=sum(by_status.values()) - queued, queued=queued)


def waiting_since(connection: sa.Connection) -> list[datetime]:
    """When each task that waits for its turn was accepted, oldest first."""
    statement = sa.select(attempts.c.created_at).where(UNFINISHED, attempts.c.status == Status.UPLOADED.value)
    return list(connection.scalars(statement.order_by(attempts.c.created_at)))


def readable_name(title: str, upload_name: str, created_at: datetime) -> str:
    """A name for the film that people can read and every file system takes; ends in .mp4."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", upload_name.replace("\\", "/").rsplit("/", 1)[-1])
    for text in (title, stem):
        words = " ".join(re.sub(r"[^\w' -]+", " ", text).split())[:80].strip(" .-'")
        if words:
            return f"{words}.mp4"
    return f"AuraTune {created_at:%Y-%m-%d %H-%M}.mp4"


_SAME_NAMES = (
    *("task_id", "owner", "progress", "message", "created_at", "modified_at", "photo", "options", "made_from"),
    *("error_code", "error_message", "retryable", "title", "caption", "lyrics", "style", "words_by", "music_by"),
    *("size_bytes", "share_version"),
)


def record_of(row: sa.Row[Any]) -> Record:
    """The record in a row of both tables; the receipt is added by whoever needs it."""
    columns, film = row._mapping, row.film
    values = {name: columns[name] for name in _SAME_NAMES}
    if row.notice:
        values["message"] = row.notice
    if row.first_cut:
        values["music_by"] = row.first_cut.song.music_by
    task = Task(
        **values,
        status=Status(row.status),
        stage=Stage(row.stage),
        filename=readable_name(row.title, row.upload_name, row.created_at),
        notices=(*row.notices, *([row.notice] if row.notice else [])),
        duration_seconds=film.length_seconds if film else None,
        width_px=film.width_px if film else None,
        height_px=film.height_px if film else None,
        checksum=film.checksum if film else "",
        first_cut=row.first_cut is not None,
    )
    same = ("attempt", "fraction", "film", "first_cut", "sources_kept", "expired", "run_id", "run_count", "workflow_id")
    return Record(task=task, **{name: columns[name] for name in same})


def _key(task_id: str, attempt: int) -> sa.ColumnElement[bool]:
    return sa.and_(attempts.c.task_id == task_id, attempts.c.attempt == attempt)
