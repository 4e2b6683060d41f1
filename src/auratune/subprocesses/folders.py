"""Temporary folders whose names say whose they are, so that what a killed process left is removed at the next start."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from auratune.core.errors import DiskFull, is_disk_full

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = f"auratune-job-{platform.node()}-"
_CLOCK_SECONDS = 5.0
"""A process may seem to be younger by so much than it is: its start is counted from the machine's, in whole seconds."""


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of this process that is removed with all that is in it. Raises `DiskFull`."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    except OSError as error:
        if not is_disk_full(error):
            raise
        raise DiskFull("There is no room for temporary files; make some and try again.") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_stale_folders() -> None:
    """Remove temporary folders of processes on this machine that are not there any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and _is_stale(folder, int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_stale(folder: Path, pid: int) -> bool:
    try:
        # In a container the next service has the number of the one before it.
        return psutil.Process(pid).create_time() > folder.stat().st_mtime + _CLOCK_SECONDS
    except psutil.NoSuchProcess:
        return True
    except (psutil.AccessDenied, OSError):
        return False
