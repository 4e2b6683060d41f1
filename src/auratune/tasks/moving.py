"""Moves a library to another database and store, such as from one machine to Postgres and S3. May be run again.

Objects go first, so that no row ever names a file that is not there yet. A run that was broken off is simply repeated:
what is there already, with the right checksum, is passed over.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from auratune.core.errors import StorageError
from auratune.storage import keys
from auratune.tasks.schema.tables import metadata, task_events
from auratune.tasks.schema.types import Coded, Instant
from auratune.tasks.schema.upgrade import upgrade
from auratune.tasks.shared_state import ACCESS_KEY, SIGNING_KEY, SharedState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from auratune.core.ports import ObjectStore
    from auratune.tasks.database import Database

PLACES = ("tasks", "photos", "music", "output")
"""Where objects are: `tasks`, and the three folders of version 0.1."""
# Who works where is no part of a library; counters last a minute; secrets are files on one machine.
_STAYS_BEHIND = {"workers", "service_secrets", "rate_counters"}
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """What one run did. `new` counts what was not there before."""

    rows: int
    new_rows: int
    objects: int
    new_objects: int
    bytes: int


def move(
    source: Database,
    target: Database,
    source_store: ObjectStore,
    target_store: ObjectStore,
    tell: Callable[[str], None],
) -> Moved:
    """Copy all rows and objects and check them. The source must be at rest, and stays as it is.

    Raises `StorageError` when an object or a row does not arrive as it left.
    """
    upgrade(source)
    upgrade(target)
    objects = new_objects = size = 0
    for info in (info for place in PLACES for info in source_store.objects(place)):
        objects, size = objects + 1, size + info.size_bytes
        new_objects += _copy_object(info.key, source_store, target_store)
        if objects % _BATCH == 0:
            tell(f"{objects} files")
    tell(f"{objects} files, {new_objects} of them new")
    rows = new_rows = 0
    for table in metadata.sorted_tables:
        if table.name in _STAYS_BEHIND:
            continue
        for batch in _rows(source, table):
            rows += len(batch)
            new_rows += _insert(target, table, batch)
        tell(f"table {table.name}: {rows} rows so far")
    _continue_numbering(target)
    _compare(source, target)
    return Moved(rows, new_rows, objects, new_objects, size)


def carry_secrets(folder: Path, target: Database, target_folder: Path) -> None:
    """Take along what the service made for itself, so that its key, share links and sessions stay valid."""
    for name in (ACCESS_KEY, SIGNING_KEY):
        path = folder / name
        if not path.is_file():
            continue
        if not target.is_sqlite:
            SharedState(target).bring_secret(name, path.read_text(encoding="utf-8").strip())
        elif target_folder != folder:
            shutil.copy2(path, target_folder / name)


def _copy_object(key: str, source: ObjectStore, target: ObjectStore) -> bool:
    with source.fetch(key) as path:
        wanted = _checksum_of(path.read_bytes())
        if target.head(key) and _checksum(target, key) == wanted:
            return False
        with target.create(key, content_type=keys.content_type_of(key)) as copy:
            copy.write_bytes(path.read_bytes())
    if _checksum(target, key) != wanted:
        raise StorageError(f"The file {key} did not arrive as it left; run the move again.", code="move_failed")
    return True


def _checksum(store: ObjectStore, key: str) -> str:
    with store.fetch(key) as path:
        return _checksum_of(path.read_bytes())


def _checksum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _rows(database: Database, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in the order of its primary key, as they are stored, in batches."""
    primary = list(table.primary_key.columns)
    # Values go over as they are: nothing is decoded that a later version may write differently.
    columns = [sa.type_coerce(column, _stored_type(column)).label(column.key) for column in table.columns]
    last: tuple[Any, ...] | None = None
    while True:
        statement = sa.select(*columns).order_by(*primary).limit(_BATCH)
        if last is not None:
            statement = statement.where(sa.tuple_(*primary) > sa.tuple_(*(sa.literal(value) for value in last)))
        batch = _fetch(database, statement)
        if not batch:
            return
        yield batch
        last = tuple(batch[-1][column.key] for column in primary)


def _fetch(database: Database, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    return database.read(lambda connection: [dict(row) for row in connection.execute(statement).mappings()])


def _stored_type(column: sa.Column[Any]) -> Any:
    return column.type.impl_instance if isinstance(column.type, Coded | Instant) else column.type


def _insert(database: Database, table: sa.Table, batch: list[dict[str, Any]]) -> int:
    dialect = sqlite if database.is_sqlite else postgresql
    raw = sa.Table(
        table.name,
        sa.MetaData(),
        *(sa.Column(column.name, _stored_type(column), key=column.key) for column in table.columns),
    )
    statement = dialect.insert(raw).on_conflict_do_nothing()

    def work(connection: sa.Connection) -> int:
        before = connection.scalar(sa.select(sa.func.count()).select_from(raw)) or 0
        connection.execute(statement, batch)
        return (connection.scalar(sa.select(sa.func.count()).select_from(raw)) or 0) - before

    return database.write(work)


def _continue_numbering(database: Database) -> None:
    """New events get numbers beyond the copied ones."""
    if not database.is_sqlite:
        highest = sa.select(sa.func.coalesce(sa.func.max(task_events.c.sequence), 0) + 1).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence("task_events", "sequence")
        database.write(lambda connection: connection.execute(sa.select(sa.func.setval(sequence, highest, False))))


def _compare(source: Database, target: Database) -> None:
    for table in metadata.sorted_tables:
        if table.name not in _STAYS_BEHIND and _digest(source, table) != _digest(target, table):
            raise StorageError(
                f"The table {table.name} is not the same on both sides; move into an empty database.",
                code="move_failed",
            )


def _digest(database: Database, table: sa.Table) -> str:
    digest = hashlib.sha256()
    for batch in _rows(database, table):
        for row in batch:
            digest.update(repr(sorted(row.items())).encode())
    return digest.hexdigest()
