"""The service end to end: what one film costs, how much memory it takes, and how quick it stays while it works.

    python -m benchmarks.service [--json] [--seconds 30] [--films 3]

Starts a service of its own with an empty data folder. CPU and memory are those of the whole process tree; memory is
the proportional set size (shared pages are counted once), sampled every 0.1 s.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from PIL import Image, ImageFilter
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS_RATE = 50
CALLERS = 5
SAMPLE_SECONDS = 0.1
KEPT_OPEN_SECONDS = 3.0
"""The service closes a connection that has been idle for 5 s."""
TARGETS = {
    "film_cpu_seconds": 45.0,
    "peak_memory_mb": 500.0,
    "idle_memory_mb": 170.0,
    "upload_seconds": 0.3,
    "status_p99_ms": 100.0,
}
MEANINGS = {
    "film_cpu_seconds": "one film end to end, CPU s",
    "film_wall_seconds": "one film end to end, wall s",
    "peak_memory_mb": "peak memory of the tree for one film, MB",
    "idle_memory_mb": "idle memory of the tree, MB",
    "upload_seconds": "upload of a 650 KB photo answered, s (median of 5)",
    "status_p50_ms": "status while films render, p50 ms",
    "status_p99_ms": "status while films render, p99 ms",
    "status_rate": "status requests per second",
    "films_wall_seconds": "that many films at once, wall s",
}


def draw_photo(seed: int, kilobytes: int = 650) -> bytes:
    """A picture of 1080x1440 as the glasses send it, with enough detail to weigh about as much as asked."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:1440, 0:1080].astype(np.float32)
    layers = [
        120 + 90 * np.sin(x / (90 + 40 * c) + seed) * np.cos(y / (130 - 20 * c)) + 40 * (y / 1440) for c in range(3)
    ]
    picture = np.stack(layers, axis=2)
    for _ in range(40):
        left, top = int(random.integers(0, 900)), int(random.integers(0, 1200))
        picture[top : top + int(random.integers(40, 240)), left : left + int(random.integers(40, 180))] += (
            random.normal(0, 50, 3)
        )
    soft = np.asarray(Image.fromarray(picture.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.2)))
    grain = random.normal(0, 9, (1440, 1080, 1))
    image = Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))
    for quality in range(95, 40, -3):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        if out.tell() <= kilobytes * 1024:
            return out.getvalue()
    return out.getvalue()


@dataclass
class Service:
    """A running service and the means to ask it."""

    port: int
    process: psutil.Process
    caller: threading.local = field(default_factory=threading.local)

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, Any]:
        """One request over a connection that stays open; opened anew when the service has closed it."""
        headers = {"Accept": "application/json"} | ({"Content-Type": kind} if kind else {})
        if hasattr(self.caller, "line") and time.monotonic() - self.caller.used_at > KEPT_OPEN_SECONDS:
            self.caller.line.close()
            del self.caller.line
        if not hasattr(self.caller, "line"):
            self.caller.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.caller.used_at = time.monotonic()
        self.caller.line.request(method, path, body=body, headers=headers)
        answer = self.caller.line.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")

    def upload(self, photo: bytes, seconds: float) -> str:
        """Send a photo; the task's id."""
        status, answer = self.ask("POST", f"/photos?seconds={seconds:g}", photo, "image/jpeg")
        if status != http.client.OK:
            raise SystemExit(f"the upload was answered with {status}: {answer}")
        return str(answer["task_id"])

    def wait(self, task_id: str) -> None:
        """Wait for the film."""
        while True:
            answer = self.ask("GET", f"/photos/{task_id}/status")[1]
            if answer["status"] == "done":
                return
            if answer["status"] in {"error", "cancelled"}:
                raise SystemExit(f"the film failed: {answer}")
            time.sleep(0.25)

    def tree(self) -> list[psutil.Process]:
        """The service and its children."""
        return [self.process, *self.process.children(recursive=True)]

    def memory_mb(self) -> float:
        """Proportional set size of the tree."""
        total = 0
        for process in self.tree():
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        return total / 1e6

    def cpu_seconds(self) -> float:
        """CPU of the tree since it started; children that ended are counted by their parent."""
        total = 0.0
        for process in self.tree():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system + times.children_user + times.children_system
        return total


