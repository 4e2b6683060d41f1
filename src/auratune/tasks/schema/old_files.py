"""Gives every task objects of its own: those of a remake, and those that version 0.1 kept in folders for all tasks."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from auratune.core import serialization
from auratune.tasks.schema.tables import attempts, paid_calls, stage_results, tasks

if TYPE_CHECKING:
    from auratune.core.ports import ObjectStore
    from auratune.tasks.database import Database

T = TypeVar("T")
_KEY = re.compile(r'"(tasks/[^"]+)"')
_OLD_KEY = re.compile(r"(photos|music|output)/([0-9a-f-]{36})\.([a-z0-9.]+)")
_OLD_FOLDERS = {"photos": "photo", "music": "song", "output": "film"}
_BESIDE = {"mp4": "lrc", "json": "mp3"}
"""Files that no value names: they are beside one that is named, with another suffix."""
_TEXTS = ((tasks, "photo"), (attempts, "film"), (stage_results, "value"), (paid_calls, "answer_key"))


def copy_objects(store: ObjectStore, values: T, prefix: str) -> T:
    """The values with keys of copies under a prefix in place of their own. Raises `StorageError`."""
    text = serialization.dumps(values).decode()
    for key in sorted(set(_KEY.findall(text))):
        target = f"{prefix}/{key.rsplit('/', 1)[1]}"
        store.copy(key, target)
        text = text.replace(f'"{key}"', f'"{target}"')
    copied: T = serialization.loads(text)
    return copied


def move_files(database: Database, store: ObjectStore) -> None:
    """Bring the files of version 0.1 under their tasks; may be interrupted at any moment and goes on the next time."""
    old = database.read(_old_tasks)
    for task_id in old:
        database.write(functools.partial(_adopt, store=store, task_id=task_id))
    for folder in _OLD_FOLDERS:
        for found in list(store.objects(folder)):
            if _OLD_KEY.fullmatch(found.key):
                store.delete(found.key)


def _old_tasks(connection: sa.Connection) -> list[str]:
    photo = sa.type_coerce(tasks.c.photo, sa.Text)
    return list(connection.scalars(sa.select(tasks.c.task_id).where(photo.like('%"photos/%'))))


def _adopt(connection: sa.Connection, store: ObjectStore, task_id: str) -> None:
    """Copy what a task names (a remake of 0.1 names files of its origin), and name the copies instead."""
    for table, name in _TEXTS:
        text = sa.type_coerce(table.c[name], sa.Text)
        primary = list(table.primary_key.columns)
        for *key, old in connection.execute(sa.select(*primary, text).where(table.c.task_id == task_id)).all():
            if old and (new := _OLD_KEY.sub(lambda found: _copy(store, found, task_id), old)) != old:
                which = sa.and_(*(column == value for column, value in zip(primary, key, strict=True)))
                connection.execute(sa.update(table).where(which).values({name: sa.literal(new, sa.Text)}))


def _copy(store: ObjectStore, found: re.Match[str], task_id: str) -> str:
    source, (folder, _, suffix) = found[0], found.groups()
    target = f"tasks/{task_id}/0/moved/{_OLD_FOLDERS[folder]}.{suffix}"
    kind = suffix.rsplit(".", 1)[-1]
    for each in (kind, _BESIDE.get(kind, kind)):
        pair = source.removesuffix(kind) + each, target.removesuffix(kind) + each
        if store.head(pair[0]) and not store.head(pair[1]):
            store.copy(*pair)
    return target
