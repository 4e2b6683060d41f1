"""Webhooks: where the end of a task is told, and how far that is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Tasks of before tell nobody."""
    op.add_column("tasks", sa.Column("callback_url", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "webhook_deliveries",
        sa.Column("task_id", sa.String(36), primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("http_status", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("delivered_at", sa.BigInteger, nullable=True),
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index("deliveries_due", "webhook_deliveries", ["due_at"], sqlite_where=is_due, postgresql_where=is_due)
