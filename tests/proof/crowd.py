"""A crowd of uploads and somebody who asks for a status meanwhile, each in a process that does nothing else.

What sends must not wait for itself: plain sockets, no HTTP client, and the times of one process are not in the other's.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import selectors
import socket
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import local
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Event

STATUS_PER_SECOND = 50
_ASKERS = 24
_GIVEN_UP_SECONDS = 120.0
_TURN_SECONDS = 0.05


class Answer(NamedTuple):
    """What became of one request; times are of the monotonic clock, which all processes share."""

    status: int
    """0 where the connection broke."""
    began: float
    seconds: float


@dataclass(slots=True)
class CrowdResult:
    """What a crowd heard, and what it cost to send it."""

    uploads: list[Answer]
    statuses: list[Answer]
    cpu_seconds: float
    """Of the process that sends."""
    longest_turn_seconds: float
    """For so long at most did the sender not look at what had come; times may be too long by that much."""


def run_crowd(address: str, photos: Sequence[bytes], task_id: str) -> CrowdResult:
    """Send all photos at once and ask for a task's status 50 times a second until the last photo is answered."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    (sent, sender), (asked, asker) = context.Pipe(), context.Pipe(duplex=False)
    asking = context.Process(target=_ask, args=(asker, address, task_id, stop))
    sending = context.Process(target=_send_all, args=(sender, address, list(photos)))
    sending.start()
    sent.recv()
    asking.start()
    asked.recv()
    # Both are ready.
    sent.send(None)
    uploads, cpu_seconds, longest = sent.recv()
    stop.set()
    statuses = asked.recv()
    for process in (asking, sending):
        process.join()
    began, ended = min(each.began for each in uploads), max(each.began + each.seconds for each in uploads)
    meanwhile = [each for each in statuses if began <= each.began + each.seconds and each.began <= ended]
    return CrowdResult(uploads, meanwhile, cpu_seconds, longest)


@dataclass(slots=True)
class _Upload:
    """One client of the crowd: connects, sends its photo and waits for the first line of the answer."""

    connection: socket.socket
    left: memoryview
    began: float
    heard: bytearray = field(default_factory=bytearray)


def _send_all(to: Connection, address: str, photos: Sequence[bytes]) -> None:
    host, port = urlsplit(address).hostname or "", urlsplit(address).port or 80
    bodies = [
        f"POST /photos HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: image/jpeg\r\n"
        f"Content-Length: {len(photo)}\r\nConnection: close\r\n\r\n".encode()
        + photo
        for photo in photos
    ]
    answers: list[Answer] = []
    to.send(None)
    to.recv()
    cpu_began, turn_began, longest = time.process_time(), time.monotonic(), 0.0
    with selectors.DefaultSelector() as waiting:
        for body in bodies:
            connection = socket.socket()
            connection.setblocking(False)
            upload = _Upload(connection, memoryview(body), time.monotonic())
            connection.connect_ex((host, port))
            waiting.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE, upload)
        deadline = time.monotonic() + _GIVEN_UP_SECONDS
        while waiting.get_map() and time.monotonic() < deadline:
            longest = max(longest, time.monotonic() - turn_began)
            ready = waiting.select(_TURN_SECONDS)
            turn_began = time.monotonic()
            for key, events in ready:
                upload = key.data
                if events & selectors.EVENT_READ and (status := _hear(upload)) is not None:
                    answers.append(Answer(status, upload.began, time.monotonic() - upload.began))
                    waiting.unregister(upload.connection)
                    upload.connection.close()
                elif events & selectors.EVENT_WRITE and not _push(upload):
                    waiting.modify(upload.connection, selectors.EVENT_READ, upload)
        answers += [Answer(0, key.data.began, _GIVEN_UP_SECONDS) for key in waiting.get_map().values()]
    to.send((answers, time.process_time() - cpu_began, longest))


def _push(upload: _Upload) -> bool:
    """Send on; whether there is more to send."""
    try:
        upload.left = upload.left[upload.connection.send(upload.left) :]
    except BlockingIOError:
        return True
    except OSError:
        # The service has stopped reading; its answer may be there all the same.
        return False
    return bool(upload.left)


def _hear(upload: _Upload) -> int | None:
    """The status of the answer, 0 where the connection broke, or None where there is no whole line yet."""
    try:
        piece = upload.connection.recv(4096)
    except BlockingIOError:
        return None
    except OSError:
        return 0
    upload.heard += piece
    if b"\r\n" in upload.heard:
        return int(upload.heard.split(None, 2)[1])
    return None if piece else 0


def _ask(to: Connection, address: str, task_id: str, stop: Event) -> None:
    host, port = urlsplit(address).hostname or "", urlsplit(address).port or 80
    answers: list[Answer] = []
    own = local()

    def ask(planned: float) -> None:
        # Counted from when it was due: whoever waits for an answer before asking again would not see the wait.
        status = 0
        with contextlib.suppress(HTTPException, OSError):
            own.connection.request("GET", f"/photos/{task_id}/status")
            answer = own.connection.getresponse()
            answer.read()
            status = answer.status
        answers.append(Answer(status, planned, time.monotonic() - planned))

    def connect() -> None:
        # Who watches a film has a connection already.
        own.connection = HTTPConnection(host, port, timeout=_GIVEN_UP_SECONDS)
        own.connection.connect()
        ask(time.monotonic())

    with ThreadPoolExecutor(_ASKERS, initializer=connect) as pool:
        wait([pool.submit(time.sleep, 0.1) for _ in range(_ASKERS)])
        to.send(None)
        at = time.monotonic()
        while not stop.is_set():
            pool.submit(ask, at)
            at += 1 / STATUS_PER_SECOND
            time.sleep(max(0.0, at - time.monotonic()))
    to.send(answers)
