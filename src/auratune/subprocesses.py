"""A room of its own for heavy or risky work: one function, one child process, low priority, hard limits.

The service itself stays small and quick to answer, because numpy, OpenCV and the codecs are only ever loaded here; a
hostile photo or a crash of a codec takes down one child and nothing else. Jobs and results cross as JSON by tag
(`core/serialization.py`), never as pickle. A child ends by itself when its parent dies: its standard input closes.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import logging
import os
import queue
import resource
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import msgspec

from auratune.core import serialization
from auratune.core.context import ignore_progress
from auratune.core.errors import AuraTuneError, SubprocessFailed
from auratune.core.ports import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auratune.core.ports import Report

_STILL_AT_IT_SECONDS = 0.25
_SAFE_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "AURATUNE_DEBUG")
_MEBIBYTE = 1024 * 1024
_FAILURE = b"workroom: "
_DEBUG = bool(os.environ.get("AURATUNE_DEBUG"))
_log = logging.getLogger(__name__)


class SubprocessPool:
    """Runs functions in child processes, and keeps at most one waiting child for each function that must start fast."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, function: str, *arguments: Any, limits: Limits | None = None, report: Report | None = None) -> Any:
        """See `Subprocesses.run`."""
        waiting = self._take(function)
        child = waiting or _start()
        try:
            return _converse(child, function, arguments, limits or Limits(), report or ignore_progress)
        finally:
            _end(child)
            if waiting:
                self.keep_warm(function)

    def keep_warm(self, function: str) -> None:
        """Keep one child waiting with the function's module loaded, so that the next call starts at once."""
        with self._lock:
            waiting = self._waiting.get(function)
            if not waiting or waiting.poll() is not None:
                self._waiting[function] = _start(warm=function)

    def close(self) -> None:
        """End all waiting children."""
        with self._lock:
            children, self._waiting = list(self._waiting.values()), {}
        for child in children:
            _end(child)

    def _take(self, function: str) -> subprocess.Popen[bytes] | None:
        with self._lock:
            child = self._waiting.pop(function, None)
        return child if child and child.poll() is None else None


def _start(warm: str = "") -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _SAFE_ENVIRONMENT if name in os.environ}
    # One thread per child and two malloc arenas: films run side by side, and each arena may hold tens of megabytes.
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    command = [sys.executable, "-m", "auratune.subprocesses", *([warm] if warm else [])]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()


def _converse(
    child: subprocess.Popen[bytes], function: str, arguments: tuple[Any, ...], limits: Limits, report: Report
) -> Any:
    job = {
        "function": function,
        "arguments": [serialization.to_plain(argument) for argument in arguments],
        "limits": msgspec.to_builtins(limits),
    }
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(msgspec.json.encode(job) + b"\n")
        child.stdin.flush()
    deadline = time.monotonic() + limits.wall_seconds
    for message in _messages(child):
        if message is None:
            if time.monotonic() > deadline:
                raise SubprocessFailed("The work took longer than it may; try again.", code="work_took_too_long")
            report(None)
        elif "result" in message:
            return serialization.from_plain(message["result"])
        elif "error" in message:
            raise serialization.from_plain(message["error"])
        else:
            report(message["fraction"], message["note"])
    raise SubprocessFailed(
        "A child process ended before its work was done; it may have run out of memory. Try again.",
        code="work_died",
    )


def _messages(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any] | None]:
    """Each message of the child as it comes, and None whenever it has been silent for a moment."""
    inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_listen, args=(child.stdout, inbox), daemon=True).start()
    threading.Thread(target=_drain, args=(child.stderr,), daemon=True).start()
    while True:
        try:
            message = inbox.get(timeout=_STILL_AT_IT_SECONDS)
        except queue.Empty:
            yield None
            continue
        if message is None:
            return
        yield message


def _listen(voice: IO[bytes], inbox: queue.Queue[dict[str, Any] | None]) -> None:
    with contextlib.suppress(ValueError, OSError, msgspec.DecodeError):
        for line in voice:
            inbox.put(msgspec.json.decode(line))
    inbox.put(None)


def _drain(murmur: IO[bytes]) -> None:
    # A full pipe would stop the child, so what it prints is read. Only our own line about a failure is kept (it names
    # a class and a line of code); the rest may hold paths.
    with contextlib.suppress(ValueError, OSError):
        for line in murmur:
            if line.startswith(_FAILURE):
                _log.error("%s", line[len(_FAILURE) :].decode(errors="replace").strip())
            elif _DEBUG:
                sys.stderr.buffer.write(line)


# ── the child's side ──────────────────────────────────────────────────────────────────────────────────────────────


def _set_limits(limits: Limits) -> None:
    with contextlib.suppress(OSError):
        os.nice(limits.niceness)
    for kind, amount in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_mib * _MEBIBYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))


def _die_with_parent() -> None:
    # The parent never writes again after the job, so the next thing to be read is the end: the parent is gone.
    sys.stdin.buffer.read()
    os._exit(1)


def _find(function: str) -> Callable[..., Any]:
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]


def _do(job: dict[str, Any], report: Report) -> dict[str, Any]:
    try:
        function = _find(job["function"])
        arguments = [serialization.from_plain(argument) for argument in job["arguments"]]
        reports = {"report": report} if "report" in inspect.signature(function).parameters else {}
        return {"result": serialization.to_plain(function(*arguments, **reports))}
    except MemoryError:
        return {"error": serialization.to_plain(SubprocessFailed("The work needed more memory than it may use."))}
    except AuraTuneError as error:
        return {"error": serialization.to_plain(error)}
    except Exception as error:  # noqa: BLE001 -- whatever it is, the parent must hear of it
        sys.stderr.buffer.write(_FAILURE + _where(error).encode() + b"\n")
        if _DEBUG:
            traceback.print_exc()
        sys.stderr.flush()
        return {"error": serialization.to_plain(error)}


def main() -> NoReturn:
    """The child: read one job, do it, answer, leave."""
    # Libraries that print must not garble the conversation: keep the real output for us alone.
    voice = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    lock = threading.Lock()

    def say(message: dict[str, Any]) -> None:
        with lock:
            voice.write(msgspec.json.encode(message) + b"\n")

    if len(sys.argv) > 1:
        _find(sys.argv[1])
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(0)
    job = json.loads(line)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _set_limits(msgspec.convert(job["limits"], type=Limits))

    def report(fraction: float | None, note: str = "") -> None:
        say({"fraction": fraction, "note": note})

    say(_do(job, report))
    # Skips interpreter shutdown: codec threads may still be winding down and there is nothing left to save.
    os._exit(0)


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"


if __name__ == "__main__":
    main()
