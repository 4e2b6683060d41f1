"""Disk: it fills at random moments and empties again; nothing is lost, nothing hangs, all films end without a person.

The disk is a small tmpfs, which only root can mount on Linux; elsewhere the proof says that it was not run.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
from tests.proof.service import report, running_service
from tests.proof.soak import upload

if TYPE_CHECKING:
    from collections.abc import Iterator

DISK_MB = 192
LEAST_FREE_MB = 24
PHOTOS_A_ROUND = 2
PATIENCE_SECONDS = 600.0
FINAL = {"done", "error", "cancelled"}


def main() -> int:
    """Run the proof."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", default="", help="write the table to this file")
    given = arguments.parse_args()
    try:
        with small_disk() as disk:
            settings = {"RATE_LIMIT": 100_000, "VIDEO_SHORT_EDGE": 120, "LOG_LEVEL": "WARNING"}
            with running_service(disk, LEAST_FREE_MB=LEAST_FREE_MB, **settings) as service:
                client = httpx2.Client(base_url=service.address, timeout=120)
                rows = Rounds(client, disk, random.Random(given.seed)).run(given.rounds)
                rows += [("service is alive", int(service.is_alive()), "= 1")]
                rows += [("tracebacks in the log", service.tracebacks(), "= 0")]
    except NoSmallDisk as error:
        print(f"Disk: not run, {error}")  # noqa: T201 -- what the person who runs it must know
        return 0
    return report("Disk", rows, given.json)


class NoSmallDisk(Exception):
    """This system or user cannot mount one."""


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of `DISK_MB`; raises `NoSmallDisk` where none can be mounted."""
    with tempfile.TemporaryDirectory(prefix="disk-") as name:
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", name]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NoSmallDisk("a tmpfs cannot be mounted here") from error
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


class Rounds:
    """Fills and frees the disk while films are made."""

    def __init__(self, client: httpx2.Client, disk: Path, dice: random.Random) -> None:
        self._client = client
        self._disk = disk
        self._dice = dice
        self._tasks: list[str] = []
        self._stopped: set[str] = set()
        self._seen: Counter[str] = Counter()

    def run(self, rounds: int) -> list[tuple[str, Any, str]]:
        """All rounds; the rows of the table."""
        for number in range(rounds):
            self._round(number)
        ended = self._wait()
        wanted = [task_id for task_id in self._tasks if task_id not in self._stopped]
        return [
            ("rounds", rounds, ""),
            ("films begun", len(self._tasks), ""),
            ("of them stopped or deleted with 0 bytes free", len(self._stopped), ""),
            ("done", sum(ended.get(task_id) == "done" for task_id in wanted), f"= {len(wanted)}"),
            ("lost", sum(ended.get(task_id) == "gone" for task_id in wanted), "= 0"),
            ("hung", sum(ended.get(task_id) not in {*FINAL, "gone"} for task_id in wanted), "= 0"),
            ("ended with an error", sum(ended.get(task_id) == "error" for task_id in wanted), "= 0"),
            ("times readiness said disk_full", self._seen["ready: disk_full"], f"= {rounds}"),
            ("uploads that were told disk_full", self._seen["upload: disk_full"], f"= {rounds}"),
            ("cancels that did not work", self._seen["cancel refused"], "= 0"),
            ("deletes that did not work", self._seen["delete refused"], "= 0"),
            ("5xx but 503", self._seen["5xx"], "= 0"),
            (
                "answers",
                " · ".join(f"{what} ×{count}" for what, count in sorted(self._seen.items()) if ":" in what),
                "",
            ),
        ]

    def _round(self, number: int) -> None:
        for photo in range(PHOTOS_A_ROUND):
            self._tasks.append(upload(self._client, number * PHOTOS_A_ROUND + photo))
        time.sleep(self._dice.uniform(0, 4))
        with _full(self._disk / "filler"):
            self._while_full(number)
        time.sleep(self._dice.uniform(0, 2))

    def _while_full(self, number: int) -> None:
        fault = self._ask("GET", "/health/ready").json().get("fault", "")
        self._seen[f"ready: {fault}"] += 1
        refused = self._ask("POST", "/photos", content=b"photo", headers={"content-type": "image/jpeg"})
        self._seen[f"upload: {refused.json().get('code', '')}"] += 1
        self._stop(self._tasks[-1], number)
        time.sleep(self._dice.uniform(0.5, 5))

    def _stop(self, task_id: str, number: int) -> None:
        """Every third round a cancel, every third a delete, while nothing is free."""
        if number % 3 == 0:
            answer = self._ask("POST", f"/photos/{task_id}/cancel")
            self._count("cancel", answer, good={200, 409})
        elif number % 3 == 1:
            answer = self._ask("DELETE", f"/photos/{task_id}")
            self._count("delete", answer, good={204})
        else:
            return
        self._stopped.add(task_id)

    def _count(self, what: str, answer: httpx2.Response, *, good: set[int]) -> None:
        if answer.status_code not in good:
            self._seen[f"{what} refused"] += 1
            self._seen[f"{what}: {answer.status_code} {answer.json().get('code', '')}"] += 1

    def _ask(self, method: str, path: str, **body: Any) -> httpx2.Response:
        answer = self._client.request(method, path, **body)
        self._seen["5xx"] += answer.status_code >= 500 and answer.status_code != 503
        return answer

    def _wait(self) -> dict[str, str]:
        """The last status of each film that was not stopped."""
        until = time.monotonic() + PATIENCE_SECONDS
        ended: dict[str, str] = {}
        while time.monotonic() < until:
            for task_id in self._tasks:
                if ended.get(task_id) not in {*FINAL, "gone"} and task_id not in self._stopped:
                    answer = self._ask("GET", f"/photos/{task_id}/status")
                    ended[task_id] = "gone" if answer.status_code == 404 else str(answer.json().get("status", ""))
            if all(status in {*FINAL, "gone"} for status in ended.values()):
                break
            time.sleep(1)
        return ended


@contextmanager
def _full(filler: Path) -> Iterator[None]:
    """Take every byte that is free, and what becomes free meanwhile, until the block ends."""
    ended = threading.Event()

    def fill_again() -> None:
        while not ended.wait(0.05):
            _fill(filler.with_name(f"filler-{time.monotonic_ns()}"))

    _fill(filler)
    thread = threading.Thread(target=fill_again)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        for each in filler.parent.glob("filler*"):
            each.unlink()


def _fill(path: Path) -> None:
    """Take every byte that is free. Room is not asked for at once: that takes nothing when less is left by then."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for bytes_at_once in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(bytes_at_once))


if __name__ == "__main__":
    sys.exit(main())