@contextmanager
def running(variables: dict[str, str] | None = None) -> Iterator[Service]:
    """Start a service on a free port, with an empty data folder and no key but those given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
        environment |= {"PORT": str(port), "TEMP_DIR": f"{folder}/data", "RATE_LIMIT": "10000", "LOG_LEVEL": "WARNING"}
        environment |= variables or {}
        started = subprocess.Popen([sys.executable, "-m", "auratune.cli", "serve"], cwd=folder, env=environment)
        service = Service(port, psutil.Process(started.pid))
        try:
            _wait_until_ready(service)
            yield service
        finally:
            started.terminate()
            started.wait(30)


def _wait_until_ready(service: Service) -> None:
    for _ in range(200):
        try:
            if service.ask("GET", "/health/ready")[0] == http.client.OK:
                return
        except OSError:
            service.caller = threading.local()
        time.sleep(0.1)
    raise SystemExit("the service did not start")


class MemoryWatch(threading.Thread):
    """Keeps the highest memory of the tree while it runs."""

    def __init__(self, service: Service) -> None:
        super().__init__(daemon=True)
        self.service, self.peak_mb, self.over = service, 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(SAMPLE_SECONDS):
            self.peak_mb = max(self.peak_mb, self.service.memory_mb())


def one_film(service: Service, seconds: float) -> dict[str, float]:
    """CPU, wall and memory of one film from upload to done."""
    watch = MemoryWatch(service)
    watch.start()
    cpu, began = service.cpu_seconds(), time.monotonic()
    service.wait(service.upload(draw_photo(1), seconds))
    wall = time.monotonic() - began
    watch.over.set()
    watch.join()
    return {
        "film_cpu_seconds": service.cpu_seconds() - cpu,
        "film_wall_seconds": wall,
        "peak_memory_mb": watch.peak_mb,
    }


def uploads(service: Service) -> dict[str, float]:
    """How long an upload waits for its answer, on an idle service; the tasks are removed at once."""
    taken = []
    for seed in range(100, 105):
        photo = draw_photo(seed)
        began = time.monotonic()
        task_id = service.upload(photo, 5)
        taken.append(time.monotonic() - began)
        service.ask("POST", f"/photos/{task_id}/cancel")
        time.sleep(2.0)
    return {"upload_seconds": sorted(taken)[len(taken) // 2]}


def under_load(service: Service, films: int, seconds: float) -> dict[str, float]:
    """Status requests at a steady rate while films render."""
    began = time.monotonic()
    tasks = [service.upload(draw_photo(200 + index), seconds) for index in range(films)]
    over, taken = threading.Event(), []

    def call(offset: float) -> None:
        due = time.monotonic() + offset
        while not over.is_set():
            time.sleep(max(0.0, due - time.monotonic()))
            asked = time.monotonic()
            service.ask("GET", f"/photos/{tasks[0]}/status")
            taken.append(time.monotonic() - asked)
            due = max(due + CALLERS / STATUS_RATE, time.monotonic())

    callers = [threading.Thread(target=call, args=(index / STATUS_RATE,)) for index in range(CALLERS)]
    for caller in callers:
        caller.start()
    for task_id in tasks:
        service.wait(task_id)
    wall = time.monotonic() - began
    over.set()
    for caller in callers:
        caller.join()
    ordered = sorted(taken)
    return {
        "films_wall_seconds": wall,
        "status_rate": len(ordered) / wall,
        "status_p50_ms": 1000 * ordered[len(ordered) // 2],
        "status_p99_ms": 1000 * ordered[math.ceil(0.99 * len(ordered)) - 1],
    }


def measure(seconds: float, films: int) -> dict[str, float]:
    """All numbers, from one service."""
    with running() as service:
        time.sleep(3.0)
        figures = {"idle_memory_mb": service.memory_mb()}
        figures |= uploads(service)
        figures |= one_film(service, seconds)
        figures |= under_load(service, films, seconds)
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--films", type=int, default=3)
    options = parser.parse_args()
    figures = measure(options.seconds, options.films)
    if options.json:
        print(json.dumps({"figures": figures, "targets": TARGETS}, indent=2))
        return
    table = Table("figure", "measured", "target", title=f"The service, {options.seconds:g}-second films")
    for name, meaning in MEANINGS.items():
        target = TARGETS.get(name)
        held = "" if target is None else f"≤ {target:g} {'✓' if figures[name] <= target else '✗'}"
        table.add_row(meaning, f"{figures[name]:.2f}", held)
    Console().print(table)


if __name__ == "__main__":
    main()
