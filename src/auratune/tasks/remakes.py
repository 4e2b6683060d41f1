"""Remakes: what a film of the same photo and song in another style starts from."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auratune.core.errors import InvalidOption, TaskConflict
from auratune.core.task import Stage, Status, Submission
from auratune.providers.words.style_request import read_style, remake_notices, style_notices
from auratune.tasks import attempts, results
from auratune.tasks.schema.old_files import copy_objects

if TYPE_CHECKING:
    import sqlalchemy as sa

    from auratune.core.options import Options
    from auratune.core.ports import ObjectStore
    from auratune.core.treatment import Treatment
    from auratune.tasks.attempts import Enqueue
    from auratune.tasks.database import Database
    from auratune.tasks.task_table import Record

_SPARE_SECONDS = 0.5


def create_remake(
    database: Database,
    store: ObjectStore,
    enqueue: Enqueue,
    record: Record,
    known: dict[Stage, Any],
    options: Options,
    callback_url: str,
) -> Submission:
    """Write and queue a remake of a record's film, with copies of what is `known` of it."""
    new_id = str(uuid.uuid4())
    # Copies whose task is never written belong to nobody and are swept up later.
    photo, *values = copy_objects(store, [record.task.photo, *known.values()], f"tasks/{new_id}/1/remake")
    database.write(
        lambda connection: attempts.create(
            connection,
            enqueue,
            task_id=new_id,
            owner=record.task.owner,
            photo=photo,
            options=options,
            upload_name=record.task.filename,
            made_from=record.task.made_from or record.task_id,
            callback_url=callback_url,
            known=dict(zip(known, values, strict=True)),
        )
    )
    return Submission(task_id=new_id)


def remake_of(connection: sa.Connection, record: Record, options: Options) -> dict[Stage, Any]:
    """The results with which a film of the same photo and song in another style starts.

    Raises `TaskConflict`, `TaskExpired`, and `InvalidOption` when the song is too short for the film.
    """
    if record.film is None or record.first_cut:
        raise TaskConflict("Only a finished film can be made again in another style.", code="task_not_finished")
    attempts.need_sources(record)
    attempt = record.attempt if record.task.status is Status.DONE else attempts.published(connection, record.task_id)
    known, _ = results.all_of(connection, record.task_id, attempt or record.attempt)
    song = known[Stage.COMPOSE]
    if song.length_seconds + _SPARE_SECONDS < options.format.length_seconds:
        raise InvalidOption(
            f"The song is {song.length_seconds:.0f} seconds long; ask for a film that is not longer.",
            code="song_too_short",
        )
    treatment = known[Stage.WRITE]
    known[Stage.WRITE] = _restyled(treatment, options, record.task.options.style)
    return {stage: known[stage] for stage in (Stage.ANALYZE, Stage.WRITE, Stage.ORDER, Stage.COMPOSE)}


def _restyled(treatment: Treatment, options: Options, former_style: str) -> Treatment:
    """The treatment for another look and title; a style that is no look changes nothing, which a notice says."""
    named = replace(treatment, title=options.title or treatment.title)
    if options.style == former_style:
        return named
    wish, former = read_style(options.style), read_style(former_style)
    outdated = {*style_notices(former), *remake_notices(former, treatment.music.style)}
    kept = (notice for notice in treatment.notices if notice not in outdated)
    notices = (*kept, *remake_notices(wish, treatment.music.style))
    return replace(named, look=wish.look or treatment.look, notices=notices)
