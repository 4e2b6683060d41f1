"""A real service for a proof: `auratune serve` in a folder of its own, on a free port."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import psutil
from rich.console import Console
from rich.table import Table
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 180.0
OUR_SETTINGS = ("SUNO_API_KEY", "CLAUDE_API_KEY", "ANTHROPIC_API_KEY", "ELEVENLABS_API_KEY")


@dataclass
class ProofService:
    """A running service."""

    address: str
    process: psutil.Process
    folder: Path
    log: Path

    def memory_mb(self) -> float:
        """Resident memory of the service process, without its children."""
        return float(self.process.memory_info().rss) / 1e6

    def handles(self) -> int:
        """Open file descriptors of the service process."""
        return int(self.process.num_fds())

    def temporary_bytes(self) -> int:
        """Bytes in the temporary folder that the service and its children use."""
        return sum(path.stat().st_size for path in (self.folder / "tmp").rglob("*") if path.is_file())

    def tracebacks(self) -> int:
        """Unforeseen failures in the service's log; the first one is printed when there are any."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        if "Traceback" in text:
            first = max(0, text.index("Traceback") - 500)
            print(text[first : first + 6000])  # noqa: T201 -- what failed first
        return text.count("Traceback")

    def is_alive(self) -> bool:
        return bool(self.process.is_running()) and self.process.status() != psutil.STATUS_ZOMBIE


class PeakWatch:
    """Samples the resident memory of the service's children while a block runs."""

    def __init__(self, service: ProofService) -> None:
        self._service = service
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak_mb = 0.0

    def __enter__(self) -> PeakWatch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            with contextlib.suppress(psutil.Error):
                for child in self._service.process.children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        self.peak_mb = max(self.peak_mb, child.memory_info().rss / 1e6)


@contextmanager
def running_service(home: Path | None = None, **settings: Any) -> Iterator[ProofService]:
    """Start a service; it ends, and its folder goes, with the block. `home` is where it keeps all but its log."""
    with tempfile.TemporaryDirectory(prefix="proof-") as name:
        folder = Path(name)
        home = home or folder
        (home / "tmp").mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {key: value for key, value in os.environ.items() if key not in OUR_SETTINGS}
        environment |= {key: str(value) for key, value in settings.items()}
        environment |= {"TEMP_DIR": str(home / "data"), "PORT": str(port), "TMPDIR": str(home / "tmp")}
        log = folder / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "auratune.cli", "serve"], cwd=folder, env=environment, stderr=stream
            )
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: _is_ready(address) or _has_ended(process), "the service is ready", seconds=START_SECONDS)
            assert not _has_ended(process), log.read_text(encoding="utf-8", errors="replace")
            yield ProofService(address, psutil.Process(process.pid), folder, log)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def _is_ready(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/health/ready").status_code == 200
    except httpx2.HTTPError:
        return False


def report(title: str, rows: list[tuple[str, Any, str]], json_file: str) -> int:
    """Print (what, measured, limit) as a table; the exit code is 1 when a row's limit, such as `<= 20`, is broken."""
    table = Table(title=title)
    for heading in ("what", "measured", "limit", ""):
        table.add_column(heading)
    results = []
    for what, measured, limit in rows:
        held = not limit or _holds(measured, limit)
        table.add_row(what, str(measured), limit, "" if not limit else "held" if held else "[red]BROKEN[/]")
        results.append({"what": what, "measured": measured, "limit": limit, "held": held})
    Console().print(table)
    if json_file:
        Path(json_file).write_text(json.dumps({"title": title, "rows": results}, indent=2), encoding="utf-8")
    return 0 if all(result["held"] for result in results) else 1


def _holds(measured: Any, limit: str) -> bool:
    sign, _, number = limit.partition(" ")
    value = float(number)
    return {"<=": measured <= value, ">=": measured >= value, "=": measured == value}[sign]
