"""Full-text search: the words of each attempt, and an index over them in the database's own way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from auratune.tasks.schema.words import entry_id_of, words_of

revision = "0007"
down_revision = "0006"

_FTS5 = (
    "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_entries', content_rowid='entry_id', "
    "tokenize='unicode61 remove_diacritics 0', prefix='1 2 3')",
    "CREATE TRIGGER search_added AFTER INSERT ON search_entries BEGIN "
    "INSERT INTO search_index (rowid, words) VALUES (new.entry_id, new.words); END",
    "CREATE TRIGGER search_removed AFTER DELETE ON search_entries BEGIN "
    "INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', old.entry_id, old.words); END",
)
_GIN = ("CREATE INDEX search_index ON search_entries USING gin (array_to_tsvector(string_to_array(words, ' ')))",)


def upgrade() -> None:
    """Make the table and its index, and fill them from the library."""
    op.create_table(
        "search_entries",
        sa.Column(
            "entry_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("task_id", sa.String(36), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    op.create_index("entries_by_task", "search_entries", ["task_id", "attempt"])
    connection = op.get_bind()
    for statement in _FTS5 if connection.dialect.name == "sqlite" else _GIN:
        connection.exec_driver_sql(statement)
    entries = sa.table("search_entries", *(sa.column(name) for name in ("entry_id", "task_id", "attempt", "words")))
    for row in connection.execute(sa.text("SELECT task_id, attempt, title, caption, lyrics FROM attempts")).all():
        words = " ".join(words_of(row.title, row.caption, row.lyrics))
        values = {"entry_id": entry_id_of(row.task_id, row.attempt), "task_id": row.task_id, "attempt": row.attempt}
        connection.execute(sa.insert(entries).values(words=words, **values))
