"""Search: the worst queries over a large library, on SQLite; each must be answered or broken off within its time."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from tests.proof.service import report

from auratune.core.errors import ServiceBusy
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.task import TaskFilter
from auratune.storage.local import LocalStore
from auratune.tasks import search, task_table
from auratune.tasks.database import Database
from auratune.tasks.eta import EtaEstimator
from auratune.tasks.queries import TaskQueries
from auratune.tasks.schema.tables import attempts, tasks
from auratune.tasks.schema.upgrade import upgrade

WORDS = tuple(f"{first}{second}{third}" for first in "abcdefgh" for second in "aeiou" for third in "klmnrst")
LINES = 40
QUERIES = (" ".join("abcdefgh"), "a " * 100, " ".join(WORDS[:50]), " ".join(word[:2] for word in WORDS), "e%_" * 60)


def main() -> int:
    """Run the proof."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--films", type=int, default=3000)
    arguments.add_argument("--json", default="", help="write the table to this file")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="search-") as name:
        database = Database(Path(name))
        upgrade(database)
        database.write(lambda connection: _fill(connection, given.films))
        library = TaskQueries(database, LocalStore(Path(name)), EtaEstimator(1))
        seconds = [_seconds(library, TaskFilter(query=query)) for query in QUERIES]
        rows: list[tuple[str, Any, str]] = [
            ("films", given.films, ""),
            ("worst queries", len(QUERIES), ""),
            ("slowest s", round(max(seconds), 3), "<= 3"),
            ("one word s", round(_seconds(library, TaskFilter(query=WORDS[3])), 3), "<= 0.2"),
        ]
        database.close()
    return report("Search", rows, given.json)


def _fill(connection: sa.Connection, films: int) -> None:
    dice = random.Random(1)
    photo = Photo(key="photo", width_px=4, height_px=3, content_hash="00", seed=1)
    for number in range(films):
        task_id, at = f"00000000-0000-0000-0000-{number:012d}", task_table.now()
        texts = {"title": dice.choice(WORDS), "caption": " ".join(dice.choices(WORDS, k=12))}
        texts["lyrics"] = "\n".join(" ".join(dice.choices(WORDS, k=7)) for _ in range(LINES))
        of_task = {"owner": "local", "content_hash": "00", "photo": photo}
        connection.execute(sa.insert(tasks).values(task_id=task_id, created_at=at, **of_task))
        moments = {"created_at": at, "modified_at": at}
        state = {"status": "done", "stage": "finished", "options": Options()}
        row = {"task_id": task_id, "attempt": 1, "owner": "local", **moments, **state, **texts}
        connection.execute(sa.insert(attempts).values(row))
        search.keep(connection, task_id, 1, texts)


def _seconds(library: TaskQueries, which: TaskFilter) -> float:
    began = time.monotonic()
    with contextlib.suppress(ServiceBusy):  # it was broken off
        library.page("local", which)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
