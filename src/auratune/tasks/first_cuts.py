"""First cuts of attempts that wait for a vendor's song: shown, and kept as the film where that song is not to come.

Statements for the caller's transaction. While `first_cut` is set its film is in sight; an ended attempt has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auratune.core.task import Stage, Status
from auratune.tasks import results, task_table
from auratune.tasks.schema.tables import attempts, tasks
from auratune.tasks.stage_policies import FIRST_CUT_READY, READY
from auratune.tasks.task_columns import columns_of

if TYPE_CHECKING:
    from auratune.core.film import FirstCut


def show(connection: sa.Connection, which: sa.ColumnElement[bool], first_cut: FirstCut) -> bool:
    """Put a first cut in sight; False when the run that made it may not write any more."""
    film = first_cut.film
    values = {"first_cut": first_cut, "film": film, "size_bytes": film.size_bytes, "message": FIRST_CUT_READY}
    return task_table.change(connection, which, values)


def keep(
    connection: sa.Connection, which: sa.ColumnElement[bool], *, keep_sources: bool, notice: str = "", **ending: Any
) -> bool:
    """End an attempt with its first cut as the film; False when it has none, or has ended."""
    # The update locks the row, so that a first cut that is being shown at this moment is seen.
    statement = sa.update(attempts).where(which).values(modified_at=task_table.now())
    row = connection.execute(statement.returning(attempts)).one_or_none()
    if row is None or row.first_cut is None:
        return False
    known, seconds = results.all_of(connection, row.task_id, row.attempt)
    cut = row.first_cut
    known |= {
        Stage.ORDER: cut.request,
        Stage.COMPOSE: cut.song,
        Stage.LISTEN: cut.beats,
        Stage.PLAN: cut.storyboard,
        Stage.RENDER: cut.film,
    }
    results.forget(connection, [row.task_id])
    for stage, value in known.items():
        results.keep(connection, row.task_id, row.attempt, stage, value, seconds.get(stage, 0.0))
    done = {"status": Status.DONE.value, "stage": Stage.FINISHED.value, "fraction": 1.0, "progress": 100}
    values = {**columns_of(known, row.options), **done, "message": READY, "first_cut": None, **ending}
    of_task = sa.update(tasks).where(tasks.c.task_id == row.task_id)
    connection.execute(of_task.values(notice=notice, sources_kept=keep_sources))
    return task_table.change(connection, which, values)
