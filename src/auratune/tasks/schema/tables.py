"""Our own tables. None has a foreign key into the workflow engine's tables, so either side can be mended alone."""

from __future__ import annotations

import sqlalchemy as sa

from auratune.tasks.schema.types import Coded, Instant

metadata = sa.MetaData()

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("modified_at", Instant, nullable=False),
    sa.Column("round", sa.Integer, nullable=False, default=1),
    sa.Column("film_round", sa.Integer, nullable=False, default=0),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("fraction", sa.Double, nullable=False, default=0.0),
    sa.Column("progress", sa.Integer, nullable=False, default=0),
    sa.Column("message", sa.Text, nullable=False, default=""),
    sa.Column("error_code", sa.Text, nullable=False, default=""),
    sa.Column("error_message", sa.Text, nullable=False, default=""),
    sa.Column("retryable", sa.Boolean, nullable=False, default=False),
    sa.Column("photo", Coded, nullable=False),
    sa.Column("wishes", Coded, key="options", nullable=False),
    sa.Column("upload_name", sa.Text, nullable=False, default=""),
    sa.Column("made_from", sa.String(36), nullable=False, default=""),
    sa.Column("title", sa.Text, nullable=False, default=""),
    sa.Column("caption", sa.Text, nullable=False, default=""),
    sa.Column("lyrics", sa.Text, nullable=False, default=""),
    sa.Column("style", sa.Text, nullable=False, default=""),
    sa.Column("words_by", sa.Text, nullable=False, default=""),
    sa.Column("music_by", sa.Text, nullable=False, default=""),
    sa.Column("notices", Coded, nullable=False, default=()),
    sa.Column("film", Coded, nullable=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False, default=0),
    sa.Column("sources_kept", sa.Boolean, nullable=False, default=True),
    sa.Column("expired", sa.Boolean, nullable=False, default=False),
    sa.Index("tasks_by_owner", "owner", "created_at", "task_id"),
    sa.Index("tasks_by_content", "owner", "content_hash", "created_at"),
    sa.Index("tasks_by_status", "status", "created_at"),
)
"""One record for each photo's journey: what its owner sees."""

task_parts = sa.Table(
    "task_parts",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("value", Coded, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False, default=0.0),
    sa.Column("made_at", Instant, nullable=False),
    sa.Index("parts_by_time", "part", "made_at"),
)
"""What each stage left behind, by the person's try it was made in."""

task_files = sa.Table(
    "task_files",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("is_source", sa.Boolean, nullable=False, default=False),
    sa.Index("files_by_key", "key"),
)
"""Which task needs which file; a remake shares photo and song with the film it came from."""

task_events = sa.Table(
    "task_events",
    metadata,
    sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("task_id", sa.String(36), nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("progress", sa.Integer, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("milestone", sa.Boolean, nullable=False),
    sa.Index("events_by_task", "task_id", "sequence"),
    # Numbers are never used twice, so a client can go on from the last one it saw.
    sqlite_autoincrement=True,
)
"""What happened, in order. Milestones stay with the task; the steps between them go soon after it has ended."""

paid_calls = sa.Table(
    "paid_calls",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("vendor", sa.Text, primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("request_hash", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False, default=""),
    sa.Column("units", Coded, nullable=False, default={}),
    sa.Column("at", Instant, nullable=False),
    sa.Index("paid_by_owner", "owner", "at"),
)
"""Intents and outcomes of paid calls. They outlive a deleted task, so that a day's spending stays known."""

budgets = sa.Table(
    "budgets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("next_at_seconds", sa.Double, nullable=False),
)
"""Shared allowances of calls towards vendors."""

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body_hash", sa.String(64), nullable=False),
    sa.Column("task_id", sa.String(36), nullable=False),
    sa.Column("at", Instant, nullable=False),
)
"""Answers given to requests that carried an idempotency key."""
