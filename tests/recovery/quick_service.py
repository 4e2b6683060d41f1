"""A quick service in a process of its own, to be killed and started again."""

from __future__ import annotations

import hashlib
import json
import queue
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

from PIL import Image
from tests.waiting import DEADLINE_SECONDS

_SHORT_SECONDS = 6.0
_PROGRAM = Path(__file__).with_name("quick_providers.py")


class QuickService:
    """`quick_providers.py` as a child; its lines are read as they come."""

    def __init__(self, folder: Path, vendor_url: str, seconds: float = 0.15, *, kind: str = "") -> None:
        self.folder = folder
        self._child = subprocess.Popen(
            [sys.executable, str(_PROGRAM), str(folder), vendor_url, str(seconds), *([kind] if kind else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.heard: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.wait_for("ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def submit(self, seed: int, callback_url: str = "") -> str:
        """Hand in a photo; returns the task's id once it was accepted."""
        incoming = self.folder / "incoming"
        incoming.mkdir(exist_ok=True)
        path = incoming / f"{seed}.part"
        Image.new("RGB", (64, 48), (seed % 256, seed // 256 % 256, 90)).save(path, "JPEG")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        order = {"upload": str(path), "hash": digest, "lyrics": f"Song number {seed}"}
        order["callback_url"] = callback_url
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(order) + "\n")
        self._child.stdin.flush()
        return self.wait_for("accepted").split()[1]

    def wait_for(self, beginning: str, seconds: float = DEADLINE_SECONDS) -> str:
        """The next line that begins so; lines before it are passed over."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {beginning!r} within {seconds} s; heard {self.heard}") from None
            self.heard.append(line)
            if line.startswith(beginning):
                return line

    def kill(self) -> None:
        """End it at once, as a power cut or the kernel would."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()

    def _listen(self) -> None:
        assert self._child.stdout is not None
        try:
            for line in self._child.stdout:
                self._lines.put(line.strip())
        except ValueError:
            pass  # closed while reading


def kill_somewhere(service: QuickService, stages: list[str], chance: random.Random, seconds: float) -> str:
    """Wait for one of the stages to begin, then for a part of its time, and kill. Returns where it was killed.

    With no stages, or when the chosen one does not come because it was over before, it is killed where it is.
    """
    stage = chance.choice(stages) if stages else "anywhere"
    try:
        if stages:
            service.wait_for(f"stage {stage}", seconds=_SHORT_SECONDS)
            time.sleep(chance.random() * seconds)
    except AssertionError:
        stage = "anywhere"
    service.kill()
    return stage
