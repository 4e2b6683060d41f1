"""A real service in a process of its own, on a free port, with small short films."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.backends import free_port
from tests.waiting import DEADLINE_SECONDS, wait_until

if TYPE_CHECKING:
    from pathlib import Path

START_SECONDS = 240
FILM_SECONDS = 480


@dataclass
class RunningService:
    """Starts, is asked, is killed, starts again on the same data."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Everything that it has written to standard error."""
        return self.folder / "service.log"

    def start(self) -> None:
        """Start it and wait until it is ready; on another port where somebody else was quicker to take one."""
        for is_last in (False, False, True):
            written = self.log.stat().st_size if self.log.exists() else 0
            try:
                self._start_on(free_port())
            except AssertionError:
                if is_last or b"(port_taken)" not in self.log.read_bytes()[written:]:
                    raise
            else:
                return

    def _start_on(self, port: int) -> None:
        self.port = port
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        environment |= {"PORT": str(self.port), "TEMP_DIR": str(self.folder / "data")}
        environment |= {"VIDEO_SECONDS": "5", "VIDEO_SHORT_EDGE": "160"} | self.variables
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "auratune.cli", "serve"], cwd=self.folder, env=environment, stderr=log
            )
        try:
            wait_until(self._is_ready, "the service is ready", seconds=START_SECONDS)
        except BaseException:
            self.process.kill()
            raise

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the service ended while it started"
        try:
            return self.ask("GET", "/health/ready")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, Any]:
        """One request; (status, JSON)."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method=method)
        request.add_header("Accept", "application/json")
        if kind:
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
                data = answer.read()
                return answer.status, json.loads(data) if data else {}
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def upload(self, photo: Path, query: str = "") -> str:
        """Send a photo; the task's id."""
        status, answer = self.ask("POST", f"/photos?{query}", photo.read_bytes(), "image/jpeg")
        assert status == 200, answer
        return str(answer["task_id"])

    def film(self, task_id: str) -> bytes:
        """The bytes of a task's film."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/photos/{task_id}/download") as answer:
            return bytes(answer.read())

    def wait_for(self, task_id: str, *statuses: str) -> dict[str, Any]:
        """Wait until the task has one of the statuses."""
        deadline = time.monotonic() + FILM_SECONDS
        while True:
            answer = self.ask("GET", f"/photos/{task_id}/status")[1]
            if answer["status"] in statuses:
                return dict(answer)
            assert answer["status"] != "error", answer
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)

    def kill(self) -> None:
        """As the power cut does it: no goodbye."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """As an operator does it."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(DEADLINE_SECONDS)
            finally:
                self.process.kill()
