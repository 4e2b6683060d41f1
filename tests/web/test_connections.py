"""Connections: silent ones keep nobody out, and what is not HTTP is answered like any other bad request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from typing import TYPE_CHECKING

import psutil
import pytest
from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.web import connections
from auratune.web.accept_errors import AcceptErrors
from auratune.web.connections import ConnectionTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.web.conftest import RunningServer

HELLO = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextlib.contextmanager
def line_to(server: RunningServer) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE_SECONDS) as line:
        yield line


def answer_on(line: socket.socket) -> bytes:
    return line.recv(65536)


def read_to_end(line: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(65536):
            answer += piece
    return answer


def problem_in(answer: bytes) -> tuple[str, dict[str, object]]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    return head.split(b"\r\n")[0].decode(), json.loads(body)


def test_a_connection_that_says_nothing_is_closed(
    open_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 5.0)
    server = open_server()
    with line_to(server) as silent, line_to(server) as slow, line_to(server) as second_slow:
        slow.sendall(HELLO[:20])
        second_slow.sendall(HELLO.replace(b"GET", b"HEAD"))
        assert answer_on(second_slow).startswith(b"HTTP/1.1 200")
        second_slow.sendall(HELLO[:20])
        assert [read_to_end(line) for line in (silent, slow, second_slow)] == [b""] * 3


def test_silent_connections_keep_nobody_out(
    open_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_MOST_CONNECTIONS", 6)
    server = open_server()
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(line_to(server)) for _ in range(12)]
        with line_to(server) as line:
            line.sendall(HELLO)
            assert answer_on(line).startswith(b"HTTP/1.1 200")
        # The oldest had to go.
        assert read_to_end(silent[0]) == b""


def test_where_every_connection_is_in_use_the_next_is_told_so(
    open_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_MOST_CONNECTIONS", 4)
    server = open_server()
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            listening = stack.enter_context(line_to(server))
            listening.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert answer_on(listening).startswith(b"HTTP/1.1 200")
        with line_to(server) as refused:
            status, body = problem_in(read_to_end(refused))
        assert status == "HTTP/1.1 503 Service Unavailable"
        assert (body["code"], body["retryable"]) == ("too_many_connections", True)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"this is no HTTP\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
        b"POST /session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n",
    ],
    ids=["no HTTP", "a bad header", "a bad chunk", "an endless head"],
)
def test_malformed_http_is_a_problem_like_any_other(server: RunningServer, request_bytes: bytes) -> None:
    status, body = problem_in(server.raw(request_bytes))
    assert status == "HTTP/1.1 400 Bad Request"
    assert (body["code"], body["retryable"]) == ("malformed_request", False)


def test_a_body_that_stops_coming_is_given_up_on_every_route(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auratune.web.middleware._SILENCE_SECONDS", 0.2)
    monkeypatch.setattr("auratune.web.middleware._DRAIN_SECONDS", 0.1)
    task_id = server.new_task()
    for path in ("/session", f"/photos/{task_id}/share", f"/photos/{task_id}/remake", "/photos"):
        kind = "image/jpeg" if path == "/photos" else "application/json"
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: 50\r\n\r\n"
        status, body = problem_in(server.raw(head.encode() + b"{"))
        assert (status, body["code"]) == ("HTTP/1.1 408 Request Timeout", "body_stalled"), path


def test_a_client_that_takes_nothing_of_its_answer_is_given_up(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_STUCK_SECONDS", 0.2)
    task_id = server.new_task()
    server.tasks.finish(task_id, film=b"film" * 8_000_000)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(DEADLINE_SECONDS)
        line.connect(("127.0.0.1", server.port))
        line.sendall(f"GET /photos/{task_id}/download HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert line.recv(4, socket.MSG_PEEK)
        this_end = line.getsockname()[1]
        wait_until(lambda: this_end not in _callers(server), "the service has let go of the connection")
        assert len(read_to_end(line)) < 32_000_000


def _callers(server: RunningServer) -> set[int]:
    """Ports of those whom this process, in which the service runs too, is connected to."""
    found = psutil.Process().net_connections("tcp")
    return {each.raddr.port for each in found if each.raddr and each.laddr.port == server.port}


class Caller:
    def __init__(self, address: str) -> None:
        self.address = address
        self.closed = False

    def drop(self) -> None:
        self.closed = True


def test_one_address_has_half_of_the_connections_unless_it_is_a_trusted_proxy() -> None:
    table = ConnectionTable(8, 4, "10.0.0.0/8")
    busy = [Caller("192.0.2.1") for _ in range(4)]
    for caller in busy:
        assert table.add(caller)  # type: ignore[arg-type]
        table.note(caller, is_busy=True)  # type: ignore[arg-type]
    assert not table.add(Caller("192.0.2.1"))  # type: ignore[arg-type]
    proxied = [Caller("10.1.2.3") for _ in range(4)]
    assert all(table.add(caller) for caller in proxied)  # type: ignore[arg-type]
    table.remove(busy[0])  # type: ignore[arg-type]
    assert table.add(Caller("192.0.2.1"))  # type: ignore[arg-type]


def test_that_nothing_can_be_accepted_is_logged_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    async def complain() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(AcceptErrors())
        for _ in range(1000):
            loop.call_exception_handler({"message": "socket.accept() out of system resource"})
        loop.call_exception_handler({"message": "something else"})

    with caplog.at_level(logging.ERROR):
        asyncio.run(complain())
    expected = ["socket.accept() out of system resource", "something else"]
    # Nothing else counts: what an earlier test left behind may be complained of at any time.
    assert [record.message for record in caplog.records if record.message in expected] == expected
