"""Attempts: begun by a person, ended once, never changed after that. Statements for the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.errors import TaskConflict, TaskExpired
from auratune.core.task import Stage, Status
from auratune.tasks import events, first_cuts, ledger, results, search, task_table
from auratune.tasks.fairness import next_priority
from auratune.tasks.schema.tables import OF_A_TASK, attempts, tasks
from auratune.tasks.stage_policies import READY, STOPPED, STOPPING, WAITING
from auratune.tasks.task_columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.errors import AuraTuneError
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.tasks.task_table import Record

    Enqueue = Callable[[sa.Connection, str, int, int], str]
    """Queues an attempt of a task, with a priority, in the caller's transaction; returns the workflow's id."""


def create(
    connection: sa.Connection,
    enqueue: Enqueue,
    *,
    task_id: str,
    owner: str,
    photo: Photo,
    options: Options,
    upload_name: str,
    made_from: str = "",
    callback_url: str = "",
    known: dict[Stage, Any] | None = None,
) -> None:
    """Write a new task with its first attempt, which starts from the results that are known, and queue it."""
    at = task_table.now()
    connection.execute(
        sa.insert(tasks).values(
            task_id=task_id,
            owner=owner,
            content_hash=photo.content_hash,
            photo=photo,
            upload_name=upload_name,
            made_from=made_from,
            callback_url=callback_url,
            created_at=at,
        )
    )
    _begin(connection, enqueue, task_id, 1, owner=owner, created_at=at, options=options, known=known or {})


def retry(connection: sa.Connection, record: Record, music: str, enqueue: Enqueue) -> None:
    """Begin a new attempt; with `music`, ask that composer and make only what follows anew.

    What is good is taken over. A new attempt is a person's word, so it may pay again. Raises `TaskConflict` and
    `TaskExpired`.
    """
    task = record.task
    if not task.status.is_final:
        raise TaskConflict("This film is still being made; wait for it, or stop it first.", code="task_still_running")
    if task.status is Status.DONE and not music:
        raise TaskConflict("This film is finished already; there is nothing to try again.", code="task_already_done")
    need_sources(record)
    if is_running(connection, task.task_id):
        raise TaskConflict(
            "This film is still being stopped; try again in a moment.", code="task_still_stopping", retryable=True
        )
    known = _still_good(results.all_of(connection, task.task_id, record.attempt)[0], music, record)
    if music and Stage.WRITE in known:
        treatment = known[Stage.WRITE]
        known[Stage.WRITE] = replace(treatment, music=replace(treatment.music, composer=music))
    connection.execute(sa.update(attempts).where(task_table.shown(task.task_id)).values(shown=False))
    connection.execute(sa.update(tasks).where(tasks.c.task_id == task.task_id).values(notice=""))
    ledger.give_up(connection, task.task_id)
    _begin(
        connection,
        enqueue,
        task.task_id,
        latest(connection, task.task_id) + 1,
        owner=task.owner,
        created_at=task.created_at,
        options=replace(task.options, music=music) if music else task.options,
        known=known,
        # A film that is there stays in sight until the new one takes its place.
        film=record.film,
        size_bytes=task.size_bytes,
    )


def finish(connection: sa.Connection, task_id: str, attempt: int, run_id: str, *, keep_sources: bool) -> bool:
    """The film is there: what users see from now on. False when the run was superseded."""
    values = {"status": Status.DONE.value, "stage": Stage.FINISHED.value, "fraction": 1.0, "progress": 100}
    if not task_table.change(
        connection,
        task_table.fence(task_id, attempt, run_id),
        {**values, "message": READY, "first_cut": None, "run_id": ""},
    ):
        return False
    connection.execute(sa.update(tasks).where(tasks.c.task_id == task_id).values(sources_kept=keep_sources))
    results.forget(connection, [task_id], all_but=attempt)
    return True


def fail(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    task_id: str,
    error: AuraTuneError,
    *,
    keep_sources: bool = True,
) -> Status | None:
    """The attempt ended with an error; an earlier film stays, and so does a first cut, with a notice.

    Returns how the attempt ended; None when it had ended before.
    """
    notice = f"The film with the song that was asked for could not be made, so the first cut stays. {error.message}"
    if first_cuts.keep(connection, which, keep_sources=keep_sources, notice=notice, run_id=""):
        return Status.DONE
    ended = task_table.change(
        connection,
        which,
        {
            "status": Status.ERROR.value,
            "message": error.message,
            "error_code": error.code,
            "error_message": error.message,
            "retryable": error.retryable,
            "run_id": "",
        },
    )
    if not ended:
        return None
    _show_published(connection, task_id, f"Another try did not work, so the earlier film stays. {error.message}")
    return Status.ERROR


def let_go(connection: sa.Connection, which: sa.ColumnElement[bool], message: str) -> bool:
    """The service lacks what every film needs: the run ends, and another one takes it up. False when it ended."""
    values = {"message": message, "run_id": "", "run_count": attempts.c.run_count - 1}
    return task_table.change(connection, which, values)


def cancel(connection: sa.Connection, task_id: str, *, keep_sources: bool = True) -> Status | None:
    """Its owner stopped the task; a first cut becomes the film, an earlier film is shown again.

    Returns how the attempt ended; None when it had ended before.
    """
    message = STOPPING if ledger.is_paying(connection, task_id) else STOPPED
    which = sa.and_(task_table.shown(task_id), task_table.UNFINISHED)
    if first_cuts.keep(connection, which, keep_sources=keep_sources):
        return Status.DONE
    cancelled = task_table.change(connection, which, {"status": Status.CANCELLED.value, "message": message})
    if not cancelled:
        return None
    _show_published(connection, task_id, "")
    return Status.CANCELLED


def release(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """No run works any more on attempts that have ended; the owner is told that they have stopped."""
    ended = sa.and_(which, attempts.c.run_id != "", ~task_table.UNFINISHED)
    rows = connection.execute(sa.select(attempts.c.task_id, attempts.c.attempt).where(ended)).all()
    for row in rows:
        one = sa.and_(attempts.c.task_id == row.task_id, attempts.c.attempt == row.attempt)
        message = sa.case((attempts.c.message == STOPPING, STOPPED), else_=attempts.c.message)
        connection.execute(sa.update(attempts).where(one).values(run_id="", message=message))


def remove(connection: sa.Connection, task_id: str) -> None:
    """Remove a task's rows. What was spent stays in the ledger; a workflow that is left finds nothing to do."""
    results.forget(connection, [task_id])
    for table in OF_A_TASK:
        connection.execute(sa.delete(table).where(table.c.task_id == task_id))


