"""Logs and metrics. The entry points set up logging; `wiring.py` owns the metrics and the list of secrets."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import TextIO

    from prometheus_client import Metric
    from structlog.typing import EventDict, Processor, WrappedLogger

METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STAGE_BUCKETS = (0.1, 0.3, 1, 3, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600)
_HTTP_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_HTTP_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SHORTEST_SECRET = 4
# These log every request or step; our own lines and metrics say what matters of that.
_CHATTY_LOGGERS = ("httpx", "httpx2", "httpcore", "dbos", "alembic", "uvicorn.access", "anthropic", "elevenlabs")


@dataclass(frozen=True, slots=True)
class VendorState:
    """Outcome of the latest requests to a vendor, since this process started."""

    last_success_at: datetime | None = None
    last_error_at: datetime | None = None
    last_error_code: str = ""
    failing: bool = False
    """Whether the newest request failed."""


class Telemetry:
    """The service's metrics, in their own registry so that two services in one process do not mix.

    The values of every label come from a fixed set: stages, error codes, vendors, route templates.
    """

    def __init__(self) -> None:
        self._vendor_states: dict[str, VendorState] = {}
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._tasks = Counter("auratune_tasks", "Tasks that ended, by outcome", ["outcome"], registry=registry)
        self._stages = Histogram(
            "auratune_stage_seconds", "Time a stage took", ["stage"], buckets=_STAGE_BUCKETS, registry=registry
        )
        self._vendors = Counter(
            "auratune_vendor_requests", "Requests to vendors, by outcome", ["vendor", "outcome"], registry=registry
        )
        self._webhooks = Counter(
            "auratune_webhook_tries", "Tries to deliver a webhook, by outcome", ["outcome"], registry=registry
        )
        self._http = Histogram(
            "auratune_http_request_seconds",
            "Time to answer, by route template",
            ["method", "route", "status"],
            buckets=_HTTP_BUCKETS,
            registry=registry,
        )
        self._queued = Gauge("auratune_queue_depth", "Tasks that wait for their turn", registry=registry)
        self._active = Gauge("auratune_active_tasks", "Tasks being worked on", registry=registry)
        self._workers = Gauge("auratune_live_workers", "Processes that work on tasks", registry=registry)
        self._disk = Gauge("auratune_disk_free_bytes", "Free disk space for films", registry=registry)

    def count_task(self, outcome: str) -> None:
        """Count a task that ended as `done`, `error` or `cancelled`."""
        self._tasks.labels(outcome).inc()

    def observe_stage(self, stage: str, seconds: float) -> None:
        """Record how long a stage took."""
        self._stages.labels(stage).observe(seconds)

    def count_webhook(self, outcome: str) -> None:
        """Count a try to deliver a webhook: `delivered`, `failed` (another follows) or `given_up`."""
        self._webhooks.labels(outcome).inc()

    def count_vendor_request(self, vendor: str, outcome: str) -> None:
        """Count a request to a vendor; the outcome is `ok` or an error code."""
        self._vendors.labels(vendor, outcome).inc()
        before = self._vendor_states.get(vendor, VendorState())
        now = datetime.now(UTC)
        if outcome == "ok":
            self._vendor_states[vendor] = replace(before, last_success_at=now, failing=False)
        else:
            self._vendor_states[vendor] = replace(before, last_error_code=outcome, last_error_at=now, failing=True)

    def vendor_state(self, vendor: str) -> VendorState:
        """Outcome of the latest requests to a vendor; empty before the first."""
        return self._vendor_states.get(vendor, VendorState())

    def observe_http(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record an answered request. `route` is the template; a method that HTTP does not define counts as OTHER."""
        self._http.labels(method if method in _HTTP_METHODS else "OTHER", route, str(status)).observe(seconds)

    def measure(self, *, queued: int, active: int, workers: int, data_folder: Path) -> None:
        """Set what is measured at the moment of asking."""
        self._queued.set(queued)
        self._active.set(active)
        self._workers.set(workers)
        self._disk.set(shutil.disk_usage(data_folder).free)

    def exposition(self, *, queued: int, active: int, workers: int, data_folder: Path) -> bytes:
        """All metrics in the Prometheus text format."""
        self.measure(queued=queued, active=active, workers=workers, data_folder=data_folder)
        return generate_latest(self.registry)

    def serve(self, port: int, measure: Callable[[], None]) -> Callable[[], None]:
        """Answer Prometheus on a port of its own, without a key; returns what stops it.

        `measure` is called before each answer. For a network that only the operator can reach.
        """
        server, thread = start_http_server(port, registry=_MeasuredFirst(self.registry, measure))

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop


