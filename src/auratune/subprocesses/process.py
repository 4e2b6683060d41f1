"""A started child process, spawned or forked: its pipes, what it uses, and how it is ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from typing import IO, Protocol

import psutil

_PROGRAM = "from auratune.subprocesses.child import main; main()"
_SAFE_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR", "TEMP", "SYSTEMROOT")
"""What children inherit; TEMP and SYSTEMROOT are Windows'."""

_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(2 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
}
"""For glibc: pictures and sounds go back to the system as soon as they are dropped, and leave no holes in the heap."""


class ChildProcess(Protocol):
    """What the pool needs of a child, however it was started."""

    pid: int
    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    def end(self) -> None:
        """Kill the process if it still runs, wait until it is gone, and close the pipes."""
        ...


class SpawnedProcess:
    """A child that was started as a new interpreter."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
        )
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self.pid = self._process.pid
        self.stdin, self.stdout, self.stderr = self._process.stdin, self._process.stdout, self._process.stderr

    def end(self) -> None:
        """See `ChildProcess.end`."""
        self._process.kill()
        self._process.wait()
        _close(self)


class ForkedProcess:
    """A child of the template process; `handle` is its pidfd, which never means another process."""

    def __init__(self, pid: int, handle: int, stdin: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self._handle = handle
        self.stdin: IO[bytes] = os.fdopen(stdin, "wb")
        self.stdout: IO[bytes] = os.fdopen(stdout, "rb")
        self.stderr: IO[bytes] = os.fdopen(stderr, "rb")

    def end(self) -> None:
        """See `ChildProcess.end`."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        ended = select.poll()
        ended.register(self._handle, select.POLLIN)
        ended.poll()
        os.close(self._handle)
        _close(self)


def child_environment() -> dict[str, str]:
    """The environment of a child: no key of the service, one thread per library.

    Films run side by side, so threads would only get in each other's way; each malloc arena may hold tens of megabytes.
    """
    environment = {name: os.environ[name] for name in _SAFE_VARIABLES if name in os.environ}
    return environment | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | _MALLOC


def cpu_seconds(pid: int) -> float:
    """CPU time that a process and its descendants have used; 0 when it is gone."""
    total = 0.0
    for process in _tree(pid):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def memory_mib(pid: int) -> float:
    """Resident memory of a process and its descendants; 0 when it is gone."""
    total = 0.0
    for process in _tree(pid):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss / 2**20
    return total


def _tree(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _close(child: ChildProcess) -> None:
    for pipe in (child.stdin, child.stdout, child.stderr):
        with contextlib.suppress(OSError):
            pipe.close()
