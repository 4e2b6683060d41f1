"""Brings the tables up to this version before any work begins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.tasks.database import take_turn

if TYPE_CHECKING:
    from auratune.tasks.database import Database

HEAD = "0007"
"""The newest migration; a test keeps it equal to the newest file."""

_MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(database: Database) -> None:
    """Run what is missing, all or nothing; quick when nothing is."""
    if database.read(_version) != HEAD:
        database.write(_migrate)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version


def _migrate(connection: sa.Connection) -> None:
    # Several nodes may start at once: the first one brings the tables up to date, the others find them so.
    take_turn(connection, "schema")
    # Imported only when there is something to do: the service keeps no memory for it otherwise.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
