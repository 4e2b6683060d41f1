"""A small HTTP/1.1 server on loopback whose every byte and every break of a connection can be planned."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass
class Answer:
    """What goes back. Without `length`, a body that is a stream goes out in chunks."""

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """What Content-Length says, if not the truth."""
    drip_seconds: float = 0.0
    """Seconds between single bytes."""
    reset: bool = False
    """Break the connection with a reset instead of answering."""


def told(value: Any, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    return Answer(status, json.dumps(value).encode(), headers={k.replace("_", "-"): v for k, v in headers.items()})


class Simulator:
    """A server in a thread of its own; `with` starts and ends it."""

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self.requests: list[tuple[float, str, str]] = []
        """When (monotonic), method and path of each request."""
        self._host, self._port = host, port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, asked: Asked) -> Answer:
        """Answer one request; every simulator has its own."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def count(self, method: str, path: str) -> int:
        """How many requests there were so far."""
        return sum(1 for _, asked_method, asked_path in self.requests if (asked_method, asked_path) == (method, path))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._converse, self._host, self._port))
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        # What was just accepted becomes a task in the next turns of the loop, and is then closed like the others.
        self._loop.run_until_complete(asyncio.sleep(0.02))
        server.close()
        for task in tuple(self._tasks):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        # A closed transport lets go of its socket in the next turn of the loop.
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            while asked := await _read(reader):
                self.requests.append((time.monotonic(), asked.method, asked.path))
                answer = await self.handle(asked)
                if answer.reset:
                    _reset(writer)
                    return
                if not await _write(writer, answer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    line = await reader.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()) not in {b"\r\n", b""}:
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Asked(method, parts.path, query, headers, body)


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    """Send an answer; False when the connection cannot be used again."""
    streamed = not isinstance(answer.body, bytes)
    headers = {"Content-Type": answer.kind, **answer.headers}
    size = answer.length
    if size is None and isinstance(answer.body, bytes):
        size = len(answer.body)
    if size is None:
        headers["Transfer-Encoding"] = "chunked"
    else:
        headers["Content-Length"] = str(size)
    head = [f"HTTP/1.1 {answer.status} {'OK' if answer.status < 400 else 'Not so'}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*head, "", ""]).encode("latin-1"))
    if isinstance(answer.body, bytes):
        await _write_bytes(writer, answer.body, answer.drip_seconds)
    else:
        async for piece in answer.body:
            if piece:
                writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                await writer.drain()
        writer.write(b"0\r\n\r\n")
    await writer.drain()
    return not streamed and (answer.length is None or answer.length == len(answer.body))


async def _write_bytes(writer: asyncio.StreamWriter, body: bytes, drip_seconds: float) -> None:
    if not drip_seconds:
        writer.write(body)
        return
    for byte in body:
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(drip_seconds)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Make closing send RST, as a crashed peer or a firewall does."""
    raw: socket.socket | None = writer.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