class _MeasuredFirst(CollectorRegistry):
    """A registry that has its gauges set before they are read."""

    def __init__(self, registry: CollectorRegistry, measure: Callable[[], None]) -> None:
        super().__init__()
        self._registry, self._measure = registry, measure

    def collect(self) -> Iterable[Metric]:
        self._measure()
        return self._registry.collect()


class Redactor:
    """Replaces known secrets in text by `***`, also where they are escaped for JSON, for `repr` or for a URL."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: tuple[str, ...] = ()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Redact these too from now on. Secrets under four characters would mangle ordinary words and are skipped."""
        spellings = set(self._spellings)
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                spellings |= {secret, repr(secret)[1:-1], quote(secret, safe="")}
                spellings |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        # The longest first: a secret may begin with another one.
        self._spellings = tuple(sorted(spellings, key=len, reverse=True))

    def redact(self, text: str) -> str:
        """Return the text with every secret replaced."""
        for spelling in self._spellings:
            text = text.replace(spelling, "***")
        return text

    def redact_values(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Redact the texts of a log record before it is rendered: rendering may escape what is escaped already."""
        del logger, method
        return {key: self.redact(value) if isinstance(value, str) else value for key, value in event.items()}


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Formats the records of every library, redacted; a malformed log call becomes a line that says so."""

    def __init__(self, renderers: list[Processor], redactor: Redactor) -> None:
        shared: list[Processor] = [structlog.contextvars.merge_contextvars, _add_record_fields]
        super().__init__(foreign_pre_chain=shared, processors=renderers)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        try:
            record.getMessage()
        except Exception as error:  # noqa: BLE001 -- a library's mistake in a log call must not stop the work
            message = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
            message = f"{message} [malformed log call: {type(error).__name__}]"
            record = logging.makeLogRecord(record.__dict__ | {"msg": message, "args": None})
        return self._redactor.redact(super().format(record))


def _add_record_fields(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    del logger, method
    record: logging.LogRecord = event["_record"]
    event["time"] = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    event["level"] = record.levelname
    event["logger"] = record.name
    return event


def _render_text(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """Render `time LEVEL logger: message key=value …`, then the traceback if there is one."""
    del logger, method
    time, level, name = event.pop("time"), event.pop("level"), event.pop("logger").removeprefix("auratune.")
    message, trace = event.pop("event"), event.pop("exception", "") or event.pop("stack_info", "")
    # One record is one line: a line feed in a message must not forge another record.
    message = str(message).replace("\r", "\\r").replace("\n", "\\n")
    line = " ".join(
        [f"{time} {level:<7} {name}: {message}", *(f"{key}={value}" for key, value in sorted(event.items()))]
    )
    return f"{line}\n{trace}" if trace else line


def log_handler(form: str, redactor: Redactor, stream: TextIO | None = None) -> logging.Handler:
    """A handler that writes `text` or `json` lines to the stream (standard error), with secrets redacted."""
    renderers: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redactor.redact_values,
    ]
    if form == "json":
        renderers += [
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=repr),
        ]
    else:
        renderers.append(_render_text)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(renderers, redactor))
    return handler


def set_up_logging(level: str = "INFO", *, form: str = "text", redactor: Redactor | None = None) -> None:
    """Send the logs of every library to standard error in one form. Call once, at start."""
    root = logging.getLogger()
    root.handlers[:] = [log_handler(form, redactor or Redactor())]
    root.setLevel(level)
    for name in _CHATTY_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.WARNING, root.level))
        logger.handlers.clear()
        logger.propagate = True


def current_request_id() -> str:
    """The id of the request that is being answered, or empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
