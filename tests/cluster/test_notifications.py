"""A node hears at once of what another node did, and goes on by asking when the database is gone for a while."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from tests.backends import new_database
from tests.waiting import wait_until

from auratune.tasks.database import Database
from auratune.tasks.notifications import EventWatch, notify
from auratune.tasks.schema.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    url = new_database()
    both = Database(tmp_path, url), Database(tmp_path, url)
    upgrade(both[0])
    yield both
    for database in both:
        database.close()


def test_a_node_is_told_of_another_nodes_events_when_they_can_be_read(nodes: tuple[Database, Database]) -> None:
    here, there = nodes
    told = threading.Event()
    watch = EventWatch(here, told.set)
    try:
        wait_until(lambda: watch.is_listening and told.is_set(), "the watch listens")
        told.clear()
        there.write(notify)
        wait_until(told.is_set, "the other node's change is heard of")
    finally:
        watch.close()


def test_a_watch_that_lost_its_connection_listens_again(nodes: tuple[Database, Database]) -> None:
    here, there = nodes
    told: list[bool] = []
    watch = EventWatch(here, lambda: told.append(True))
    try:
        wait_until(lambda: watch.is_listening, "the watch listens")
        before = len(told)
        there.write(
            lambda connection: connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                )
            )
        )
        wait_until(lambda: len(told) > before and watch.is_listening, "it listens again and has readers look")
    finally:
        watch.close()


def test_on_sqlite_nobody_is_told_and_nothing_breaks(tmp_path: Path) -> None:
    database = Database(tmp_path)
    watch = EventWatch(database, lambda: None)
    database.write(notify)
    assert not watch.is_listening
    watch.close()
    database.close()
