"""The child's side: read one job, do it within its limits, answer, exit."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import sys
import tempfile
import threading
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

from auratune.core import serialization
from auratune.core.errors import AuraTuneError, DiskFull, SubprocessFailed, is_disk_full

try:
    import resource
except ImportError:  # Windows: the parent watches what a child uses instead.
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.ports import Report

_MEBIBYTE = 1024 * 1024


def main() -> NoReturn:
    """Serve one job that comes on standard input."""
    # Libraries that print must not garble the messages: keep the real standard output for this module alone.
    stdout = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(0)
    job = json.loads(line)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    tempfile.tempdir = os.environ["TMPDIR"] = job["temp_folder"]
    _set_limits(**job["limits"])
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        with lock:
            stdout.write(json.dumps(message).encode() + b"\n")

    def report(fraction: float | None, note: str = "") -> None:
        send({"fraction": fraction, "note": note})

    send(_answer(job, report))
    # Skips interpreter shutdown: codec threads may still be winding down, and there is nothing left to save.
    os._exit(0)


def _answer(job: dict[str, Any], report: Report) -> dict[str, Any]:
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
        if is_disk_full(error):
            return {"error": serialization.to_plain(DiskFull("There is no room on the disk; make some and try again."))}
        return {"error": serialization.to_plain(error), "traceback": traceback.format_exc()}


def _find(function: str) -> Callable[..., Any]:
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]


def _set_limits(*, cpu_seconds: int, memory_mib: int, niceness: int, **others: float) -> None:
    del others  # the parent watches these
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(niceness)
    if resource is None:
        return
    for kind, amount in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_mib * _MEBIBYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))


def _exit_with_parent() -> None:
    # The parent writes nothing after the job, so the next thing to be read is the end: the parent is gone.
    sys.stdin.buffer.read()
    os._exit(1)
