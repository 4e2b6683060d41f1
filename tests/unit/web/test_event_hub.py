"""The event hub serves many with the work of one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.waiting import DEADLINE_SECONDS

from auratune.core.errors import ServiceBusy, StorageError
from auratune.core.task import Stage, Status, TaskEvent
from auratune.web import event_hub as hub_module
from auratune.web.event_hub import EventHub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class EventSource:
    def __init__(self) -> None:
        self.events: list[TaskEvent] = []
        self.asked = 0
        self.question = asyncio.Event()
        self.fails = False

    def tell(
        self, count: int = 1, *, owner: str = "alice", task_id: str = "t", status: Status = Status.GENERATING
    ) -> None:
        for _ in range(count):
            self.events.append(
                TaskEvent(
                    sequence=len(self.events) + 1,
                    task_id=task_id,
                    owner=owner,
                    at=datetime(2026, 5, 4, tzinfo=UTC),
                    status=status,
                    stage=Stage.COMPOSE,
                    progress=20,
                    message="",
                )
            )

    async def is_asked(self) -> None:
        """Wait until the hub has asked twice more: whatever was there before the second time is known to it."""
        for _ in range(2):
            self.question.clear()
            await asyncio.wait_for(self.question.wait(), DEADLINE_SECONDS)

    async def ask(self, after: int, owner: str, task_id: str) -> list[TaskEvent]:
        self.asked += 1
        self.question.set()
        if self.fails:
            raise StorageError("no")
        mine = (event for event in self.events if owner in {"", event.owner} and task_id in {"", event.task_id})
        return [event for event in mine if event.sequence > after][:100]


async def take(stream: AsyncIterator[bytes], count: int) -> list[int]:
    """Sequence numbers of the next events, pings and greetings left out."""
    found: list[int] = []
    while len(found) < count:
        wire = await asyncio.wait_for(anext(stream), DEADLINE_SECONDS)
        if wire.startswith(b"id: "):
            found.append(int(wire.split(b"\n")[0][4:]))
    return found


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL_SECONDS", 0.01)


def test_what_happens_while_a_stream_opens_is_heard() -> None:
    async def scenario() -> list[int]:
        source = EventSource()
        source.tell(2)
        hub = EventHub(source.ask)
        stream = await hub.listen("alice")
        source.tell()
        # Another client's reading makes the event an old one for the hub before this stream begins.
        await hub.listen("bob")
        found = await take(stream, 1)
        await stream.aclose()
        await hub.close()
        return found

    assert asyncio.run(scenario()) == [3]


def test_each_event_is_encoded_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    real = hub_module.encode
    monkeypatch.setattr(hub_module, "encode", lambda event: encoded.append(event.sequence) or real(event))

    async def scene() -> None:
        source = EventSource()
        hub = EventHub(source.ask)
        streams = [await hub.listen("alice") for _ in range(20)]
        for stream in streams:
            await anext(stream)
        waiting = [asyncio.create_task(take(stream, 3)) for stream in streams]
        await source.is_asked()
        source.tell(3)
        assert await asyncio.gather(*waiting) == [[1, 2, 3]] * 20
        for stream in streams:
            await stream.aclose()
        await hub.close()

    asyncio.run(scene())
    assert encoded == [1, 2, 3]


def test_a_slow_client_is_let_go_and_misses_nothing_when_it_returns() -> None:
    async def scene() -> None:
        source = EventSource()
        hub = EventHub(source.ask)
        slow, quick = await hub.listen("alice"), await hub.listen("alice")
        for stream in (slow, quick):
            await anext(stream)
        first = [asyncio.create_task(take(stream, 1)) for stream in (slow, quick)]
        await source.is_asked()
        source.tell()
        await asyncio.gather(*first)
        reader = asyncio.create_task(take(quick, 400))
        for _ in range(40):
            source.tell(10)
            await source.is_asked()
        assert await reader == list(range(2, 402))
        got = [wire async for wire in slow if wire.startswith(b"id: ")]
        assert 0 < len(got) < 400
        again = await hub.listen("alice", after=1 + len(got))
        assert await take(again, 400 - len(got)) == list(range(2 + len(got), 402))
        for stream in (again, quick):
            await stream.aclose()
        await hub.close()

    asyncio.run(scene())


def test_a_short_break_is_answered_from_memory_and_a_long_one_by_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        source = EventSource()
        source.tell(3000)
        hub = EventHub(source.ask)
        late = await hub.listen("alice", after=2950)
        assert await take(late, 50) == list(range(2951, 3001))
        asked = source.asked
        early = await hub.listen("alice", after=10)
        assert await take(early, 2990) == list(range(11, 3001))
        assert source.asked > asked
        await late.aclose()
        await early.aclose()
        await hub.close()

    asyncio.run(scene())


def test_a_failing_desk_does_not_end_the_streams() -> None:
    async def scene() -> None:
        source = EventSource()
        hub = EventHub(source.ask)
        stream = await hub.listen("alice")
        await anext(stream)
        reader = asyncio.create_task(take(stream, 1))
        await source.is_asked()
        source.fails = True
        await source.is_asked()
        source.fails = False
        source.tell()
        assert await reader == [1]
        await stream.aclose()
        await hub.close()

    asyncio.run(scene())


def test_a_closing_house_ends_all_streams_and_takes_nobody_in() -> None:
    async def scene() -> None:
        source = EventSource()
        hub = EventHub(source.ask)
        stream = await hub.listen("alice")
        await anext(stream)
        reader = asyncio.create_task(take(stream, 1))
        await source.is_asked()
        assert hub.listeners == 1
        hub.end_streams()
        with pytest.raises(StopAsyncIteration):
            await reader
        with pytest.raises(ServiceBusy):
            hub.check_room()
        await hub.close()

    asyncio.run(scene())


def test_who_comes_while_the_house_closes_is_not_kept_waiting() -> None:
    async def scene() -> None:
        hub = EventHub(EventSource().ask)
        stream = await hub.listen("alice")
        await anext(stream)
        hub.end_streams()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), DEADLINE_SECONDS)
        await hub.close()

    asyncio.run(scene())


def test_only_so_many_may_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_MAX_LISTENERS", 0)
    with pytest.raises(ServiceBusy):
        EventHub(EventSource().ask).check_room()


def test_a_silent_stream_says_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PING_SECONDS", 0.02)

    async def scene() -> list[bytes]:
        hub = EventHub(EventSource().ask)
        stream = await hub.listen("alice")
        wires = [await anext(stream) for _ in range(3)]
        await stream.aclose()
        await hub.close()
        return wires

    assert asyncio.run(scene()) == [b"retry: 2000\n\n", b": still here\n\n", b": still here\n\n"]
