"""The address that is to be told of a film's end comes in with any body; what became of it is shown with the task."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import RunningServer, jpeg

from auratune.core.task import WebhookDelivery

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

URL = "https://hooks.example.org/films?for=alice"


def _as_json(server: RunningServer) -> httpx2.Response:
    return server.client.post("/photos", json={"photo": base64.b64encode(jpeg()).decode(), "callback_url": URL})


def _as_form(server: RunningServer) -> httpx2.Response:
    return server.client.post("/photos", files={"file": ("a.jpg", jpeg())}, data={"callback_url": URL})


def _as_bytes(server: RunningServer) -> httpx2.Response:
    headers = {"content-type": "image/jpeg"}
    return server.client.post("/photos", params={"callback_url": URL}, content=jpeg(), headers=headers)


def _from_glasses(server: RunningServer) -> httpx2.Response:
    files, data = {"photo": ("a.jpg", jpeg())}, {"requestId": "r1", "callback_url": URL}
    return server.client.post("/mentra/photo", files=files, data=data)


@pytest.mark.parametrize("send", [_as_json, _as_form, _as_bytes, _from_glasses])
def test_every_kind_of_upload_may_name_an_address(
    server: RunningServer, send: Callable[[RunningServer], httpx2.Response]
) -> None:
    answer = send(server)
    assert answer.status_code == 200, answer.text
    assert server.tasks.uploads[0].callback_url == URL


def test_a_remake_may_name_an_address_of_its_own(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id)
    assert server.client.post(f"/photos/{task_id}/remake", json={"style": "noir", "callback_url": URL}).is_success
    assert server.tasks.callback_urls == [URL]


def test_an_address_that_is_no_text_or_too_long_is_refused_without_repeating_it(server: RunningServer) -> None:
    for wrong in (7, ["https://x.example"], "https://hooks.example.org/" + "a" * 3000):
        body = {"photo": base64.b64encode(jpeg()).decode(), "callback_url": wrong}
        answer = server.client.post("/photos", json=body)
        assert answer.status_code == 422
        assert "callback_url" in answer.json()["detail"]
        assert "hooks.example" not in answer.text


def test_the_task_shows_its_deliveries(server: RunningServer) -> None:
    at = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
    delivery = WebhookDelivery(
        webhook_id="film_1_1",
        event="film.done",
        state="waiting",
        tries=2,
        http_status=0,
        error="timed_out",
        created_at=at,
        next_try_at=at,
        delivered_at=None,
    )
    task_id = server.new_task()
    server.tasks.results[task_id] = {"deliveries": (delivery,)}
    assert server.client.get(f"/photos/{task_id}").json()["deliveries"] == [
        {
            "webhook_id": "film_1_1",
            "event": "film.done",
            "state": "waiting",
            "tries": 2,
            "http_status": None,
            "error": "timed_out",
            "created_at": "2026-11-26T01:02:03Z",
            "next_try_at": "2026-11-26T01:02:03Z",
            "delivered_at": None,
        }
    ]
