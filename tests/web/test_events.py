"""Live progress: once encoded, for everyone who may see it, and resumed after a break."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.waiting import DEADLINE_SECONDS, wait_until
from tests.web.conftest import RunningServer

from auratune.core.task import Stage, Status
from auratune.web.event_hub import POLL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Listener:
    """A client of an event stream, reading in a thread until it is stopped."""

    def __init__(self, server: RunningServer, path: str, **headers: str) -> None:
        self.events: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self.ended = threading.Event()
        self._line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_SECONDS)
        self._line.request("GET", path, headers=headers)
        self._answer = self._line.getresponse()
        assert self._answer.status == 200
        assert self._answer.headers["content-type"].startswith("text/event-stream")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        identity = ""
        with contextlib.suppress(OSError, http.client.HTTPException):
            while line := self._answer.readline().decode():
                if line.startswith("id: "):
                    identity = line[4:].strip()
                if line.startswith("data: "):
                    self.events.put((identity, json.loads(line[6:])))
        self.ended.set()

    def next(self) -> tuple[str, dict[str, Any]]:
        return self.events.get(timeout=DEADLINE_SECONDS)

    def stop(self) -> None:
        if self._line.sock:
            with contextlib.suppress(OSError):
                self._line.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(DEADLINE_SECONDS)
        self._answer.close()
        self._line.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    open_ones: list[Listener] = []

    def start(server: RunningServer, path: str, **headers: str) -> Listener:
        asked = server.tasks.asked_for_events
        open_ones.append(Listener(server, path, **headers))
        # The greeting comes before the service asks for the latest event, and it polls once somebody listens.
        wait_until(lambda: server.tasks.asked_for_events >= asked + 2, "the service has looked for events twice")
        return open_ones[-1]

    yield start
    for listener in open_ones:
        listener.stop()


def test_what_happens_is_told_as_it_happens(server: RunningServer, listen: Callable[..., Listener]) -> None:
    task_id = server.new_task()
    listener = listen(server, "/events")
    server.tasks.change(task_id, status=Status.GENERATING, stage=Stage.COMPOSE, progress=20, message="Composing")
    identity, event = listener.next()
    assert identity == "2"
    assert event == {
        "task_id": task_id,
        "status": "generating",
        "stage": "compose",
        "progress": 20,
        "message": "Composing",
        "at": "2026-05-04T09:30:00Z",
    }


def test_a_task_tells_its_story_from_the_start_and_ends(server: RunningServer, listen: Callable[..., Listener]) -> None:
    task_id, other = server.new_task(1), server.new_task(2)
    listener = listen(server, f"/photos/{task_id}/events")
    assert listener.next()[1]["status"] == "uploaded"
    server.tasks.change(other, progress=5)
    server.tasks.finish(task_id)
    assert listener.next()[1]["status"] == "done"
    assert listener.ended.wait(DEADLINE_SECONDS)
    assert listener.events.empty()


def test_a_break_is_bridged_by_the_last_event_id(server: RunningServer, listen: Callable[..., Listener]) -> None:
    task_id = server.new_task()
    for progress in (10, 20, 30):
        server.tasks.change(task_id, progress=progress)
    listener = listen(server, "/events", **{"last-event-id": "2"})
    assert [listener.next()[1]["progress"] for _ in range(2)] == [20, 30]
    server.tasks.change(task_id, progress=40)
    assert listener.next()[1]["progress"] == 40


def test_a_finished_task_tells_a_returning_client_to_stop(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id)
    answer = server.client.get(f"/photos/{task_id}/events", headers={"last-event-id": "2"})
    assert (answer.status_code, answer.content) == (204, b"")
    again = server.client.get(f"/photos/{task_id}/events", headers={"last-event-id": "1"})
    assert again.text.count("data: ") == 1


def test_nobody_hears_of_another_owners_tasks(
    open_server: Callable[..., RunningServer], listen: Callable[..., Listener]
) -> None:
    server = open_server(auratune_api_keys="alice:secret-a,bob:secret-b")
    of_alice = server.new_task(1, **{"x-api-key": "secret-a"})
    of_bob = server.new_task(2, **{"x-api-key": "secret-b"})
    listener = listen(server, "/events", **{"x-api-key": "secret-b", "last-event-id": "0"})
    server.tasks.change(of_alice, progress=50)
    server.tasks.change(of_bob, progress=60)
    assert [listener.next()[1]["task_id"] for _ in range(2)] == [of_bob, of_bob]


def test_the_desk_is_left_alone_while_nobody_listens(server: RunningServer, listen: Callable[..., Listener]) -> None:
    assert server.tasks.asked_for_events == 0
    task_id = server.new_task()
    listener = listen(server, "/events")
    server.tasks.change(task_id, progress=1)
    listener.next()
    listener.stop()
    assert asks_until_quiet(server) > 0


def asks_until_quiet(server: RunningServer) -> int:
    """Wait until the service has not looked for events for four polls; how often it has looked in all."""
    asked = (0, 0.0)

    def quiet() -> bool:
        nonlocal asked
        if server.tasks.asked_for_events != asked[0]:
            asked = (server.tasks.asked_for_events, time.monotonic())
        return time.monotonic() - asked[1] > 4 * POLL_SECONDS

    wait_until(quiet, "the service looks for events no more")
    return asked[0]


def test_an_id_from_another_life_is_not_waited_for(server: RunningServer, listen: Callable[..., Listener]) -> None:
    task_id = server.new_task()
    listener = listen(server, "/events", **{"last-event-id": "999999"})
    server.tasks.change(task_id, progress=33)
    assert listener.next()[1]["progress"] == 33
