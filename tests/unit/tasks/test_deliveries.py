"""Ends of films reach the address that their upload named, on one machine and on a cluster."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from tests.simulators.webhook_receiver import SECRET, WebhookReceiver
from tests.waiting import wait_until

from auratune.core.errors import AuraTuneError, InvalidOption
from auratune.core.task import Stage, Status
from auratune.tasks import deliverer, deliveries
from auratune.tasks.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.tasks.conftest import ServiceDriver

    from auratune.core.task import WebhookDelivery

OWNER = "alice"
WEBHOOKS = Webhooks(secret=SECRET, allow_private=True, pauses_seconds=(0.01,) * 4, try_seconds=50.0)


@pytest.fixture(autouse=True)
def _without_waiting_for_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliverer, "_LOOK_SECONDS", 0.05)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


def _delivery(driver: ServiceDriver, task_id: str) -> WebhookDelivery:
    return driver.service.details(task_id, OWNER).deliveries[-1]


def _settled(driver: ServiceDriver, task_id: str) -> WebhookDelivery:
    def settled() -> WebhookDelivery | None:
        found = driver.service.details(task_id, OWNER).deliveries
        return found[-1] if found and found[-1].state != "waiting" else None

    return wait_until(settled, "the webhook is settled")


def test_a_finished_film_is_told_once_and_the_task_shows_it(driver: ServiceDriver, receiver: WebhookReceiver) -> None:
    tries: list[str] = []
    # Only who connects to the address that was checked gets anywhere: nobody else knows this name.
    named = replace(WEBHOOKS, resolve=lambda host, port: ["127.0.0.1"])
    driver.open(webhooks=named, on_webhook=tries.append)
    task = driver.finished(callback_url=f"{receiver.url.replace('127.0.0.1', 'hooks.example')}/films")
    delivery = _settled(driver, task.task_id)
    assert (delivery.state, delivery.event, delivery.tries) == ("delivered", "film.done", 1)
    assert (delivery.http_status, delivery.error, delivery.next_try_at) == (200, "", None)
    [received] = receiver.received
    assert received.is_genuine
    assert received.webhook_id == delivery.webhook_id
    assert json.loads(received.body)["data"]["task_id"] == task.task_id
    wait_until(lambda: tries == ["delivered"], "the try is counted")


def test_after_failures_it_is_told_again_with_the_same_id_and_body(
    driver: ServiceDriver, receiver: WebhookReceiver
) -> None:
    driver.open(webhooks=WEBHOOKS)
    receiver.faults.plan("/films", "500", "reset_before", "redirect", "404")
    task = driver.finished(callback_url=f"{receiver.url}/films")
    delivery = _settled(driver, task.task_id)
    assert (delivery.state, delivery.tries, delivery.error) == ("delivered", 5, "")
    assert [received.path for received in receiver.received] == ["/films"] * 5, "a redirect is not followed"
    assert {(received.webhook_id, received.body) for received in receiver.received} == {
        (delivery.webhook_id, receiver.received[0].body)
    }
    assert all(received.is_genuine for received in receiver.received)


@pytest.mark.parametrize(
    ("fault", "status", "error", "tries"), [("410", 410, "http_error", 1), ("500", 500, "http_error", 5)]
)
def test_who_wants_no_more_or_never_answers_well_is_given_up(
    driver: ServiceDriver, receiver: WebhookReceiver, fault: str, status: int, error: str, tries: int
) -> None:
    driver.open(webhooks=WEBHOOKS)
    receiver.faults.plan("/films", fault, times=20)
    delivery = _settled(driver, driver.finished(callback_url=f"{receiver.url}/films").task_id)
    assert (delivery.state, delivery.http_status, delivery.error) == ("given_up", status, error)
    assert delivery.tries == tries == len(receiver.received)


@pytest.mark.parametrize("backend_name", ["single-machine"])
def test_a_silent_receiver_holds_a_try_for_a_moment_only(driver: ServiceDriver, receiver: WebhookReceiver) -> None:
    driver.open(webhooks=replace(WEBHOOKS, try_seconds=0.2, pauses_seconds=()))
    receiver.faults.plan("/films", "silence_before")
    delivery = _settled(driver, driver.finished(callback_url=f"{receiver.url}/films").task_id)
    assert (delivery.state, delivery.http_status, delivery.error) == ("given_up", 0, "timed_out")


@pytest.mark.parametrize("backend_name", ["single-machine"])
def test_a_stop_gives_back_what_is_being_told_and_the_next_start_tells_it(
    driver: ServiceDriver, receiver: WebhookReceiver
) -> None:
    driver.open(webhooks=WEBHOOKS)
    receiver.faults.plan("/films", "silence_before")
    task = driver.finished(callback_url=f"{receiver.url}/films")
    wait_until(lambda: receiver.received, "the receiver is asked")
    driver.open(webhooks=WEBHOOKS)
    assert _settled(driver, task.task_id).state == "delivered"
    assert len({received.webhook_id for received in receiver.received}) == 1


@pytest.mark.parametrize("backend_name", ["single-machine"])
def test_failures_cancels_and_second_tries_are_told_too(driver: ServiceDriver, receiver: WebhookReceiver) -> None:
    driver.open(webhooks=replace(WEBHOOKS, url=f"{receiver.url}/all"))
    driver.behaviour.failures[Stage.WRITE] = [AuraTuneError("Odd.", code="odd")]
    task_id = driver.submit()
    assert driver.wait(task_id).status is Status.ERROR
    assert _settled(driver, task_id).event == "film.failed"
    driver.behaviour.seconds = 30
    driver.service.retry(task_id, OWNER)
    driver.service.cancel(task_id, OWNER)
    wait_until(lambda: len(receiver.received) == 2, "the cancel is told")
    said = [json.loads(received.body) for received in receiver.received]
    assert [one["type"] for one in said] == ["film.failed", "film.cancelled"]
    assert [one["data"]["attempt"] for one in said] == [1, 2]
    assert said[0]["data"]["error_code"] == "odd"


@pytest.mark.parametrize("backend_name", ["single-machine"])
def test_an_address_that_must_not_be_called_leaves_no_task_and_no_file(driver: ServiceDriver) -> None:
    driver.open(webhooks=Webhooks(secret=SECRET))
    with pytest.raises(InvalidOption, match="callback_url"):
        driver.submit(callback_url="http://127.0.0.1:22/")
    assert driver.service.page(OWNER).total_count == 0
    assert driver.files() == set()


@pytest.mark.parametrize("backend_name", ["single-machine"])
def test_the_same_photo_with_another_address_is_another_task(driver: ServiceDriver, receiver: WebhookReceiver) -> None:
    driver.open(webhooks=WEBHOOKS)
    first = driver.submit(callback_url=f"{receiver.url}/a")
    assert driver.submit(callback_url=f"{receiver.url}/a") == first
    assert driver.submit(callback_url=f"{receiver.url}/b") != first


def test_a_removed_film_tells_nobody_any_more(driver: ServiceDriver, receiver: WebhookReceiver) -> None:
    driver.open(webhooks=replace(WEBHOOKS, pauses_seconds=(3600,)))
    receiver.faults.plan("/films", "500")
    task = driver.finished(callback_url=f"{receiver.url}/films")
    wait_until(lambda: _delivery(driver, task.task_id).error == "http_error", "the first try has failed")
    driver.service.delete(task.task_id, OWNER)
    count = sa.text("SELECT count(*) FROM webhook_deliveries")
    assert driver.service._database.read(lambda connection: connection.scalar(count)) == 0


def test_one_process_at_a_time_tells_it_and_a_dead_one_is_followed_by_another(driver: ServiceDriver) -> None:
    """The tables alone, with nobody who delivers."""
    driver.open(webhooks=Webhooks(url="http://127.0.0.1:9/"))
    task = driver.finished()
    database = driver.service._database
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE tasks SET callback_url = 'default'"))
    database.write(lambda it: deliveries.enqueue(it, task.task_id, 1))
    [(ending, number)] = database.write(lambda it: deliveries.claim(it, 8, 0.0))
    assert (ending.task_id, number) == (task.task_id, 1)
    [(again, second)] = database.write(lambda it: deliveries.claim(it, 8, 60.0))
    assert (again, second) == (ending, 2)
    assert database.write(lambda it: deliveries.claim(it, 8, 60.0)) == []

    def settle(connection: sa.Connection, number: int) -> str:
        return deliveries.settle(connection, ending, number, status=200, error="", pause_seconds=None)

    assert database.write(lambda it: settle(it, 1)) == "superseded"
    assert database.write(lambda it: settle(it, 2)) == "delivered"
    assert _delivery(driver, task.task_id).state == "delivered"
