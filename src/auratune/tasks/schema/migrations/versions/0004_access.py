"""What can be revoked: share links, and sessions that were signed out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make both tables, empty; links and sessions from before stay valid."""
    op.add_column("tasks", sa.Column("share_version", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "share_links",
        sa.Column("link_id", sa.String(32), primary_key=True),
        sa.Column("task_id", sa.String(36), nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("links_by_task", "share_links", ["task_id"])
    op.create_index("links_by_time", "share_links", ["expires_at"])
    op.create_table(
        "ended_sessions",
        sa.Column("session_hash", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ended_sessions_by_time", "ended_sessions", ["expires_at"])
