"""What a decoder child measures of itself for `benchmarks.field`; it imports no more than the service's own does."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from typing import Any

from auratune.core.errors import AuraTuneError
from auratune.vision.decode import normalise


def decode(source: str, target: str) -> dict[str, Any]:
    """Seconds and peak resident memory in MB that reading one file takes in this process."""
    began = time.monotonic()
    try:
        normalise(source, target, "photos/x.jpg", "0" * 64)
        code = "accepted"
    except AuraTuneError as error:
        code = error.code
    return {"code": code, "child_seconds": round(time.monotonic() - began, 2), "memory_mb": _peak_mb()}


def _peak_mb() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # A forked child's `ru_maxrss` is that of its parent.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1_000_000 if sys.platform == "darwin" else 1000)
