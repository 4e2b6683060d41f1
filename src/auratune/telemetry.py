"""Logs and metrics; set up once by the entry points."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered; every log line of it carries the id."""

METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STAGE_BUCKETS = (0.1, 0.3, 1, 3, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600)
_HTTP_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class VendorState:
    """How a vendor did lately, since this process started."""

    last_success_at: datetime | None = None
    last_error_at: datetime | None = None
    last_error_code: str = ""
    failing: bool = False
    """Whether the newest request failed."""


class Telemetry:
    """The service's meters, in a registry of its own so that two services in one process do not mix."""

    def __init__(self) -> None:
        self._vendor_states: dict[str, VendorState] = {}
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._tasks = Counter("auratune_tasks", "Tasks that ended, by outcome", ["outcome"], registry=self.registry)
        self._stages = Histogram(
            "auratune_stage_seconds",
            "Time a stage took",
            ["stage"],
            buckets=_STAGE_BUCKETS,
            registry=self.registry,
        )
        self._vendors = Counter(
            "auratune_vendor_requests",
            "Requests to vendors, by outcome",
            ["vendor", "outcome"],
            registry=self.registry,
        )
        self._http = Histogram(
            "auratune_http_request_seconds",
            "Time to answer, by route template",
            ["method", "route", "status"],
            buckets=_HTTP_BUCKETS,
            registry=self.registry,
        )
        self._queued = Gauge("auratune_queue_depth", "Tasks that wait for their turn", registry=self.registry)
        self._active = Gauge("auratune_active_tasks", "Tasks being worked on", registry=self.registry)
        self._disk = Gauge("auratune_disk_free_bytes", "Free room for films", registry=self.registry)

    def count_task(self, outcome: str) -> None:
        """A task ended as `done`, `error` or `cancelled`."""
        self._tasks.labels(outcome).inc()

    def observe_stage(self, stage: str, seconds: float) -> None:
        """A stage took this long."""
        self._stages.labels(stage).observe(seconds)

    def count_vendor_request(self, vendor: str, outcome: str) -> None:
        """A vendor was asked; the outcome is `ok` or an error's code."""
        self._vendors.labels(vendor, outcome).inc()
        before = self._vendor_states.get(vendor, VendorState())
        now = datetime.now(UTC)
        if outcome == "ok":
            self._vendor_states[vendor] = replace(before, last_success_at=now, failing=False)
        else:
            self._vendor_states[vendor] = replace(before, last_error_code=outcome, last_error_at=now, failing=True)

    def vendor_state(self, vendor: str) -> VendorState:
        """How the last requests to a vendor went; empty before the first."""
        return self._vendor_states.get(vendor, VendorState())

    def observe_http(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered. `route` is the template, so that ids make no new series."""
        self._http.labels(method, route, str(status)).observe(seconds)

    def exposition(self, *, queued: int, active: int, data_folder: Path) -> bytes:
        """All meters as Prometheus text."""
        self._queued.set(queued)
        self._active.set(active)
        self._disk.set(shutil.disk_usage(data_folder).free)
        return generate_latest(self.registry)


_secrets: set[str] = set()


def keep_secret(*secrets: str) -> None:
    """Have these struck out of every log line from now on."""
    _secrets.update(secret for secret in secrets if len(secret) >= 4)


class _Redact(logging.Filter):
    """Strikes secrets out of every line, whoever wrote it."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        for secret in tuple(_secrets):
            text = text.replace(secret, "***")
        record.msg, record.args = text, None
        # Tracebacks show paths and values; their class and place say enough in a log, debug runs print the rest.
        if record.exc_info and record.exc_info[0] and record.levelno > logging.DEBUG:
            record.msg = f"{text} [{record.exc_info[0].__name__}]"
            record.exc_info = record.exc_text = None
        return True


class _Line(logging.Formatter):
    """Time, level, logger, request id, message."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 -- the base's name
        return datetime.fromtimestamp(record.created, UTC).strftime(datefmt or "%Y-%m-%dT%H:%M:%S.%f")

    def format(self, record: logging.LogRecord) -> str:
        name = record.name.removeprefix("auratune.")
        tail = f" request_id={request_id.get()}" if request_id.get() else ""
        when = self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")
        return f"{when} {record.levelname:<7} {name}: {record.getMessage()}{tail}"


class _JsonLine(_Line):
    """The same as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(level: str = "INFO", *, form: str = "text", secrets: Iterable[str] = ()) -> None:
    """Send all logs to standard error in one form, with secrets struck out. Call once, at start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLine() if form == "json" else _Line())
    handler.addFilter(_Redact())
    keep_secret(*secrets)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These tell each request or each step; what matters of that is in our own lines and meters.
    for noisy in ("httpx", "httpx2", "httpcore", "dbos", "alembic", "uvicorn.access", "anthropic", "elevenlabs"):
        logger = logging.getLogger(noisy)
        logger.setLevel(max(logging.WARNING, root.level))
        logger.handlers.clear()
        logger.propagate = True
