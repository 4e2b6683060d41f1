"""Logs hold no secret, and meters tell what happened."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from auratune.telemetry import Telemetry, request_id, set_up_logging

if TYPE_CHECKING:
    from pathlib import Path


def test_a_secret_is_struck_out_of_every_line_whoever_wrote_it(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", secrets=["canary-secret"])
    logging.getLogger("some.library").warning("calling with %s", "canary-secret")
    line = capsys.readouterr().err
    assert "calling with ***" in line
    assert "canary-secret" not in line


def test_a_traceback_becomes_the_name_of_its_error(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO")
    try:
        int("/home/someone/secret")
    except ValueError:
        logging.getLogger("auratune.x").exception("It failed")
    line = capsys.readouterr().err
    assert "It failed [ValueError]" in line
    assert "Traceback" not in line
    assert "/home" not in line


def test_a_json_line_carries_the_request_it_belongs_to(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", form="json")
    token = request_id.set("req-1")
    logging.getLogger("auratune.x").info("hello")
    request_id.reset(token)
    line = json.loads(capsys.readouterr().err)
    assert (line["message"], line["request_id"], line["level"]) == ("hello", "req-1", "INFO")


def test_the_meters_show_tasks_stages_vendors_and_requests(tmp_path: Path) -> None:
    telemetry = Telemetry()
    telemetry.count_task("done")
    telemetry.observe_stage("render", 12.0)
    telemetry.count_vendor_request("suno", "ok")
    telemetry.observe_http("GET", "/photos/{task_id}/status", 200, 0.002)
    text = telemetry.exposition(queued=4, active=2, data_folder=tmp_path).decode()
    for line in (
        'auratune_tasks_total{outcome="done"} 1.0',
        'auratune_stage_seconds_count{stage="render"} 1.0',
        'auratune_vendor_requests_total{outcome="ok",vendor="suno"} 1.0',
        'auratune_http_request_seconds_count{method="GET",route="/photos/{task_id}/status",status="200"} 1.0',
        "auratune_queue_depth 4.0",
        "auratune_active_tasks 2.0",
    ):
        assert line in text
    assert "auratune_disk_free_bytes" in text
    assert "process_resident_memory_bytes" in text


def test_how_a_vendor_did_lately_is_remembered() -> None:
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
