"""The workflow engine only dispatches: without its tables everything unfinished goes on from its last result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.task import Stage, Status
from auratune.tasks.database import Database
from auratune.tasks.schema.tables import metadata

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import House


def _drop_engine(house: House) -> None:
    """Remove every table that is not ours."""
    database = Database(house.folder, house.backend.database_url)
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA dbos CASCADE")
        database.close()
        return
    names = set(sa.inspect(database.engine).get_table_names()) - set(metadata.tables) - {"alembic_version"}
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for name in sorted(names):
            # Tables behind our search index go by no name of ours.
            if not name.startswith(("sqlite_", "search_index")):
                connection.exec_driver_sql(f'DROP TABLE "{name}"')
    database.close()
    assert "workflow_status" in names


def test_unfinished_tasks_go_on_after_the_engines_tables_were_lost(house: House) -> None:
    house.open(slots=1)
    house.play.seconds = 0.4
    running, waiting = house.submit(seed=1), house.submit(seed=2)
    house.wait(running, until=lambda task: task.stage is Stage.COMPOSE)
    house.close()
    _drop_engine(house)
    house.play.seconds = 0
    house.open()
    assert house.wait(running).status is Status.DONE
    assert house.wait(waiting).status is Status.DONE
    assert [house.play.count(stage) for stage in (Stage.ANALYZE, Stage.WRITE, Stage.ORDER)] == [2, 2, 2]
