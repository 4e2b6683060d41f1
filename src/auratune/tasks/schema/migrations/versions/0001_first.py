"""Tasks, what they left behind, events, paid calls, budgets and idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.String(36)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "tasks",
        sa.Column("task_id", _ID, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("owner", "status", "stage")),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("made_from", _ID, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("film_round", sa.Integer, nullable=False),
        sa.Column("fraction", sa.Double, nullable=False),
        sa.Column("progress", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                "message",
                "error_code",
                "error_message",
                "photo",
                "wishes",
                "upload_name",
                "title",
                "caption",
                "lyrics",
                "style",
                "words_by",
                "music_by",
                "notices",
            )
        ),
        sa.Column("film", sa.Text),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("retryable", sa.Boolean, nullable=False),
        sa.Column("sources_kept", sa.Boolean, nullable=False),
        sa.Column("expired", sa.Boolean, nullable=False),
    )
    op.create_index("tasks_by_owner", "tasks", ["owner", "created_at", "task_id"])
    op.create_index("tasks_by_content", "tasks", ["owner", "content_hash", "created_at"])
    op.create_index("tasks_by_status", "tasks", ["status", "created_at"])

    op.create_table(
        "task_parts",
        sa.Column("task_id", _ID, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_index("parts_by_time", "task_parts", ["part", "made_at"])

    op.create_table(
        "task_files",
        sa.Column("task_id", _ID, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("is_source", sa.Boolean, nullable=False),
    )
    op.create_index("files_by_key", "task_files", ["key"])

    op.create_table(
        "task_events",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("task_id", _ID, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("milestone", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("events_by_task", "task_events", ["task_id", "sequence"])

    op.create_table(
        "paid_calls",
        sa.Column("task_id", _ID, primary_key=True),
        sa.Column("vendor", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("owner", "purpose", "request_hash", "state", "reference", "units")
        ),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("paid_by_owner", "paid_calls", ["owner", "at"])

    op.create_table(
        "budgets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("next_at_seconds", sa.Double, nullable=False),
    )

    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("task_id", _ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
