"""Connections and their limits: how many, for how long they may be silent, and an answer to what is not HTTP.

Silent connections never keep others out: where all are taken, the one that has been silent longest is closed.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from auratune.web.errors import problem

if TYPE_CHECKING:
    from auratune.settings import Settings

_MOST_HANDLES = 65_536
"""What the service asks the system for; more would only serve more silent connections."""
_HANDLES_FOR_WORK = 512
"""Kept back for films, files and the database, so that work never fails because too many are connected."""
_MOST_CONNECTIONS = 4096
_LONGEST_BACKLOG = 1024
_ACCEPTED_AT_ONCE = 2
_READ_BYTES = 64 * 1024
"""Read from a connection at once: as much as is held of a body before its reader has taken it."""
_HEAD_SECONDS = 10.0
"""A request's head must be in so soon after the connection was made or the last answer was given."""
DISCARD_BODY = "auratune.discard_body"
"""Name of an ASGI extension: `call(most_bytes)` throws away the rest of a request's body."""
_STUCK_SECONDS = 60.0
"""An answer of which nothing is taken for so long is given up."""


@dataclass(slots=True)
class ConnectionTable:
    """All connections of a server; those without a request under way are idle, the longest first."""

    most: int
    most_of_address: int
    trusted_proxies: str = ""
    """Their callers come from many addresses, so they may have as many connections as there are."""
    _count: int = 0
    _by_address: Counter[str] = field(default_factory=Counter)
    _idle: dict[Connection, None] = field(default_factory=dict)

    def add(self, connection: Connection) -> bool:
        """Take in a new connection, for which an idle one may have to go; False when there is no place for it."""
        of_address = self._by_address[connection.address]
        if of_address >= self.most_of_address and not self._is_proxy(connection.address):
            if not self._close_idle(connection.address):
                return False
        elif self._count >= self.most and not self._close_idle():
            return False
        self._count += 1
        self._by_address[connection.address] += 1
        self._idle[connection] = None
        return True

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._idle.pop(connection, None)
        self._count -= 1
        self._by_address[connection.address] -= 1
        if not self._by_address[connection.address]:
            del self._by_address[connection.address]

    def note(self, connection: Connection, *, is_busy: bool) -> None:
        """Whether a request is under way on a connection."""
        if is_busy:
            self._idle.pop(connection, None)
        else:
            self._idle.setdefault(connection)

    def _close_idle(self, address: str = "") -> bool:
        for connection in self._idle:
            if address in {"", connection.address}:
                connection.drop()
                return True
        return False

    def _is_proxy(self, address: str) -> bool:
        parts = [part.strip() for part in self.trusted_proxies.split(",") if part.strip()]
        return any(part == "*" or _is_in(address, part) for part in parts)


