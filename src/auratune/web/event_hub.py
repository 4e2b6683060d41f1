"""Live events for many clients: read once, encoded once; slow clients are disconnected.

The task service is polled only while somebody listens. A buffer of the latest events answers `Last-Event-ID` after a
short break; older ones come from the task service.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from auratune.core.errors import ServiceBusy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence

    from auratune.core.task import TaskEvent

    ReadEvents = Callable[[int, str, str], Awaitable[Sequence[TaskEvent]]]

POLL_SECONDS = 0.25
PING_SECONDS = 15.0
_TOGETHER_SECONDS = 0.02
_CHECK_SECONDS = 5.0
_BUFFER_EVENTS: Final = 1024
_QUEUE_EVENTS: Final = 256
_MAX_LISTENERS: Final = 1024
_PING = b": still here\n\n"
_RETRY = b"retry: 2000\n\n"
_log = logging.getLogger(__name__)


class Encoded(NamedTuple):
    """An event and its bytes on the wire."""

    sequence: int
    owner: str
    task_id: str
    is_final: bool
    wire: bytes


class _Listener:
    """One client's queue; `after` is the last event it has."""

    def __init__(self, owner: str, task_id: str, after: int) -> None:
        self.owner, self.task_id, self.after = owner, task_id, after
        self.queue: asyncio.Queue[Encoded | None] = asyncio.Queue(_QUEUE_EVENTS)
        self.dropped = False

    def offer(self, event: Encoded) -> None:
        if self.dropped or not concerns(event, self.owner, self.task_id):
            return
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            # It reconnects with the last id that it got, and misses nothing.
            self.dropped = True


class EventHub:
    """Hands events to everyone who listens. Lives in one event loop."""

    def __init__(self, read_events: ReadEvents, last_event: Callable[[], Awaitable[int]] | None = None) -> None:
        """`last_event` gives the latest event's number, so that a long history need not be read to its end first."""
        self._read_events = read_events
        self._last_event = last_event
        self._listeners: set[_Listener] = set()
        self._recent: deque[Encoded] = deque(maxlen=_BUFFER_EVENTS)
        self._head = 0
        """Sequence of the latest event that was read; the buffer holds those up to it without a gap."""
        self._read_lock = asyncio.Lock()
        self._poller: asyncio.Task[None] | None = None
        self._closed = False
        self._news = asyncio.Event()
        self._is_told: Callable[[], bool] = lambda: False

    def wake(self) -> None:
        """Read now: somebody says that there are new events. From the hub's own event loop only."""
        self._news.set()

    def trust(self, is_told: Callable[[], bool]) -> None:
        """Poll seldom while `is_told()` says that `wake` is called whenever something happens."""
        self._is_told = is_told

    @property
    def listeners(self) -> int:
        """How many clients are connected."""
        return len(self._listeners)

    def end_streams(self) -> None:
        """End all streams, and refuse new ones."""
        self._closed = True
        for listener in self._listeners:
            listener.dropped = True
            with contextlib.suppress(asyncio.QueueFull):
                listener.queue.put_nowait(None)

    async def close(self) -> None:
        """End all streams and stop polling."""
        self.end_streams()
        if self._poller:
            self._poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poller

    def check_room(self) -> None:
        """Raise `ServiceBusy` when too many are listening."""
        if self._closed or len(self._listeners) >= _MAX_LISTENERS:
            raise ServiceBusy("Too many listen to events just now; ask for the status instead.")

    async def listen(self, owner: str, task_id: str = "", *, after: int | None = None) -> AsyncGenerator[bytes]:
        """The owner's events after a sequence number, as bytes for the wire, until the client goes.

        With a `task_id` only those of that task, and the stream ends with its last one. Without `after`, all of that
        task's events, or else those from this call on: whoever reads the state once the stream is open hears of all
        that happens after that.
        """
        await self._read_new()
        if after is None:
            after = 0 if task_id else self._head
        # An id from before the database was renewed would wait for ever.
        return self._stream(_Listener(owner, task_id, min(after, self._head)))

    async def _stream(self, listener: _Listener) -> AsyncGenerator[bytes]:
        yield _RETRY
        if self._closed:
            return
        self._listeners.add(listener)
        try:
            self._start_polling()
            async for event in self._missed(listener):
                yield event.wire
                if listener.task_id and event.is_final:
                    return
            async for piece in self._follow(listener):
                yield piece
        finally:
            self._listeners.discard(listener)

    async def _follow(self, listener: _Listener) -> AsyncIterator[bytes]:
        while not (listener.dropped and listener.queue.empty()):
            try:
                event = await asyncio.wait_for(listener.queue.get(), PING_SECONDS)
            except TimeoutError:
                yield _PING
                continue
            if event is None:
                return
            if event.sequence > listener.after:
                listener.after = event.sequence
                yield event.wire
                if listener.task_id and event.is_final:
                    return

    async def _missed(self, listener: _Listener) -> AsyncIterator[Encoded]:
        """Events from before the listener came, from the buffer where it reaches back far enough."""
        until = self._head
        while listener.after < until:
            if self._recent and self._recent[0].sequence <= listener.after + 1:
                events = [event for event in self._recent if concerns(event, listener.owner, listener.task_id)]
                until = 0
            else:
                events = [
                    encode(event) for event in await self._read_events(listener.after, listener.owner, listener.task_id)
                ]
            if not events:
                return
            for event in events:
                if event.sequence > listener.after:
                    listener.after = event.sequence
                    yield event

    def _start_polling(self) -> None:
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="event hub")

    async def _poll(self) -> None:
        while self._listeners and not self._closed:
            try:
                await self._read_new()
            except Exception as error:  # noqa: BLE001 -- a database that fails once must not silence everyone for good
                _log.warning("events could not be read: %s", type(error).__name__)
            # Many things happen at once when a film goes on: they are read together.
            await asyncio.sleep(_TOGETHER_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _CHECK_SECONDS if self._is_told() else POLL_SECONDS)
            self._news.clear()

    async def _read_new(self) -> None:
        """Read what has happened since, to the end."""
        async with self._read_lock:
            if not self._head and self._last_event:
                self._head = max(0, await self._last_event() - _BUFFER_EVENTS)
            while events := await self._read_events(self._head, "", ""):
                for event in events:
                    self._publish(encode(event))

    def _publish(self, event: Encoded) -> None:
        self._head = event.sequence
        self._recent.append(event)
        for listener in self._listeners:
            listener.offer(event)


def concerns(event: Encoded, owner: str, task_id: str) -> bool:
    """Whether a listener may and wants to see an event."""
    return event.owner == owner and task_id in {"", event.task_id}


def encode(event: TaskEvent) -> Encoded:
    """An event as server-sent event bytes."""
    data = {
        "task_id": event.task_id,
        "status": event.status.value,
        "stage": event.stage.value,
        "progress": event.progress,
        "message": event.message,
        "at": event.at,
    }
    wire = b"id: %d\ndata: %s\n\n" % (event.sequence, msgspec.json.encode(data))
    return Encoded(event.sequence, event.owner, event.task_id, event.status.is_final, wire)
