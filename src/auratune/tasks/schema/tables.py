"""Our own tables. None has a foreign key into the workflow engine's tables, so either side can be mended alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from auratune.tasks.schema.types import Coded, Instant

metadata = sa.MetaData()

_FINAL = "('done', 'error', 'cancelled')"


def _where(condition: str) -> dict[str, Any]:
    """An index of only the rows that a condition picks."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("photo", Coded, nullable=False),
    sa.Column("upload_name", sa.Text, nullable=False, default=""),
    sa.Column("made_from", sa.String(36), nullable=False, default=""),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sources_kept", sa.Boolean, nullable=False, default=True),
    sa.Column("notice", sa.Text, nullable=False, default=""),
    sa.Column("share_version", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("callback_url", sa.Text, nullable=False, default="", server_default=""),
    sa.Index("tasks_by_photo", "owner", "content_hash", "created_at"),
)
"""What never changes about a photo and its film, and a notice about an attempt that failed after a film was there.

`share_version` grows whenever the film's own share link is revoked; a link of an older version is not valid.
`callback_url` is where the ends of its attempts are told: nowhere (empty), `default` (`WEBHOOK_URL`), or an address.
"""

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("modified_at", Instant, nullable=False),
    sa.Column("shown", sa.Boolean, nullable=False, default=True),
    sa.Column("expired", sa.Boolean, nullable=False, default=False),
    sa.Column("options", Coded, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("fraction", sa.Double, nullable=False, default=0.0),
    sa.Column("progress", sa.Integer, nullable=False, default=0),
    sa.Column("message", sa.Text, nullable=False, default=""),
    sa.Column("error_code", sa.Text, nullable=False, default=""),
    sa.Column("error_message", sa.Text, nullable=False, default=""),
    sa.Column("retryable", sa.Boolean, nullable=False, default=False),
    sa.Column("title", sa.Text, nullable=False, default=""),
    sa.Column("caption", sa.Text, nullable=False, default=""),
    sa.Column("lyrics", sa.Text, nullable=False, default=""),
    sa.Column("style", sa.Text, nullable=False, default=""),
    sa.Column("words_by", sa.Text, nullable=False, default=""),
    sa.Column("music_by", sa.Text, nullable=False, default=""),
    sa.Column("notices", Coded, nullable=False, default=()),
    sa.Column("film", Coded, nullable=True),
    sa.Column("first_cut", Coded, nullable=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False, default=0),
    sa.Column("workflow_id", sa.Text, nullable=False, default=""),
    sa.Column("priority", sa.Integer, nullable=False, default=1),
    sa.Column("run_id", sa.Text, nullable=False, default=""),
    sa.Column("run_count", sa.Integer, nullable=False, default=0),
    sa.Column("worker_id", sa.Text, nullable=False, default=""),
    sa.Index("attempts_by_owner", "owner", "shown", "expired", "created_at", "task_id", "size_bytes"),
    sa.Index("attempts_unfinished", "status", "created_at", **_where(f"status NOT IN {_FINAL}")),
    sa.Index("attempts_ended", "expired", "modified_at", **_where(f"status IN {_FINAL}")),
    sa.Index("attempts_in_a_run", "worker_id", **_where("run_id <> ''")),
)
"""What a person asked for, and what came of it; never changed after its end. One attempt of each task is `shown`.

`first_cut` is set while the film in sight is one that the song which is still waited for will replace.
`run_id` is the fencing token of the run that works on it, empty while none does: every write of a run names it.
"""

stage_results = sa.Table(
    "stage_results",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("value", Coded, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False, default=0.0),
    sa.Column("finished_at", Instant, nullable=False),
    sa.Index("results_by_time", "stage", "finished_at", "seconds"),
)
"""What each stage returned; `seconds` is 0 where an attempt took the result over from an earlier one."""

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("worker_id", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False, default=""),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("state", sa.Text, nullable=False, default="live"),
)
"""Processes that work on attempts: `live`, `lost` (silent for too long) or `left` (stopped)."""

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
    sa.Index("steps_by_time", "at", sqlite_where=sa.text("milestone = 0"), postgresql_where=sa.text("NOT milestone")),
    # Numbers are never used twice, so a client can go on from the last one it saw.
    sqlite_autoincrement=True,
)
"""What happened, in order. Milestones stay with the task; the steps between them go soon after it has ended."""

paid_calls = sa.Table(
    "paid_calls",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("vendor", sa.Text, primary_key=True),
    # Version 0.1 named these two columns.
    sa.Column("attempt", sa.Integer, key="number", primary_key=True),
    sa.Column("round", sa.Integer, key="attempt", nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("request_hash", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False, default=""),
    sa.Column("units", Coded, nullable=False, default={}),
    sa.Column("at", Instant, nullable=False),
    sa.Column("answer_key", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("given_up", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    sa.Index("paid_by_owner", "owner", "at"),
    sa.Index("one_open_intent", "task_id", "vendor", unique=True, **_where("state = 'intent' AND NOT given_up")),
)
"""Intents and outcomes of paid calls. They outlive a deleted task, so that a day's spending stays known.

An intent whose outcome nobody will learn is `given_up` when a person retries; one other may be open at a time.
"""

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("task_id", sa.String(36), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=True),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("http_status", sa.Integer, nullable=False, default=0),
    sa.Column("error", sa.Text, nullable=False, default=""),
    sa.Column("delivered_at", Instant, nullable=True),
    sa.Index("deliveries_due", "due_at", **_where("due_at IS NOT NULL")),
)
"""Ends of attempts that are told to an address. While a try is made, `due_at` is when its process is taken for dead.

Without `due_at` nothing more is tried: it is delivered, or was given up.
"""

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
    sa.Index("keys_by_task", "task_id"),
    sa.Index("keys_by_time", "at"),
)
"""Answers given to requests that carried an idempotency key; `task_id` is empty while one is being answered."""

service_secrets = sa.Table(
    "service_secrets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""Keys that the service made for itself, where several API nodes share them; on SQLite they are files."""

rate_counters = sa.Table(
    "rate_counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Index("counters_by_time", "started_at"),
)
"""Requests of each caller in the window that began with the first of them; empty on SQLite."""

share_links = sa.Table(
    "share_links",
    metadata,
    sa.Column("link_id", sa.String(32), primary_key=True),
    sa.Column("task_id", sa.String(36), nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Index("links_by_task", "task_id"),
    sa.Index("links_by_time", "expires_at"),
)
"""Share links that were made on request; a link without a row is not valid. The film's own link has no row."""

ended_sessions = sa.Table(
    "ended_sessions",
    metadata,
    sa.Column("session_hash", sa.String(64), primary_key=True),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Index("ended_sessions_by_time", "expires_at"),
)
"""Sessions that were signed out before their time, by the sha256 of the cookie."""

search_entries = sa.Table(
    "search_entries",
    metadata,
    sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("task_id", sa.String(36), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Index("entries_by_task", "task_id", "attempt"),
)
"""The words of each attempt's title, caption and lyrics; `search_index` over it is made by the migration."""

OF_A_TASK = (task_events, idempotency_keys, share_links, webhook_deliveries, search_entries, attempts, tasks)
"""Tables whose rows go with their task; results and paid calls have rules of their own."""