class _Rest:
    """What is left of a body that nobody reads. It is not parsed: a crowd that is refused must cost nearly nothing."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes
        self.ended = asyncio.Event()

    def drop(self, data: bytes) -> None:
        """Throw a piece away."""
        self._left -= len(data)
        if self._left <= 0:
            self.ended.set()


class Connection(H11Protocol):
    """One connection, closed when it is silent for too long."""

    def __init__(self, table: ConnectionTable, **parts: Any) -> None:
        super().__init__(**parts)
        self._table = table
        self._is_listed = False
        self._timer: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._rest: _Rest | None = None
        self._body_bytes = 0
        self.address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many."""
        super().connection_made(transport)
        transport.max_size = _READ_BYTES  # type: ignore[attr-defined]
        self.address = self.client[0] if self.client else ""
        self._is_listed = self._table.add(self)
        if self._is_listed:
            self._note()
        else:
            self._refuse(503, "too_many_connections", "There are too many connections; try again in a moment.")

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        for timer in (self._timer, self._stuck):
            if timer:
                timer.cancel()
        if self._rest:
            self._rest.ended.set()
        if self._is_listed:
            self._is_listed = False
            self._table.remove(self)
        super().connection_lost(exc)
        # They hold this connection in turn, and all of a crowd would stay in memory until the collector finds them.
        self.cycle = self.scope = None  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._rest:
            self._rest.drop(data)
            return
        known = self.scope
        super().data_received(data)
        self._body_bytes += len(data)
        if self.scope is not known:
            self._body_bytes = len(data) - (data.find(b"\r\n\r\n") + 4)
            # Not yet seen by the application, whose task begins after this.
            self.scope["extensions"] = {DISCARD_BODY: {"call": self._discard_body}}
        self._note()

    def eof_received(self) -> None:
        """The client sends no more."""
        if self._rest:
            self._rest.ended.set()

    async def _discard_body(self, most_bytes: int) -> None:
        """Throw away what still comes of a body that nobody reads, until it is whole, its sender stops, or too much."""
        length = next((value for name, value in self.headers if name == b"content-length"), b"")
        left = int(length) - self._body_bytes if length.isdigit() else most_bytes
        if left <= 0 or self.cycle is None or not self.cycle.more_body:
            return
        self._rest = _Rest(min(left, most_bytes))
        self.flow.resume_reading()
        await self._rest.ended.wait()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._note()

    def pause_writing(self) -> None:
        """The client takes nothing for now; after a while it is given up."""
        super().pause_writing()
        self._stuck = self.loop.call_later(_STUCK_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client goes on reading."""
        super().resume_writing()
        if self._stuck:
            self._stuck.cancel()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP as any other bad request."""
        del msg
        if self.cycle and not self.cycle.response_complete:
            # What was answering must not write into the middle of this.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._refuse(400, "malformed_request", "This is no HTTP request that can be understood.")

    def drop(self) -> None:
        """Close at once, so that another can have the place."""
        self._is_listed = False
        self._table.remove(self)
        self.transport.abort()

    def _note(self) -> None:
        if not self._is_listed:
            return
        is_busy = self.cycle is not None and not self.cycle.response_complete
        self._table.note(self, is_busy=is_busy)
        if is_busy:
            if self._timer:
                self._timer.cancel()
                self._timer = None
        elif self._timer is None:
            self._timer = self.loop.call_later(_HEAD_SECONDS, self._close)

    def _close(self) -> None:
        self.transport.close()
        # What was sent last may still be on its way to a client that does not read.
        if self._stuck:
            self._stuck.cancel()
        self._stuck = self.loop.call_later(_STUCK_SECONDS, self.transport.abort)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            answer = problem(status, code=code, detail=detail, retryable=status != 400, headers={"connection": "close"})
            start = h11.Response(
                status_code=status, headers=answer.raw_headers, reason=HTTPStatus(status).phrase.encode()
            )
            for event in (start, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self._close()


def server_config(app: Any, settings: Settings, **choices: Any) -> uvicorn.Config:
    """How an application is served: by connections that have limits, with handles kept back for work."""
    handles = _raise_handle_limit()
    most = min(_MOST_CONNECTIONS, max(handles // 2, handles - _HANDLES_FOR_WORK - _LONGEST_BACKLOG))
    table = ConnectionTable(most, max(1, most // 2), settings.trusted_proxies)
    return uvicorn.Config(
        app,
        http=partial(Connection, table),  # type: ignore[arg-type]
        ws="none",
        backlog=_ACCEPTED_AT_ONCE,
        log_config=None,
        access_log=False,
        server_header=False,
        # The application itself looks at forwarded headers, and only those of TRUSTED_PROXIES.
        proxy_headers=False,
        **choices,
    )


class Server(uvicorn.Server):
    """Takes in few new connections at a time, so that a crowd of them does not keep others' requests waiting."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve. The server's own backlog is both how many it accepts at a time and how many may wait."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(_longest_backlog(_raise_handle_limit()))


def _longest_backlog(handles: int) -> int:
    """So many may be connected before the first of them is counted."""
    return max(1, min(_LONGEST_BACKLOG, handles // 16))


def _raise_handle_limit() -> int:
    """Let the process open as many files and connections as the system allows it; returns how many."""
    if sys.platform == "win32":
        return _MOST_HANDLES
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_HANDLES if hard == resource.RLIM_INFINITY else min(hard, _MOST_HANDLES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return _MOST_HANDLES if soft == resource.RLIM_INFINITY else soft


def _is_in(address: str, network: str) -> bool:
    try:
        return ip_address(address.removeprefix("::ffff:")) in ip_network(network, strict=False)
    except ValueError:
        return False
