"""The workflow engine only dispatches: without its tables everything unfinished goes on from its last result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.task import Stage, Status
from auratune.tasks.database import Database
from auratune.tasks.schema.tables import metadata

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver


def _drop_engine(driver: ServiceDriver) -> None:
    """Remove every table that is not ours."""
    database = Database(driver.folder, driver.backend.database_url)
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


def test_unfinished_tasks_go_on_after_the_engines_tables_were_lost(driver: ServiceDriver) -> None:
    driver.open(slots=1)
    driver.held(Stage.COMPOSE)
    running, waiting = driver.submit(seed=1), driver.submit(seed=2)
    driver.wait_for_stage(Stage.COMPOSE)
    driver.close()
    _drop_engine(driver)
    driver.behaviour.held.clear()
    driver.open()
    assert driver.wait(running).status is Status.DONE
    assert driver.wait(waiting).status is Status.DONE
    assert [driver.behaviour.count(stage) for stage in (Stage.ANALYZE, Stage.WRITE, Stage.ORDER)] == [2, 2, 2]
