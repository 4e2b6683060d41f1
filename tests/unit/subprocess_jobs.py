"""Jobs for the tests of child processes; a child process imports this by name."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from auratune.core.errors import InvalidPhoto
from auratune.core.photo import Photo
from auratune.core.ports import Report


def enlarge(photo: Photo, factor: int) -> Photo:
    print("a chatty library")  # noqa: T201 -- what a library prints must not reach the parent
    return Photo(
        key=photo.key,
        width_px=photo.width_px * factor,
        height_px=photo.height_px,
        content_hash=photo.content_hash,
        seed=photo.seed,
    )


def count(steps: int, report: Report) -> str:
    for index in range(steps):
        report((index + 1) / steps, f"step {index + 1}")
    return "counted"


def refuse() -> None:
    raise InvalidPhoto("Too dark to see.", code="photo_too_dark")


def stumble() -> None:
    raise RuntimeError("canary-0123456789 in /home/someone")


def die() -> None:
    os.kill(os.getpid(), 9)


def sleep_and_tell(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(60)


def eat_memory() -> int:
    return len(bytearray(3_000_000_000))


def environment() -> list[str]:
    return sorted(os.environ)


def priority() -> int:
    return os.nice(0)


def say_over_and_over(report: Report) -> None:
    while True:
        report(0.5, "still working")
        time.sleep(0.01)


def work_in_silence(seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
    return "done"


def leave_files_and_die() -> None:
    Path(tempfile.mkdtemp(), "half.mp4").write_text("half")
    die()


def loaded_modules() -> list[str]:
    return sorted(sys.modules)


def size_of(path: str) -> int:
    return len(path.encode("utf-8", "surrogateescape"))
