"""The parent's side: start a child, send it a job, watch its limits, pass on its reports, return its result."""

from __future__ import annotations

import collections
import contextlib
import json
import logging
import queue
import sys
import threading
import time
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any, Self

from auratune.core import serialization
from auratune.core.context import ignore_progress
from auratune.core.errors import SubprocessFailed
from auratune.core.ports import Limits
from auratune.subprocesses.folders import remove_stale_folders, temporary_folder
from auratune.subprocesses.process import ChildProcess, SpawnedProcess, cpu_seconds, memory_mib
from auratune.subprocesses.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auratune.core.ports import Report

_IS_LINUX = sys.platform == "linux"
_TICK_SECONDS = 0.25
_LEAST_CPU_SECONDS = 0.01
_STDERR_LINES = 20
_log = logging.getLogger(__name__)


class SubprocessPool:
    """Runs functions in child processes.

    On Linux children are forked from one template process that has imported the `preload` modules; it is started by the
    first call, or by `start`. Elsewhere, and when the template fails, each child is a new interpreter.
    """

    def __init__(self, *preload: str) -> None:
        self._preload = preload
        self._template: Template | None = None
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the template, so that the first call need not wait for its imports; remove what dead parents left."""
        remove_stale_folders()
        if self._preload and _IS_LINUX:
            with self._lock:
                if self._template is None and not self._closed:
                    self._template = Template(self._preload)

    def run(self, function: str, *arguments: Any, limits: Limits | None = None, report: Report | None = None) -> Any:
        """See `Subprocesses.run`."""
        limits = limits or Limits()
        with temporary_folder() as folder:
            child = self._start_child()
            try:
                job = {
                    "function": function,
                    "arguments": [serialization.to_plain(argument) for argument in arguments],
                    "limits": asdict(limits),
                    "temp_folder": str(folder),
                }
                return _converse(child, job, limits, report or ignore_progress)
            finally:
                child.end()

    def close(self) -> None:
        """End the template; children at work are ended by whoever called `run`."""
        with self._lock:
            template, self._template, self._closed = self._template, None, True
        if template:
            template.close()

    def _start_child(self) -> ChildProcess:
        if self._template is None:
            self.start()
        template = self._template
        if template is not None:
            try:
                return template.fork()
            except OSError:
                _log.warning("The template of child processes failed; it is started anew", exc_info=True)
                with self._lock:
                    if self._template is template:
                        self._template = None
                template.close()
        return SpawnedProcess()


class _Watch:
    """Raises `SubprocessFailed` when a child takes too long, uses too much memory, or is silent without working."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._pid = pid
        self._limits = limits
        self._started = self._heard_at = time.monotonic()
        self._cpu_seconds: float | None = None

    def heard(self) -> None:
        """Note a message of the child."""
        self._heard_at = time.monotonic()
        self._cpu_seconds = None

    def check(self) -> None:
        """Compare what the child uses with its limits."""
        now = time.monotonic()
        if now - self._started > self._limits.wall_seconds:
            raise SubprocessFailed("The work took longer than it may; try again.", code="work_took_too_long")
        if not _IS_LINUX and memory_mib(self._pid) > self._limits.memory_mib:
            raise SubprocessFailed("The work needed more memory than it may use.")
        self._check_silence(now - self._heard_at)

    def _check_silence(self, seconds: float) -> None:
        if self._cpu_seconds is None and seconds > self._limits.silence_seconds / 2:
            self._cpu_seconds = cpu_seconds(self._pid)
        elif self._cpu_seconds is not None and seconds > self._limits.silence_seconds:
            if cpu_seconds(self._pid) - self._cpu_seconds < _LEAST_CPU_SECONDS:
                raise SubprocessFailed("A child process stopped working; try again.", code="work_stalled")
            self.heard()


class _ChildTraceback(Exception):
    """Carries the traceback of the child into the parent's log, as the cause of the error that is raised here."""


def _converse(child: ChildProcess, job: dict[str, Any], limits: Limits, report: Report) -> Any:
    # A child that died at once is found by its silence below.
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(json.dumps(job).encode() + b"\n")
        child.stdin.flush()
    watch = _Watch(child.pid, limits)
    last_lines: collections.deque[str] = collections.deque(maxlen=_STDERR_LINES)
    for message in _messages(child, last_lines):
        watch.check()
        if message is None:
            report(None)
            continue
        watch.heard()
        if "result" in message:
            return serialization.from_plain(message["result"])
        if "error" in message:
            raise _error_of(message, job["function"])
        report(message["fraction"], message["note"])
    _log.warning("The child process of %s ended before its work was done: %s", job["function"], "".join(last_lines))
    raise SubprocessFailed(
        "A child process ended before its work was done; it may have run out of memory. Try again.",
        code="work_died",
    )


def _error_of(message: dict[str, Any], function: str) -> BaseException:
    error: BaseException = serialization.from_plain(message["error"])
    if "traceback" in message:
        error.__cause__ = _ChildTraceback(f"\n{message['traceback']}")
        _log.error("%s failed in a child process", function, exc_info=error)
    return error


def _messages(child: ChildProcess, last_lines: collections.deque[str]) -> Iterator[dict[str, Any] | None]:
    """Each message of the child as it comes, and None whenever it has been silent for a moment."""
    inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_read_stdout, args=(child.stdout, inbox), daemon=True).start()
    threading.Thread(target=_read_stderr, args=(child.stderr, last_lines), daemon=True).start()
    while True:
        try:
            message = inbox.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            yield None
            continue
        if message is None:
            return
        yield message


def _read_stdout(stdout: IO[bytes], inbox: queue.Queue[dict[str, Any] | None]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stdout:
            inbox.put(json.loads(line))
    inbox.put(None)


def _read_stderr(stderr: IO[bytes], last_lines: collections.deque[str]) -> None:
    # A full pipe would stop the child, so what libraries print is read.
    with contextlib.suppress(ValueError, OSError):
        for line in stderr:
            text = line.decode(errors="replace")
            last_lines.append(text)
            _log.debug("child: %s", text.rstrip())
