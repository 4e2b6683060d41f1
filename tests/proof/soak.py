"""Soak: many short films one after another; memory, handles and temporary files of the service must stay flat."""

from __future__ import annotations

import argparse
import io
import sys
import time
from typing import Any

import httpx2
from tests.conftest import paint
from tests.proof.service import ProofService, report, running_service
from tests.waiting import wait_until

WARM_UP_FILMS = 3
AT_ONCE = 3
SHAPE = {"seconds": "5", "fps": "24", "duplicate": "allow"}


def main() -> int:
    """Run the proof."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--films", type=int, default=300)
    arguments.add_argument("--json", default="", help="write the table to this file")
    given = arguments.parse_args()
    with running_service(RATE_LIMIT=100_000, VIDEO_SHORT_EDGE=120, LOG_LEVEL="WARNING") as service:
        ended = make_films(service, WARM_UP_FILMS, first_seed=0)
        memory, handles = service.memory_mb(), service.handles()
        started = time.monotonic()
        ended += make_films(service, given.films, first_seed=WARM_UP_FILMS)
        seconds = time.monotonic() - started
        wait_until(lambda: service.temporary_bytes() == 0, "temporary files are gone")
        rows: list[tuple[str, Any, str]] = [
            ("films", given.films, ""),
            ("films per minute", round(60 * given.films / seconds, 1), ""),
            ("films that are not done", sum(status != "done" for status in ended), "= 0"),
            ("service grew by MB", round(service.memory_mb() - memory, 1), "<= 20"),
            ("more open handles", service.handles() - handles, "<= 4"),
            ("bytes of temporary files", service.temporary_bytes(), "= 0"),
        ]
    return report("Soak", rows, given.json)


def make_films(service: ProofService, count: int, *, first_seed: int) -> list[str]:
    """Upload photos, a few at a time, and wait until each film has ended; their last statuses."""
    statuses: list[str] = []
    with httpx2.Client(base_url=service.address, timeout=60) as client:
        waiting: list[str] = []
        for seed in range(first_seed, first_seed + count):
            waiting.append(upload(client, seed))
            if len(waiting) == AT_ONCE:
                statuses.append(_ended(client, waiting.pop(0)))
        statuses += [_ended(client, task_id) for task_id in waiting]
    return statuses


def upload(client: httpx2.Client, seed: int) -> str:
    """Send one drawn photo; its task's id."""
    picture = io.BytesIO()
    paint(320, 240, seed=seed).save(picture, "JPEG")
    answer = client.post("/photos", params=SHAPE, content=picture.getvalue(), headers={"content-type": "image/jpeg"})
    answer.raise_for_status()
    return str(answer.json()["task_id"])


def _ended(client: httpx2.Client, task_id: str) -> str:
    def final() -> str:
        status = client.get(f"/photos/{task_id}/status").json()["status"]
        return str(status) if status in {"done", "error", "cancelled"} else ""

    return wait_until(final, f"task {task_id} ends", seconds=300)


if __name__ == "__main__":
    sys.exit(main())
