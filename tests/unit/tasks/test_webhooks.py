"""What a webhook says, how it is signed, and which addresses it may be sent to."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook
from tests.simulators.server import Asked
from tests.simulators.webhook_receiver import SECRET, is_genuine

from auratune.core.errors import InvalidOption
from auratune.core.task import Status
from auratune.providers import ssrf_guard
from auratune.providers.ssrf_guard import UnsafeAddress
from auratune.tasks.webhooks import DEFAULT, Ending, Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable

DONE = Ending(
    task_id="5a0c",
    attempt=2,
    callback_url="https://hooks.example/films",
    ended_at=datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC),
    status=Status.DONE,
    title="Größe",
    error_code="",
    error_message="",
    retryable=False,
)
PUBLIC, PRIVATE = "93.184.216.34", "10.0.0.7"


def _found(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


def test_a_finished_film_is_told_with_its_addresses() -> None:
    body, _ = Webhooks(secret=SECRET, public_url="https://films.example").request(DONE, datetime.now(UTC))
    said = json.loads(body)
    assert (said["type"], said["timestamp"]) == ("film.done", "2026-11-26T01:02:03Z")
    assert said["data"]["title"] == "Größe"
    assert said["data"]["download_url"] == "https://films.example/photos/5a0c/download"
    assert said["data"]["error_code"] is None


@pytest.mark.parametrize(("status", "event"), [(Status.ERROR, "film.failed"), (Status.CANCELLED, "film.cancelled")])
def test_a_film_that_is_not_there_has_no_address(status: Status, event: str) -> None:
    ending = replace(DONE, status=status, error_code="provider_busy", retryable=True)
    said = json.loads(Webhooks(secret=SECRET).request(ending, datetime.now(UTC))[0])
    assert said["type"] == event
    assert (said["data"]["download_url"], said["data"]["status_url"]) == (None, "/photos/5a0c/status")
    assert (said["data"]["error_code"], said["data"]["retryable"]) == ("provider_busy", True)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    body, headers = Webhooks(secret=SECRET).request(DONE, datetime.now(UTC))
    assert headers["webhook-id"] == "film_5a0c_2"
    assert is_genuine(Asked("POST", "/", {}, headers, body))
    assert not is_genuine(Asked("POST", "/", {}, headers, body.replace(b"done", b"gone")))
    assert Webhook(SECRET).verify(body, headers)["type"] == "film.done"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://hooks.example/a?b=c", PRIVATE),
        ("https://hooks.example/a", "169.254.169.254"),
        ("https://hooks.example/a", "::ffff:127.0.0.1"),
        ("http://hooks.example/a", PUBLIC),
        ("https://name:word@hooks.example/a", PUBLIC),
        ("ftp://hooks.example/a", PUBLIC),
        ("hooks.example/a", PUBLIC),
        ("https://hooks.example/a b", PUBLIC),
        ("https://hooks.example:0/a", PUBLIC),
        ("https:///a", PUBLIC),
    ],
)
def test_an_address_that_must_not_be_called_is_refused_at_the_upload(url: str, address: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        Webhooks(secret=SECRET, resolve=_found(address)).accept(url)
    assert caught.value.code == "bad_callback_url"
    assert url not in caught.value.message


def test_a_name_with_one_private_address_or_none_at_all_is_refused() -> None:
    for addresses in ((PUBLIC, PRIVATE), ()):
        with pytest.raises(InvalidOption):
            Webhooks(secret=SECRET, resolve=_found(*addresses)).accept("https://hooks.example/a")


def test_a_public_address_is_taken_and_connected_to_as_it_was_checked() -> None:
    webhooks = Webhooks(secret=SECRET, resolve=_found(PUBLIC))
    kept = webhooks.accept("https://hooks.example:8443/a?b=c")
    target = webhooks.pin(kept)
    assert target.pinned_url == f"https://{PUBLIC}:8443/a?b=c"
    assert (target.host, target.host_header) == ("hooks.example", "hooks.example:8443")


def test_a_name_that_is_slow_to_resolve_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def getaddrinfo(*asked: object, **named: object) -> list[object]:
        answer.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(ssrf_guard, "_SOON_SECONDS", 0.01)
    with pytest.raises(InvalidOption, match="resolved"):
        Webhooks(secret=SECRET).accept("https://hooks.example/a")
    answer.set()


def test_an_address_that_became_private_later_is_not_called() -> None:
    kept = Webhooks(secret=SECRET, resolve=_found(PUBLIC)).accept("https://hooks.example/a")
    with pytest.raises(UnsafeAddress):
        Webhooks(secret=SECRET, resolve=_found(PRIVATE)).pin(kept)


def test_the_operators_own_address_may_be_anywhere_and_is_the_one_in_force() -> None:
    assert Webhooks(secret=SECRET).accept("") == ""
    kept = Webhooks(secret=SECRET, url="http://nas:1880/films").accept("")
    assert kept == DEFAULT
    moved = Webhooks(secret=SECRET, url="http://other:1880/films", resolve=_found(PRIVATE))
    assert moved.pin(kept).pinned_url == f"http://{PRIVATE}:1880/films"


def test_without_a_secret_a_callback_url_is_refused_and_nothing_is_kept_without_one() -> None:
    with pytest.raises(InvalidOption) as caught:
        Webhooks().accept("https://hooks.example/a")
    assert caught.value.code == "webhooks_off"
    assert Webhooks(url="https://hooks.example/a").accept("") == ""


def test_pauses_grow_to_a_day_and_heed_what_the_receiver_asks_for() -> None:
    webhooks = Webhooks(secret=SECRET)
    assert 20 * 3600 < sum(webhooks.pauses_seconds) < 24 * 3600
    assert webhooks.pauses_seconds == tuple(sorted(webhooks.pauses_seconds))
    assert webhooks.pause_after(1, 500, 0) == 5
    assert webhooks.pause_after(1, 429, 60) == 60
    assert webhooks.pause_after(1, 410, 0) is None
    assert webhooks.pause_after(len(webhooks.pauses_seconds) + 1, 500, 0) is None
