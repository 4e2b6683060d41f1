"""Photos straight from the glasses, by the webhook of MentraOS's Bluetooth SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.waiting import DEADLINE_SECONDS
from tests.web.conftest import RunningServer, jpeg

from auratune.core.errors import TaskConflict
from auratune.web.routes import mentra

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

DIRECT = {"requestId": "r-1", "type": "photo_upload", "success": "true"}
RELAY = {"requestId": "r-1", "success": "true", "source": "ble_transfer"}


def post(server: RunningServer, fields: dict[str, str], photo: bytes | None = None, **headers: str) -> httpx2.Response:
    files = {"photo": ("p.jpg", photo, "image/jpeg")} if photo else {"nothing": ("", b"")}
    return server.client.post("/mentra/photo", data=fields, files=files, headers=headers)


@pytest.mark.parametrize("fields", [DIRECT, RELAY])
def test_a_photo_becomes_a_task(server: RunningServer, fields: dict[str, str]) -> None:
    photo = jpeg()
    answer = post(server, fields, photo)
    body = answer.json()
    task_id = next(iter(server.tasks.tasks))
    assert answer.status_code == 200
    assert body == {
        "success": True,
        "requestId": "r-1",
        "message": body["message"],
        "taskId": task_id,
        "statusUrl": f"{server.address}/photos/{task_id}/status",
        "photoUrl": f"{server.address}/photos/{task_id}/poster",
        "videoUrl": f"{server.address}/photos/{task_id}/download",
        "shareUrl": body["shareUrl"],
        "contentType": "image/jpeg",
        "fileSizeBytes": body["fileSizeBytes"],
    }
    given = server.client.get(body["photoUrl"])
    assert (given.headers["content-type"], len(given.content)) == (body["contentType"], body["fileSizeBytes"])
    assert "<h1" in server.client.get(body["shareUrl"], headers={"accept": "text/html"}).text


def test_the_same_request_sent_again_makes_no_second_film_and_gets_the_same_answer(server: RunningServer) -> None:
    first = post(server, DIRECT, jpeg()).json()
    assert post(server, DIRECT, jpeg()).json() == first
    # The relay compresses anew, so the bytes differ.
    assert post(server, RELAY, jpeg(seed=2)).json() == first
    assert len(server.tasks.tasks) == 1


def test_the_size_told_is_that_of_what_the_photo_url_gives_once_the_film_has_a_poster(server: RunningServer) -> None:
    first = post(server, DIRECT, jpeg(320, 240)).json()
    server.tasks.finish(first["taskId"])
    body = post(server, RELAY, jpeg(seed=2)).json()
    assert body["fileSizeBytes"] == len(server.client.get(body["photoUrl"]).content) != first["fileSizeBytes"]


@pytest.mark.parametrize(("outcome", "status"), [("task", 200), ("", 200), (None, 409)])
def test_a_relay_that_overtakes_the_glasses_own_upload_hears_what_became_of_that(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, outcome: str | None, status: int
) -> None:
    task_id = server.new_task()
    answers = iter(["", "", task_id if outcome else outcome])

    def busy(_: object) -> None:
        raise TaskConflict("Still at it.", code="idempotency_key_in_flight", retryable=True)

    monkeypatch.setattr(server.tasks, "submit", busy)
    monkeypatch.setattr(server.tasks, "task_of_key", lambda *_: next(answers, outcome))
    monkeypatch.setattr(mentra, "_EARLIER_SECONDS", 0.5 if outcome == "" else DEADLINE_SECONDS)
    answer = post(server, RELAY, jpeg(seed=2))
    assert (answer.status_code, answer.json()["success"]) == (status, status == 200)
    assert answer.json().get("taskId") == (task_id if outcome else None)


def test_a_failure_of_the_glasses_is_noted(server: RunningServer, caplog: pytest.LogCaptureFixture) -> None:
    fields = {"requestId": "r-9", "type": "photo_error", "success": "false", "errorCode": "CAMERA_BUSY"}
    answer = post(server, fields)
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert "CAMERA_BUSY" in caplog.text
    assert not server.tasks.tasks
    assert not server.leftovers()


def test_what_is_wrong_is_told_in_the_sdks_words_too(server: RunningServer) -> None:
    for fields, photo in ((DIRECT, None), ({"success": "true"}, jpeg()), (DIRECT, b"no photo")):
        answer = post(server, fields, photo)
        assert 400 <= answer.status_code < 500
        assert answer.json()["success"] is False
        assert answer.json()["error"] == answer.json()["detail"]
    assert not server.tasks.tasks


def test_the_auth_token_is_a_key(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys="alice:secret-a")
    refused = post(server, DIRECT, jpeg(), authorization="Bearer wrong")
    assert (refused.status_code, refused.json()["success"]) == (401, False)
    assert post(server, DIRECT, jpeg(), authorization="Bearer secret-a").json()["success"] is True
    assert next(iter(server.tasks.tasks.values())).owner == "alice"


def test_an_app_that_shows_text_gets_a_line_and_the_films_link(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys="alice:secret-a")
    files = {"image": ("frame.jpg", jpeg(), "image/jpeg")}
    # Such an app has a field for the address and none for headers.
    for password, status in (("wrong", 401), ("secret-a", 200)):
        answer = server.client.post("/photos?plain=1", files=files, auth=("me", password))
        assert answer.status_code == status
    message, link = answer.text.splitlines()
    assert answer.headers["content-type"].startswith("text/plain")
    assert message == "Your photo has arrived; the film is on its way."
    assert server.client.get(link).status_code == 200
    for wrong in ("Basic", "Basic !", "Basic bWU=", "Basic /w=="):
        assert server.client.get("/photos", headers={"authorization": wrong}).status_code == 401