def is_running(connection: sa.Connection, task_id: str) -> bool:
    """Whether a run of the task, cancelled or not, has not come to its end."""
    running = sa.exists().where(attempts.c.task_id == task_id, attempts.c.run_id != "")
    return bool(connection.scalar(sa.select(running)))


def latest(connection: sa.Connection, task_id: str) -> int:
    """The number of the latest attempt, whatever became of it."""
    return connection.scalar(sa.select(sa.func.max(attempts.c.attempt)).where(attempts.c.task_id == task_id)) or 0


def published(connection: sa.Connection, task_id: str) -> int | None:
    """The latest attempt with a film, or None."""
    done = sa.and_(attempts.c.task_id == task_id, attempts.c.status == Status.DONE.value)
    number: int | None = connection.scalar(sa.select(sa.func.max(attempts.c.attempt)).where(done))
    return number


def need_sources(record: Record) -> None:
    """Raise unless the task's photo and song can be used again."""
    if record.expired:
        raise TaskExpired("This film was removed after its time; send the photo again.")
    if not record.sources_kept:
        raise TaskConflict(
            "The photo and the song were not kept (KEEP_SOURCES is off); send the photo again.",
            code="sources_not_kept",
        )


def _begin(
    connection: sa.Connection,
    enqueue: Enqueue,
    task_id: str,
    attempt: int,
    *,
    owner: str,
    options: Options,
    known: dict[Stage, Any],
    **values: Any,
) -> None:
    priority = next_priority(connection, owner)
    workflow_id = enqueue(connection, task_id, attempt, priority)
    row = connection.execute(
        sa.insert(attempts)
        .values(
            {
                "style": options.style,
                "title": options.title,
                **columns_of(known, options),
                **values,
                "task_id": task_id,
                "attempt": attempt,
                "owner": owner,
                "options": options,
                "modified_at": task_table.now(),
                "status": Status.UPLOADED.value,
                "stage": Stage.QUEUED.value,
                "message": WAITING,
                "workflow_id": workflow_id,
                "priority": priority,
            }
        )
        .returning(*(attempts.c[name] for name in ("task_id", "owner", "status", "stage", "progress", "message")))
    ).one()
    events.tell(connection, row, milestone=True)
    search.keep(connection, task_id, attempt, {"title": options.title, **columns_of(known, options)})
    for stage, value in known.items():
        results.keep(connection, task_id, attempt, stage, value)


def _show_published(connection: sa.Connection, task_id: str, notice: str) -> None:
    attempt = published(connection, task_id)
    if attempt is None:
        return
    connection.execute(sa.update(attempts).where(task_table.shown(task_id)).values(shown=False))
    connection.execute(sa.update(tasks).where(tasks.c.task_id == task_id).values(notice=notice))
    row = connection.execute(
        sa.update(attempts)
        .where(attempts.c.task_id == task_id, attempts.c.attempt == attempt)
        .values(shown=True)
        .returning(
            attempts.c.task_id,
            attempts.c.owner,
            attempts.c.status,
            attempts.c.stage,
            attempts.c.progress,
            sa.literal(notice or "The earlier film stays.").label("message"),
        )
    ).one()
    events.tell(connection, row, milestone=True)


def _still_good(known: dict[Stage, Any], music: str, record: Record) -> dict[Stage, Any]:
    good: dict[Stage, Any] = {}
    for stage in (Stage.ANALYZE, Stage.WRITE) if music else results.ORDERED:
        if stage not in known:
            break
        good[stage] = known[stage]
    # A song that could not be collected, and never will be, must be ordered anew.
    failed_for_good = record.task.status is Status.ERROR and not record.task.retryable
    if good and list(good)[-1] is Stage.ORDER and failed_for_good:
        del good[Stage.ORDER]
    return good
