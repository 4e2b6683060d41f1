"""Photos straight from the glasses, by the webhook of MentraOS's Bluetooth SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import House, jpeg

from auratune.core.errors import TaskConflict

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

DIRECT = {"requestId": "r-1", "type": "photo_upload", "success": "true"}
RELAY = {"requestId": "r-1", "success": "true", "source": "ble_transfer"}


def post(house: House, fields: dict[str, str], photo: bytes | None = None, **headers: str) -> httpx2.Response:
    files = {"photo": ("p.jpg", photo, "image/jpeg")} if photo else {"nothing": ("", b"")}
    return house.client.post("/mentra/photo", data=fields, files=files, headers=headers)


@pytest.mark.parametrize("fields", [DIRECT, RELAY])
def test_a_photo_becomes_a_task(house: House, fields: dict[str, str]) -> None:
    photo = jpeg()
    answer = post(house, fields, photo)
    body = answer.json()
    task_id = next(iter(house.tasks.tasks))
    assert answer.status_code == 200
    assert body == {
        "success": True,
        "requestId": "r-1",
        "message": body["message"],
        "taskId": task_id,
        "statusUrl": f"{house.address}/photos/{task_id}/status",
        "photoUrl": f"{house.address}/photos/{task_id}/poster",
        "videoUrl": f"{house.address}/photos/{task_id}/download",
        "shareUrl": body["shareUrl"],
        "contentType": "image/jpeg",
        "fileSizeBytes": body["fileSizeBytes"],
    }
    given = house.client.get(body["photoUrl"])
    assert (given.headers["content-type"], len(given.content)) == (body["contentType"], body["fileSizeBytes"])
    assert "<h1" in house.client.get(body["shareUrl"], headers={"accept": "text/html"}).text


def test_the_same_request_sent_again_makes_no_second_film(house: House) -> None:
    first = post(house, DIRECT, jpeg()).json()
    again = post(house, DIRECT, jpeg()).json()
    assert again["taskId"] == first["taskId"]
    # The relay compresses anew, so the bytes differ; the phone still must hear "yes".
    relayed = post(house, RELAY, jpeg(seed=2))
    assert (relayed.status_code, relayed.json()["success"], relayed.json()["requestId"]) == (200, True, "r-1")
    assert len(house.tasks.tasks) == 1


def test_a_request_that_is_still_being_answered_counts_as_arrived(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: object) -> None:
        raise TaskConflict("Still at it.", code="idempotency_key_in_flight", retryable=True)

    monkeypatch.setattr(house.tasks, "submit", busy)
    assert post(house, DIRECT, jpeg()).json()["success"] is True


def test_a_failure_of_the_glasses_is_noted(house: House, caplog: pytest.LogCaptureFixture) -> None:
    fields = {"requestId": "r-9", "type": "photo_error", "success": "false", "errorCode": "CAMERA_BUSY"}
    answer = post(house, fields)
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert "CAMERA_BUSY" in caplog.text
    assert not house.tasks.tasks
    assert not house.leftovers()


def test_what_is_wrong_is_told_in_the_sdks_words_too(house: House) -> None:
    for fields, photo in ((DIRECT, None), ({"success": "true"}, jpeg()), (DIRECT, b"no photo")):
        answer = post(house, fields, photo)
        assert 400 <= answer.status_code < 500
        assert answer.json()["success"] is False
        assert answer.json()["error"] == answer.json()["detail"]
    assert not house.tasks.tasks


def test_the_auth_token_is_a_key(open_house: Callable[..., House]) -> None:
    house = open_house(auratune_api_keys="alice:secret-a")
    refused = post(house, DIRECT, jpeg(), authorization="Bearer wrong")
    assert (refused.status_code, refused.json()["success"]) == (401, False)
    assert post(house, DIRECT, jpeg(), authorization="Bearer secret-a").json()["success"] is True
    assert next(iter(house.tasks.tasks.values())).owner == "alice"
