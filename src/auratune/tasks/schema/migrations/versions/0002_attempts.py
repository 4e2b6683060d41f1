"""Attempts and runs: what a person asked for, what runs for it, and each stage's result once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FINAL = "('done', 'error', 'cancelled')"
_FACTS = (
    "error_code, error_message, retryable, title, caption, lyrics, style, words_by, music_by, notices, film, size_bytes"
)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Make the new tables of the old ones; what is stored keeps its values, files keep their keys."""
    for name in ("tasks_by_owner", "tasks_by_content", "tasks_by_status"):
        op.drop_index(name, "tasks")
    op.rename_table("tasks", "old_tasks")
    _create_tables()
    _copy_tasks()
    op.execute(
        "INSERT INTO stage_results (task_id, attempt, stage, value, seconds, finished_at) SELECT task_id, round, "
        "CASE WHEN part = 'storyboard' THEN 'plan' ELSE part END, value, seconds, made_at FROM task_parts"
    )
    for name in ("old_tasks", "task_parts", "task_files"):
        op.drop_table(name)
    _extend_others()


def _create_tables() -> None:
    text, number, moment = sa.Text, sa.Integer, sa.BigInteger
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.String(36), primary_key=True),
        sa.Column("owner", text, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("photo", text, nullable=False),
        sa.Column("upload_name", text, nullable=False),
        sa.Column("made_from", sa.String(36), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("sources_kept", sa.Boolean, nullable=False),
        sa.Column("notice", text, nullable=False),
    )
    op.create_index("tasks_by_photo", "tasks", ["owner", "content_hash", "created_at"])
    op.create_table(
        "attempts",
        sa.Column("task_id", sa.String(36), primary_key=True),
        sa.Column("attempt", number, primary_key=True),
        sa.Column("owner", text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("modified_at", moment, nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("expired", sa.Boolean, nullable=False),
        sa.Column("options", text, nullable=False),
        sa.Column("status", text, nullable=False),
        sa.Column("stage", text, nullable=False),
        sa.Column("fraction", sa.Double, nullable=False),
        sa.Column("progress", number, nullable=False),
        sa.Column("message", text, nullable=False),
        sa.Column("error_code", text, nullable=False),
        sa.Column("error_message", text, nullable=False),
        sa.Column("retryable", sa.Boolean, nullable=False),
        *(
            sa.Column(name, text, nullable=False)
            for name in ["title", "caption", "lyrics", "style", "words_by", "music_by"]
        ),
        sa.Column("notices", text, nullable=False),
        sa.Column("film", text),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("workflow_id", text, nullable=False),
        sa.Column("priority", number, nullable=False),
        sa.Column("run_id", text, nullable=False),
        sa.Column("run_count", number, nullable=False),
        sa.Column("worker_id", text, nullable=False),
    )
    listed = ["owner", "shown", "expired", "created_at", "task_id", "size_bytes"]
    op.create_index("attempts_by_owner", "attempts", listed)
    op.create_index("attempts_unfinished", "attempts", ["status", "created_at"], **_where(f"status NOT IN {_FINAL}"))
    op.create_index("attempts_ended", "attempts", ["expired", "modified_at"], **_where(f"status IN {_FINAL}"))
    op.create_index("attempts_in_a_run", "attempts", ["worker_id"], **_where("run_id <> ''"))
    op.create_table(
        "stage_results",
        sa.Column("task_id", sa.String(36), primary_key=True),
        sa.Column("attempt", number, primary_key=True),
        sa.Column("stage", text, primary_key=True),
        sa.Column("value", text, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("finished_at", moment, nullable=False),
    )
    op.create_index("results_by_time", "stage_results", ["stage", "finished_at", "seconds"])
    op.create_table(
        "workers",
        sa.Column("worker_id", text, primary_key=True),
        sa.Column("role", text, nullable=False),
        sa.Column("version", text, nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("state", text, nullable=False),
    )


def _copy_tasks() -> None:
    op.execute(
        "INSERT INTO tasks (task_id, owner, content_hash, photo, upload_name, made_from, created_at, sources_kept, "
        "notice) SELECT task_id, owner, content_hash, photo, upload_name, made_from, created_at, sources_kept, '' "
        "FROM old_tasks"
    )
    columns = (
        "task_id, attempt, owner, created_at, modified_at, shown, expired, options, status, stage, fraction, progress, "
        f"message, {_FACTS}, workflow_id, priority, run_id, run_count, worker_id"
    )
    workflow = "CASE WHEN round = 1 THEN task_id ELSE task_id || '.' || round END"
    rest = f"{_FACTS}, {workflow}, 1, '', 0, '' FROM old_tasks WHERE "
    # What is shown: a finished film by the round that made it, anything else by the latest round.
    op.execute(
        f"INSERT INTO attempts ({columns}) SELECT task_id, CASE WHEN status = 'done' AND film_round > 0 "
        "THEN film_round ELSE round END, owner, created_at, modified_at, true, expired, wishes, status, stage, "
        f"fraction, progress, message, {rest} 1 = 1"
    )
    # A later round that failed or was stopped beside a film that stayed.
    op.execute(
        f"INSERT INTO attempts ({columns}) SELECT task_id, round, owner, created_at, modified_at, false, expired, "
        f"wishes, 'cancelled', 'queued', 0, 0, '', {rest} status = 'done' AND film_round > 0 AND film_round <> round"
    )
    # The film that is there while a later round is under way, or has failed without going back to it.
    op.execute(
        f"INSERT INTO attempts ({columns}) SELECT task_id, film_round, owner, created_at, modified_at, false, expired, "
        f"wishes, 'done', 'finished', 1, 100, message, {rest} status <> 'done' AND film_round > 0 "
        "AND film_round <> round"
    )


def _extend_others() -> None:
    with op.batch_alter_table("paid_calls") as table:
        table.add_column(sa.Column("answer_key", sa.Text, nullable=False, server_default=""))
        table.add_column(sa.Column("given_up", sa.Boolean, nullable=False, server_default=sa.false()))
    # Version 0.1 could leave several; the newest one of a task that is under way still says "do not ask again".
    op.execute(
        "UPDATE paid_calls SET given_up = true WHERE state = 'intent' AND EXISTS (SELECT 1 FROM paid_calls newer WHERE "
        "newer.task_id = paid_calls.task_id AND newer.vendor = paid_calls.vendor AND newer.state = 'intent' "
        "AND newer.attempt > paid_calls.attempt)"
    )
    for vendor, folder in (("claude", "photos"), ("elevenlabs", "music")):
        calls = sa.table("paid_calls", sa.column("vendor"), sa.column("task_id"), sa.column("answer_key"))
        key = sa.literal(f"{folder}/").concat(calls.c.task_id).concat(f".{vendor}.json")
        op.execute(sa.update(calls).where(calls.c.vendor == vendor).values(answer_key=key))
    op.create_index(
        "one_open_intent",
        "paid_calls",
        ["task_id", "vendor"],
        unique=True,
        **_where("state = 'intent' AND NOT given_up"),
    )
    op.create_index("keys_by_task", "idempotency_keys", ["task_id"])
    op.create_index("keys_by_time", "idempotency_keys", ["at"])
    op.create_index(
        "steps_by_time",
        "task_events",
        ["at"],
        sqlite_where=sa.text("milestone = 0"),
        postgresql_where=sa.text("NOT milestone"),
    )
