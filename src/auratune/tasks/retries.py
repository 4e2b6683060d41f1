"""Second tries: a failed film from its last good stage, a finished one with other music, a remake in another style."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.errors import InvalidOption, TaskConflict, TaskExpired
from auratune.core.options import LOOKS
from auratune.core.task import Stage, Status
from auratune.tasks import events, file_claims, results, task_table
from auratune.tasks.schema.tables import task_parts, tasks
from auratune.tasks.stage_policies import WAITING
from auratune.tasks.submission import enter
from auratune.tasks.task_columns import facts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.options import Options
    from auratune.core.treatment import Treatment
    from auratune.tasks.task_table import Record

    Enqueue = Callable[[sa.Connection, str, int], None]

_SPARE_SECONDS = 0.5


def retry(connection: sa.Connection, record: Record, music: str, enqueue: Enqueue) -> None:
    """Begin a new round of a task; with `music`, ask that composer and remake only what follows.

    What earlier rounds made is reused as far as it is good. A new round is a person's word, so it may pay again.
    Raises `TaskConflict` and `TaskExpired`.
    """
    task = record.task
    if not task.status.is_final:
        raise TaskConflict("This film is still being made; wait for it, or stop it first.", code="task_still_running")
    if task.status is Status.DONE and not music:
        raise TaskConflict("This film is finished already; there is nothing to try again.", code="task_already_done")
    _need_sources(record)
    base = record.film_round if task.status is Status.DONE else record.round
    known, _ = results.all_of(connection, task.task_id, base)
    good = _still_good(known, music, record)
    number = record.round + 1
    results.carry_over(connection, task.task_id, base, number, good)
    options = replace(task.options, music=music) if music else task.options
    if music and Stage.WRITE in good:
        treatment: Treatment = known[Stage.WRITE]
        asked = replace(treatment, music=replace(treatment.music, composer=music))
        results.keep(connection, task.task_id, number, Stage.WRITE, asked)
    row = connection.execute(
        sa.update(tasks)
        .where(tasks.c.task_id == task.task_id)
        .values(
            **facts_of({name: known[name] for name in good}, options),
            round=number,
            options=options,
            status=Status.UPLOADED.value,
            stage=Stage.QUEUED.value,
            fraction=0.0,
            progress=0,
            message=WAITING,
            error_code="",
            error_message="",
            retryable=False,
            modified_at=task_table.now(),
        )
        .returning(tasks.c.owner, tasks.c.status, tasks.c.stage, tasks.c.progress, tasks.c.message)
    ).one()
    events.tell(connection, task.task_id, row, milestone=True)
    enqueue(connection, task.task_id, number)


def remake(connection: sa.Connection, record: Record, options: Options, enqueue: Enqueue) -> str:
    """Make a new task of the same photo and song with other wishes; return its id. No provider is asked again.

    Raises `TaskConflict`, `TaskExpired`, and `InvalidOption` when the song is too short for the film.
    """
    task = record.task
    if record.film is None:
        raise TaskConflict("Only a finished film can be made again in another style.", code="task_not_finished")
    _need_sources(record)
    known, _ = results.all_of(connection, task.task_id, record.film_round)
    song = known[Stage.COMPOSE]
    if song.length_seconds + _SPARE_SECONDS < options.format.length_seconds:
        raise InvalidOption(
            f"The song is {song.length_seconds:.0f} seconds long; ask for a film that is not longer.",
            code="song_too_short",
        )
    known[Stage.WRITE] = _restyled(known[Stage.WRITE], options)
    reused: dict[str, Any] = {stage: known[stage] for stage in (Stage.ANALYZE, Stage.WRITE, Stage.ORDER, Stage.COMPOSE)}
    task_id = str(uuid.uuid4())
    row: dict[str, Any] = task_table.new_row(
        task_id=task_id,
        owner=task.owner,
        photo=task.photo,
        options=options,
        upload_name=task.filename,
        message=WAITING,
        made_from=task.task_id,
    )
    enter(connection, row | facts_of(reused, options), enqueue)
    for stage, value in reused.items():
        results.keep(connection, task_id, 1, stage, value)
    file_claims.claim(connection, task_id, [task.photo.key, reused[Stage.ORDER].key, song.key], is_source=True)
    return task_id


def restore(connection: sa.Connection, record: Record, notice: str) -> bool:
    """Go back to the film that was there before a new round, which failed or was stopped; False when there was none."""
    if record.film is None or record.film_round in {0, record.round}:
        return False
    known, _ = results.all_of(connection, record.task_id, record.film_round)
    facts = facts_of(known, record.task.options)
    facts["notices"] = tuple(dict.fromkeys((*facts["notices"], *([notice] if notice else []))))
    row = task_table.change(
        connection,
        record.task_id,
        record.round,
        facts
        | {
            "status": Status.DONE.value,
            "stage": Stage.FINISHED.value,
            "fraction": 1.0,
            "progress": 100,
            "message": notice or "The earlier film stays.",
        },
    )
    if row is None:
        return False
    events.tell(connection, record.task_id, row, milestone=True)
    _adopt_song(connection, record)
    return True


def drop_other_rounds(connection: sa.Connection, task_id: str, round_number: int) -> None:
    """Forget what earlier rounds made, once a later one has its film."""
    connection.execute(sa.delete(task_parts).where(task_parts.c.task_id == task_id, task_parts.c.round != round_number))


def _adopt_song(connection: sa.Connection, record: Record) -> None:
    # The new song has taken the former one's place in the store: a later remake must know it by its own facts.
    made, _ = results.all_of(connection, record.task_id, record.round)
    if Stage.COMPOSE in made:
        for stage in (Stage.ORDER, Stage.COMPOSE):
            results.keep(connection, record.task_id, record.film_round, stage, made[stage])


def _need_sources(record: Record) -> None:
    if record.expired:
        raise TaskExpired("This film was removed after its time; send the photo again.")
    if not record.sources_kept:
        raise TaskConflict(
            "The photo and the song were not kept (KEEP_SOURCES is off); send the photo again.",
            code="sources_not_kept",
        )


def _still_good(known: dict[str, Any], music: str, record: Record) -> list[str]:
    wanted = (Stage.ANALYZE, Stage.WRITE) if music else results.ORDERED
    good: list[str] = []
    for stage in wanted:
        if stage not in known:
            break
        good.append(stage)
    # An order that could not be collected, and never will be, must be placed anew.
    failed_for_good = record.task.status is Status.ERROR and not record.task.retryable
    if good and good[-1] == Stage.ORDER and failed_for_good:
        good.pop()
    return good


def _restyled(treatment: Treatment, options: Options) -> Treatment:
    return replace(
        treatment,
        title=options.title or treatment.title,
        look=options.style if options.style in LOOKS else treatment.look,
    )
