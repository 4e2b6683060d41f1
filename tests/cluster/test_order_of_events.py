"""On Postgres a later event is never seen before an earlier one, however long a transaction stays open."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.backends import new_database

from auratune.tasks import events
from auratune.tasks.database import Database
from auratune.tasks.schema.upgrade import upgrade

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

_WRITERS = 4
_EVENTS = 60


ROW: Any = SimpleNamespace(task_id="one", owner="alice", status="generating", stage="observe", progress=1, message="")


def write(database: Database, writer: int) -> None:
    chance = random.Random(writer)

    def tell(connection: sa.Connection) -> None:
        events.tell(connection, ROW, milestone=True)
        if chance.random() < 0.2:
            # A transaction that takes its time: the number is given, the commit is still to come.
            time.sleep(chance.uniform(0.005, 0.03))

    for _ in range(_EVENTS):
        database.write(tell)


def listen(database: Database, over: threading.Event) -> int:
    seen = head = 0
    while True:
        is_last_round = over.is_set()
        for event in database.read(lambda connection, after=head: events.after(connection, after)):
            seen, head = seen + 1, event.sequence
        if is_last_round:
            return seen


def test_who_asks_for_what_came_after_misses_no_event_of_slow_transactions(tmp_path: Path) -> None:
    database = Database(tmp_path, new_database())
    upgrade(database)
    over = threading.Event()
    with ThreadPoolExecutor(_WRITERS + 1) as pool:
        seen = pool.submit(listen, database, over)
        writers = [pool.submit(write, database, writer) for writer in range(_WRITERS)]
        try:
            for writer in writers:
                writer.result()
        finally:
            over.set()
        assert seen.result() == _WRITERS * _EVENTS
    database.close()
