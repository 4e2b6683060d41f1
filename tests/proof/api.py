"""The API against its own description: schemathesis sends made-up requests to every operation of a running service."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.proof.service import ProofService, report, running_service

# Data that fits the schema may still be no picture, so refusing it is right; the service runs without keys here (the
# access matrix is a test of its own); the streams of events never end, so each is read for a moment only.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,use_after_free"
)
STREAMS = "/events$"
OF_A_FILM = r"^/photos/\{"
RUNS = {
    "of one film": ["--phases", "fuzzing", "--include-path-regex", OF_A_FILM, "--exclude-path-regex", STREAMS],
    "others": ["--phases", "fuzzing", "--exclude-path-regex", f"{OF_A_FILM}|{STREAMS}"],
    "limits and links": ["--phases", "examples,coverage,stateful", "--exclude-path-regex", STREAMS],
    "event streams": ["--include-path-regex", STREAMS, "--request-timeout", "0.3"],
}
"""What is sent at the same time: made-up requests take twice as long as all the rest; streams are only waited for."""


def main() -> int:
    """Run the proof."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--examples", type=int, default=100, help="made-up requests per operation")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", default="", help="write the table to this file")
    given = arguments.parse_args()
    with running_service(RATE_LIMIT=100_000, LOG_LEVEL="ERROR") as service:
        before, started = service.memory_mb(), time.monotonic()
        with ThreadPoolExecutor(len(RUNS)) as at_once:
            found = dict(zip(RUNS, at_once.map(lambda name: _schemathesis(service, given, name), RUNS), strict=True))
        operations = sum(run["operations"] for name, run in found.items() if name != "limits and links")
        rows: list[tuple[str, Any, str]] = [
            ("operations tested", operations, ">= 30"),
            ("requests", sum(run["cases"] for run in found.values()), ""),
            ("seconds", round(time.monotonic() - started), ""),
            *((f"failures: {name}", run["failures"], "= 0") for name, run in found.items()),
            ("service is alive", int(service.is_alive()), "= 1"),
            ("service grew by MB", round(service.memory_mb() - before, 1), ""),
            ("tracebacks in the log", service.tracebacks(), "= 0"),
        ]
    return report("API against its description", rows, given.json)


def _schemathesis(service: ProofService, given: argparse.Namespace, name: str) -> dict[str, int]:
    out = service.folder / f"{name}.json"
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{service.address}/openapi.json",
        "--max-examples", str(given.examples), "--checks", CHECKS, "--seed", str(given.seed),
        "--continue-on-failure", "--no-shrink", "--no-color", "--workers", "1", "--suppress-health-check", "all",
        "--request-timeout", "30", "--report-json-path", str(out), *RUNS[name],
    ]  # fmt: skip
    ran = subprocess.run(command, cwd=service.folder, capture_output=True, text=True, check=False)
    found = json.loads(out.read_text(encoding="utf-8"))
    # A stream that is left after a moment counts as an error of the network there.
    errors = 0 if name == "event streams" else len(found["errors"])
    failures = found["test_cases"]["unique_failures"] + errors
    if failures:
        print(ran.stdout[-20_000:])  # noqa: T201 -- how to reproduce each failure
    return {
        "operations": found["operations"]["tested"],
        "cases": found["test_cases"]["generated"],
        "failures": failures,
    }


if __name__ == "__main__":
    sys.exit(main())
