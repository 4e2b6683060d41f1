"""What an answer, or the lack of one, means."""

from __future__ import annotations

import httpx2
import pytest
from tests.simulators.server import Answer, Asked, Simulator

from auratune.core.errors import ProviderBusy, ProviderInvalidResponse, ProviderOutcomeUnknown, ProviderRefused
from auratune.providers.http import ask, failure_of_status, failure_of_transport, is_loopback, open_client, retry_after
from auratune.providers.suno import SUNO


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_a_refusal_proves_that_nothing_was_made(status: int) -> None:
    assert isinstance(failure_of_status(SUNO, status, {}, paid=True), ProviderRefused)


@pytest.mark.parametrize("status", [408, 409, 418, 500, 502, 503, 504])
def test_any_other_status_of_a_paid_request_leaves_its_outcome_unknown(status: int) -> None:
    assert isinstance(failure_of_status(SUNO, status, {}, paid=True), ProviderOutcomeUnknown)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_the_same_status_of_a_free_request_only_means_later(status: int) -> None:
    error = failure_of_status(SUNO, status, {"retry-after": "7"}, paid=False)
    assert isinstance(error, ProviderBusy)
    assert (error.retryable, error.retry_after_seconds) == (True, 7.0)


def test_a_rate_limit_is_busy_even_for_paid_requests_and_tells_how_long() -> None:
    error = failure_of_status(SUNO, 429, {"retry-after": "12"}, paid=True)
    assert isinstance(error, ProviderBusy)
    assert (error.code, error.retry_after_seconds) == ("provider_rate_limited", 12.0)


def test_a_request_that_was_never_sent_costs_nothing() -> None:
    assert isinstance(failure_of_transport(SUNO, httpx2.ConnectError("refused"), paid=True), ProviderBusy)
    assert isinstance(failure_of_transport(SUNO, httpx2.ConnectTimeout("slow"), paid=True), ProviderBusy)


@pytest.mark.parametrize("error", [httpx2.ReadTimeout, httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError])
def test_a_paid_request_whose_answer_is_lost_has_an_unknown_outcome(error: type[httpx2.TransportError]) -> None:
    assert isinstance(failure_of_transport(SUNO, error("gone"), paid=True), ProviderOutcomeUnknown)


def test_a_redirect_is_not_followed_and_costs_nothing() -> None:
    assert isinstance(failure_of_status(SUNO, 307, {}, paid=True), ProviderRefused)


def test_an_odd_status_of_a_free_request_is_nonsense() -> None:
    assert isinstance(failure_of_status(SUNO, 418, {}, paid=False), ProviderInvalidResponse)


@pytest.mark.parametrize("paid", [True, False])
def test_a_key_that_cannot_be_sent_costs_nothing(paid: bool) -> None:
    with Redirecting() as server, open_client(server.url, {"Authorization": "line\nend"}) as client:
        with pytest.raises(ProviderRefused, match="key or address"):
            ask(client, "POST", "songs", vendor=SUNO, paid=paid, json={})
        assert server.requests == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
def test_a_server_that_is_not_there_costs_nothing(url: str) -> None:
    with open_client(url, {}) as client, pytest.raises(ProviderBusy, match="could not be reached"):
        ask(client, "POST", "songs", vendor=SUNO, paid=True, json={})


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with Redirecting() as server, open_client(server.url, {"Authorization": "a-key"}) as client:
        with pytest.raises(ProviderRefused, match="another address"):
            ask(client, "POST", "songs", vendor=SUNO, paid=True, json={"photo": "x"})
        assert [path for _, _, path in server.requests] == ["/songs"]


class Redirecting(Simulator):
    """Sends every request on to itself under another name of this machine."""

    async def handle(self, asked: Asked) -> Answer:
        return Answer(307, headers={"Location": f"http://localhost:{self._port}/stolen"})


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-4", 0.0),
        ("86400", 900.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", 900.0),
    ],
)
def test_retry_after_is_read_as_seconds_within_bounds(told: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": told}) == seconds


def test_retry_after_may_be_a_date() -> None:
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert retry_after({"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"}) == 900.0


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8801", True),
        ("http://[::1]:8801/x", True),
        ("http://localhost:1", True),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("https://studio-api.prod.suno.com", False),
    ],
)
def test_only_this_machine_counts_as_loopback(url: str, here: bool) -> None:
    assert is_loopback(url) is here
