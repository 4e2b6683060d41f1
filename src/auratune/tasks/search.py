"""Full-text search over titles, captions and lyrics: FTS5 on SQLite, a GIN index on Postgres.

Both index the same words, which are made here, so that a search finds the same on either. A word is found by its
beginning; scripts without blanks between words are indexed by their characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from auratune.tasks.schema.tables import attempts, search_entries
from auratune.tasks.schema.words import entry_id_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.sql.compiler import SQLCompiler

_SEARCHED = ("title", "caption", "lyrics")
_MOST_WORDS = 12


def keep(connection: sa.Connection, task_id: str, attempt: int, columns: Mapping[str, Any]) -> None:
    """Index what an attempt's columns say, instead of what they said before."""
    row = {"task_id": task_id, "attempt": attempt}
    row["words"] = " ".join(words_of(*(str(columns.get(name, "")) for name in _SEARCHED)))
    entry_id = entry_id_of(task_id, attempt)
    connection.execute(sa.delete(search_entries).where(search_entries.c.entry_id == entry_id))
    connection.execute(sa.insert(search_entries).values(entry_id=entry_id, **row))


def contains(query: str) -> sa.ColumnElement[bool]:
    """Picks attempts with words that begin with each word of a query; none where the query has no word."""
    words = words_of(query)
    needed = [word for word in words if not any(each != word and each.startswith(word) for each in words)]
    if not needed:
        return sa.false()
    found = sa.select(search_entries.c.task_id, search_entries.c.attempt).where(_Matches(needed[:_MOST_WORDS]))
    return sa.tuple_(attempts.c.task_id, attempts.c.attempt).in_(found)


class _Matches(FunctionElement[bool]):
    """Whether an entry's words match, in the language of each database; both get their query as a parameter."""

    name = "matches"
    type = sa.Boolean()
    inherit_cache = True

    def __init__(self, words: Iterable[str]) -> None:
        # Words hold letters and digits alone, so nothing in them can end the quotation.
        for_sqlite = " ".join(f'"{word}"*' for word in words)
        for_postgres = " & ".join(f"'{word}':*" for word in words)
        super().__init__(sa.literal(for_sqlite), sa.literal(for_postgres))


@compiles(_Matches, "sqlite")
def _on_sqlite(element: _Matches, compiler: SQLCompiler, **choices: Any) -> str:
    query = compiler.process(element.clauses.clauses[0], **choices)
    # The query is a parameter, as everywhere.
    return f"search_entries.entry_id IN (SELECT rowid FROM search_index WHERE search_index MATCH {query})"  # noqa: S608


@compiles(_Matches, "postgresql")
def _on_postgres(element: _Matches, compiler: SQLCompiler, **choices: Any) -> str:
    query = compiler.process(element.clauses.clauses[1], **choices)
    return f"{POSTGRES_WORDS} @@ CAST({query} AS tsquery)"


POSTGRES_WORDS = "array_to_tsvector(string_to_array(search_entries.words, ' '))"
"""What the index on Postgres holds: our words as they are, since its own parser would cut them differently."""
