"""Remakes: with which results a film of the same photo and song in another style starts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auratune.core.errors import InvalidOption, TaskConflict
from auratune.core.task import Stage, Status
from auratune.providers.words.style_request import read_style, remake_notices, style_notices
from auratune.tasks import results
from auratune.tasks.attempts import need_sources, published

if TYPE_CHECKING:
    import sqlalchemy as sa

    from auratune.core.options import Options
    from auratune.core.treatment import Treatment
    from auratune.tasks.task_table import Record

_SPARE_SECONDS = 0.5


def remake_of(connection: sa.Connection, record: Record, options: Options) -> dict[Stage, Any]:
    """The results with which a film of the same photo and song in another style starts.

    Raises `TaskConflict`, `TaskExpired`, and `InvalidOption` when the song is too short for the film.
    """
    if record.film is None or record.first_cut:
        raise TaskConflict("Only a finished film can be made again in another style.", code="task_not_finished")
    need_sources(record)
    attempt = record.attempt if record.task.status is Status.DONE else published(connection, record.task_id)
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
