"""Runs migrations on the connection that the service hands over, all of them in one transaction."""

from __future__ import annotations

from alembic import context

from auratune.tasks.schema.tables import metadata

# SQLite can roll back changes of tables, but Alembic only believes that when told so.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
