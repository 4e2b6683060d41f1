"""Logs show what failed and where but no secret; metrics count what happened."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
from structlog.contextvars import bound_contextvars

from auratune.telemetry import Redactor, Telemetry, log_handler, set_up_logging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = 'canary"secret\\é'


class Log:
    """A logger whose lines can be read."""

    def __init__(self, form: str) -> None:
        self._stream = io.StringIO()
        self._handler = log_handler(form, Redactor([SECRET]), self._stream)
        self.logger = logging.Logger("some.library")  # noqa: LOG001 -- one that no other test shares
        self.logger.addHandler(self._handler)

    def text(self) -> str:
        return self._stream.getvalue()


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Log:
    return Log(request.param)


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    names = ("httpx", "dbos", "uvicorn.access")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _raise(message: str) -> None:
    raise ValueError(message)


def test_a_secret_is_redacted_in_message_arguments_and_traceback(log: Log) -> None:
    log.logger.warning("calling with %s", SECRET)
    log.logger.warning("calling with %r", {"key": SECRET})
    try:
        _raise(f"bad key {SECRET}")
    except ValueError:
        log.logger.exception("It failed for %s", SECRET)
    assert log.text().count("***") >= 4
    assert "canary" not in log.text()


def test_an_unforeseen_failure_is_logged_with_class_message_file_and_line(log: Log) -> None:
    try:
        _raise("the lamp is out")
    except ValueError:
        log.logger.exception("It failed")
    for part in ("It failed", "ValueError: the lamp is out", "test_telemetry.py", "line ", "in _raise"):
        assert part in log.text()


@pytest.mark.parametrize(
    "write",
    [
        lambda logger: logger.info("%d photos", "three"),
        lambda logger: logger.info("%s and %s", "one"),
        lambda logger: logger.info("no placeholder", "spare"),
        lambda logger: logger.info("%s", _Unprintable()),
        lambda logger: logger.info(_Unprintable()),
    ],
)
def test_a_malformed_log_call_never_raises_and_leaves_one_line(
    log: Log, write: Callable[[logging.Logger], None], capsys: pytest.CaptureFixture[str]
) -> None:
    write(log.logger)
    assert "malformed log call" in log.text()
    assert len(log.text().splitlines()) == 1
    assert capsys.readouterr().err == ""


class _Unprintable:
    def __str__(self) -> str:
        raise RuntimeError(SECRET)

    __repr__ = __str__


def test_every_line_carries_the_request_and_the_task_it_belongs_to() -> None:
    text, as_json = Log("text"), Log("json")
    with bound_contextvars(request_id="req-1", task_id="task-1"):
        text.logger.error("hello")
        as_json.logger.error("hello")
    assert text.text().rstrip().endswith("ERROR   some.library: hello request_id=req-1 task_id=task-1")
    line = json.loads(as_json.text())
    assert (line["message"], line["level"], line["logger"]) == ("hello", "ERROR", "some.library")
    assert (line["request_id"], line["task_id"]) == ("req-1", "task-1")


def test_a_line_feed_in_a_message_does_not_make_a_second_record(log: Log) -> None:
    log.logger.error("first\nsecond")
    assert len(log.text().splitlines()) == 1


def test_libraries_that_log_every_request_are_quiet(
    capsys: pytest.CaptureFixture[str], logging_as_before: None
) -> None:
    set_up_logging("INFO")
    for name in ("httpx", "uvicorn.access", "dbos"):
        logging.getLogger(name).info("GET / 200")
    assert capsys.readouterr().err == ""


def test_the_metrics_show_tasks_stages_vendors_and_requests(tmp_path: Path) -> None:
    telemetry = Telemetry()
    telemetry.count_task("done")
    telemetry.observe_stage("render", 12.0)
    telemetry.count_vendor_request("suno", "ok")
    telemetry.count_webhook("given_up")
    telemetry.observe_http("GET", "/photos/{task_id}/status", 200, 0.002)
    text = telemetry.exposition(queued=4, active=2, workers=3, data_folder=tmp_path).decode()
    for line in (
        'auratune_tasks_total{outcome="done"} 1.0',
        'auratune_stage_seconds_count{stage="render"} 1.0',
        'auratune_vendor_requests_total{outcome="ok",vendor="suno"} 1.0',
        'auratune_http_request_seconds_count{method="GET",route="/photos/{task_id}/status",status="200"} 1.0',
        'auratune_webhook_tries_total{outcome="given_up"} 1.0',
        "auratune_queue_depth 4.0",
        "auratune_active_tasks 2.0",
        "auratune_live_workers 3.0",
    ):
        assert line in text
    assert "auratune_disk_free_bytes" in text
    assert "process_resident_memory_bytes" in text


def test_made_up_http_methods_do_not_make_new_series(tmp_path: Path) -> None:
    telemetry = Telemetry()
    for number in range(50):
        telemetry.observe_http(f"M{number}", "unmatched", 405, 0.001)
    text = telemetry.exposition(queued=0, active=0, workers=1, data_folder=tmp_path).decode()
    assert 'auratune_http_request_seconds_count{method="OTHER",route="unmatched",status="405"} 50.0' in text
    assert text.count("auratune_http_request_seconds_count{") == 1


def test_the_latest_outcome_of_a_vendor_is_remembered() -> None:
    telemetry = Telemetry()
    assert telemetry.vendor_state("suno").last_success_at is None
    telemetry.count_vendor_request("suno", "ok")
    telemetry.count_vendor_request("suno", "provider_busy")
    state = telemetry.vendor_state("suno")
    assert state.failing
    assert state.last_error_code == "provider_busy"
    assert state.last_success_at is not None
    telemetry.count_vendor_request("suno", "ok")
    assert not telemetry.vendor_state("suno").failing
    assert telemetry.vendor_state("claude").last_error_at is None
