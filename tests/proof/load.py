"""Load: a crowd uploads at once while films render; who is accepted is answered soon, who is not hears 429 or 503."""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import time
from typing import Any

import httpx2
import numpy as np
from PIL import Image
from tests.proof.crowd import run_crowd
from tests.proof.service import ProofService, report, running_service
from tests.proof.soak import upload

RENDERING = 3
SETTLE_SECONDS = 5.0
OK, REFUSED = 200, (429, 503)


def main() -> int:
    """Run the proof."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--clients", type=int, default=300, help="uploads at the same time")
    arguments.add_argument("--silent", type=int, default=2000, help="connections that send nothing")
    arguments.add_argument("--listeners", type=int, default=600, help="clients that listen to live events")
    arguments.add_argument("--json", default="", help="write the table to this file")
    given = arguments.parse_args()
    with running_service(RATE_LIMIT=100_000, VIDEO_SHORT_EDGE=360, LOG_LEVEL="WARNING") as service:
        rows = asyncio.run(_measure(service, given))
    return report("Load", rows, given.json)


async def _measure(service: ProofService, given: argparse.Namespace) -> list[tuple[str, Any, str]]:
    with httpx2.Client(base_url=service.address, timeout=60) as client:
        tasks = [upload(client, seed) for seed in range(RENDERING)]
    memory = service.memory_mb()
    photos = [_photo(seed) for seed in range(given.clients)]
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
    async with httpx2.AsyncClient(base_url=service.address, timeout=120, limits=limits) as client:
        crowd = await asyncio.to_thread(run_crowd, service.address, photos, tasks[0])
        beside_silent = await _beside_silent_connections(client, service, given.silent)
        listening = await _listen(client, given.listeners)
    await asyncio.sleep(SETTLE_SECONDS)
    accepted = [answer.seconds for answer in crowd.uploads if answer.status == OK]
    refused = [answer.seconds for answer in crowd.uploads if answer.status in REFUSED]
    statuses = [answer.seconds for answer in crowd.statuses if answer.status == OK]
    return [
        ("uploads at once", given.clients, ""),
        ("accepted", len(accepted), ">= 1"),
        ("accepted, p50 s", _percentile(accepted, 50), ""),
        ("accepted, p99 s", _percentile(accepted, 99), "<= 1"),
        ("refused with 429 or 503", len(refused), ""),
        ("refused, p99 s", _percentile(refused, 99), "<= 1"),
        ("other answers", len(crowd.uploads) - len(accepted) - len(refused), "= 0"),
        ("status meanwhile, answers", len(statuses), ""),
        ("status meanwhile, failed", len(crowd.statuses) - len(statuses), "= 0"),
        ("status meanwhile, p99 s", _percentile(statuses, 99), "<= 0.1"),
        ("CPU s of who sends the crowd", round(crowd.cpu_seconds, 2), ""),
        ("longest that who sends did not look, s", round(crowd.longest_turn_seconds, 3), ""),
        (f"liveness beside {given.silent} silent connections, worst s", _percentile(beside_silent, 100), "<= 0.1"),
        (f"of {given.listeners} event listeners served", listening, f"= {given.listeners}"),
        ("service grew by MB", round(service.memory_mb() - memory, 1), "<= 20"),
        ("service is alive", int(service.is_alive()), "= 1"),
    ]


def _photo(seed: int) -> bytes:
    """A JPEG of about 650 kB: noise does not compress."""
    noise = np.random.default_rng(seed).integers(0, 255, (640, 800, 3), np.uint8)
    picture = io.BytesIO()
    Image.fromarray(noise).save(picture, "JPEG", quality=90)
    return picture.getvalue()


async def _beside_silent_connections(client: httpx2.AsyncClient, service: ProofService, count: int) -> list[float]:
    """Open connections that send nothing, then ask; a connection that is refused counts as opened."""
    host, _, port = service.address.removeprefix("http://").partition(":")
    opening = [asyncio.open_connection(host, int(port)) for _ in range(count)]
    opened = await asyncio.gather(*opening, return_exceptions=True)
    seconds = []
    for _ in range(20):
        began = time.monotonic()
        await client.get("/health/live")
        seconds.append(time.monotonic() - began)
    for connection in opened:
        if not isinstance(connection, BaseException):
            connection[1].close()
    return seconds


async def _listen(client: httpx2.AsyncClient, count: int) -> int:
    """Open event streams at the same time; how many answered with a first piece."""

    async def hear() -> bool:
        async with client.stream("GET", "/events") as answer:
            async for _ in answer.aiter_bytes():
                return bool(answer.status_code == OK)
        return False

    heard = await asyncio.gather(*(hear() for _ in range(count)), return_exceptions=True)
    return sum(each is True for each in heard)


def _percentile(seconds: list[float], share: float) -> float:
    return round(float(np.percentile(seconds, share)), 3) if seconds else 0.0


if __name__ == "__main__":
    sys.exit(main())
