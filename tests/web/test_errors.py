"""Every failure is a problem, whoever made it, and tells nothing that is not the client's business."""

from __future__ import annotations

import errno

import pytest
from tests.log_capture import captured_log
from tests.waiting import wait_until
from tests.web.conftest import RunningServer, jpeg

from auratune.core.errors import AuraTuneError, InvalidPhoto, ProviderBusy, TaskNotFound
from auratune.web.errors import status_for


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/photos/", 404, "not_found"),
        ("PUT", "/photos", 405, "method_not_allowed"),
        ("GET", "/photos/00000000-0000-0000-0000-000000000000", 404, "task_not_found"),
        ("GET", "/photos?limit=0", 422, "bad_request_value"),
        ("GET", "/photos?limit=secret-words", 422, "bad_request_value"),
        ("GET", "/photos?status=asleep", 422, "bad_option"),
        ("GET", "/static/..%2fapp.py", 404, "not_found"),
        ("GET", "/static/nothing.js", 404, "not_found"),
    ],
)
def test_it_is_a_problem(common_server: RunningServer, method: str, path: str, status: int, code: str) -> None:
    answer = common_server.client.request(method, path)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "secret-words" not in answer.text
    if status == 405:
        assert "allow" in answer.headers


def test_an_unexpected_error_in_a_route_is_logged_whole_and_reveals_nothing_to_the_client(
    server: RunningServer,
) -> None:
    task_id = server.new_task()
    server.tasks.breaks = True
    with captured_log("/srv/secret/path") as log:
        answer = server.client.get(f"/photos/{task_id}/status", headers={"x-request-id": "trace-1"})
        wait_until(lambda: "Traceback" in log.getvalue(), "the failure is logged")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == "trace-1"
    for inside in ("fire", "/srv", "RuntimeError", "Traceback"):
        assert inside not in answer.text
    for part in ("RuntimeError: ***: the disk is on fire", "fake_task_service.py", "in find", "request_id=trace-1"):
        assert part in log.getvalue()
    assert "secret" not in log.getvalue()


def test_every_answer_carries_a_request_id_and_keeps_a_sane_one(server: RunningServer) -> None:
    assert len(server.client.get("/health/live").headers["x-request-id"]) == 32
    kept = server.client.get("/health/live", headers={"x-request-id": "trace-42.a:b"})
    assert kept.headers["x-request-id"] == "trace-42.a:b"
    for strange in ("a b", "x" * 200, "<script>", ""):
        answer = server.client.get("/health/live", headers={"x-request-id": strange})
        assert answer.headers["x-request-id"] != strange


def test_too_large_a_body_beside_the_photo_routes_is_refused(server: RunningServer) -> None:
    task_id = server.new_task()
    kind = {"content-type": "application/json"}
    for path in (f"/photos/{task_id}/remake", f"/photos/{task_id}/retry", f"/photos/{task_id}/share", "/session"):
        answer = server.client.post(path, content=b"x" * 70_000, headers=kind)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_validation_error_never_says_back_what_was_sent(server: RunningServer) -> None:
    answer = server.client.post("/session", json={"key": {"my": "secret-words"}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.key"
    assert "secret-words" not in answer.text


def test_the_nearest_class_and_the_code_decide_the_status() -> None:
    assert status_for(TaskNotFound("x")) == 404
    assert status_for(ProviderBusy("x")) == 503
    assert status_for(InvalidPhoto("x", code="photo_truncated")) == 400
    assert status_for(AuraTuneError("x")) == 500


def test_pages_and_data_carry_their_security_headers(server: RunningServer) -> None:
    page, data = server.client.get("/app"), server.client.get("/photos")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert data.headers["content-security-policy"].startswith("default-src 'none'")
    for answer in (page, data, server.client.get("/nothing")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"


def test_a_problem_of_a_task_names_it_only_when_it_is_an_id(server: RunningServer) -> None:
    real = server.new_task()
    server.tasks.finish(real)
    assert server.client.post(f"/photos/{real}/cancel").json()["task_id"] == real
    assert "task_id" not in server.client.get("/photos/<script>/status").json()


def test_a_photo_in_a_form_is_never_said_back(server: RunningServer) -> None:
    answer = server.client.post("/photos", files={"file": ("secret-name.jpg", jpeg()[:50], "image/jpeg")})
    assert answer.status_code == 400
    assert "secret-name" not in answer.text


def test_a_full_disk_is_told_wherever_it_is_found(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/secret/path")

    task_id = server.new_task()
    monkeypatch.setattr(server.tasks, "submit", full)
    monkeypatch.setattr(server.tasks, "cancel", full)
    for answer in (server.send(), server.client.post(f"/photos/{task_id}/cancel")):
        assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (503, "disk_full", True)
        assert "retry-after" in answer.headers
        assert "secret" not in answer.text
