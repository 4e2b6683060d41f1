"""Photos on their way in: how many, whose turn it is, and what slow ones may hold."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from auratune.web import upload_places
from auratune.web.request_errors import TooManyRequests
from auratune.web.upload_places import Place, UploadPlaces

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def run(scene: Callable[[UploadPlaces, AsyncExitStack], Awaitable[None]], places: UploadPlaces) -> None:
    async def play() -> None:
        async with AsyncExitStack() as stack:
            await scene(places, stack)

    asyncio.run(play())


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


async def decode_one(places: UploadPlaces, clock: Clock, *, seconds: float) -> None:
    async with places.turn(Place("alice")):
        clock.now += seconds


async def count_taken(places: UploadPlaces, stack: AsyncExitStack) -> int:
    """Send photos of many senders until one is refused."""
    for number in range(100):
        try:
            await stack.enter_async_context(places.place(f"sender {number}"))
        except TooManyRequests:
            return number
    raise AssertionError("nobody was refused")


async def timers_have_run() -> None:
    """Wait until every timer that was due before has been called: the loop calls them in their order."""
    called = asyncio.Event()
    asyncio.get_running_loop().call_later(0, called.set)
    await called.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_whoever_comes_when_all_places_are_taken_is_refused_at_once() -> None:
    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for sender in ("alice", "alice", "bob"):
            await stack.enter_async_context(places.place(sender))
        with pytest.raises(TooManyRequests) as refused:
            await stack.enter_async_context(places.place("carol"))
        assert (refused.value.code, refused.value.retryable) == ("uploads_busy", True)
        assert refused.value.retry_after_seconds >= 1

    run(scene, UploadPlaces(2, most=3))


def test_one_sender_cannot_take_the_places_of_all_others() -> None:
    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for _ in range(4):
            await stack.enter_async_context(places.place("alice"))
        with pytest.raises(TooManyRequests):
            await stack.enter_async_context(places.place("alice"))
        await stack.enter_async_context(places.place("bob"))

    run(scene, UploadPlaces(2, least=6, most=6))


def test_a_place_is_free_again_when_its_photo_is_in() -> None:
    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for _ in range(5):
            async with places.place("alice"):
                pass

    run(scene, UploadPlaces(1, most=1))


def test_a_photo_that_comes_slowly_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_places, "_QUICK_SECONDS", 0.0)

    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for _ in range(3):
            await stack.enter_async_context(places.place("glasses"))
            await timers_have_run()
            await settle()
        with pytest.raises(TooManyRequests):
            await stack.enter_async_context(places.place("glasses"))
        async with places.turn(Place("glasses")):
            pass

    run(scene, UploadPlaces(1, most=1, most_slow=3))


def test_decoders_are_shared_by_senders_however_many_photos_one_of_them_sends() -> None:
    served: list[str] = []

    async def decode(places: UploadPlaces, sender: str, go_on: asyncio.Event) -> None:
        async with places.turn(Place(sender)):
            served.append(sender)
            await go_on.wait()

    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        go_on = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(6):
                group.create_task(decode(places, "alice", go_on))
            await settle()
            # Bob does not wait, though Alice has six photos here: one decoder is never hers.
            group.create_task(decode(places, "bob", go_on))
            await settle()
            assert served == ["alice", "alice", "bob"]
            group.create_task(decode(places, "bob", go_on))
            await settle()
            go_on.set()
        assert served[:5].count("bob") == 2
        assert sorted(served) == ["alice"] * 6 + ["bob"] * 2

    run(scene, UploadPlaces(3))


def test_who_gives_up_while_waiting_leaves_no_decoder_behind() -> None:
    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        async with places.turn(Place("alice")):
            waiting = asyncio.create_task(stack.enter_async_context(places.turn(Place("alice"))))
            await settle()
            waiting.cancel()
            await asyncio.wait([waiting])
        async with places.turn(Place("alice")), places.turn(Place("bob")):
            pass

    run(scene, UploadPlaces(2))


@pytest.mark.parametrize(("seconds", "taken"), [(0.01, 12), (0.09, 6), (5.0, 3)])
def test_so_many_photos_are_taken_in_as_can_be_answered_soon(
    monkeypatch: pytest.MonkeyPatch, seconds: float, taken: int
) -> None:
    clock = Clock()
    monkeypatch.setattr(upload_places, "time", clock)

    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for _ in range(25):
            await decode_one(places, clock, seconds=seconds)
        assert await count_taken(places, stack) == taken

    run(scene, UploadPlaces(2, least=3, most=12))


def test_one_photo_that_takes_long_is_enough_to_take_in_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(upload_places, "time", clock)

    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for seconds in (0.01, 0.01, 0.01, 0.15):
            await decode_one(places, clock, seconds=seconds)
        assert await count_taken(places, stack) == 4

    run(scene, UploadPlaces(2, least=1, most=12))


def test_photos_that_are_decoded_side_by_side_share_the_time_that_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(upload_places, "time", clock)

    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for _ in range(25):
            async with places.turn(Place("alice")), places.turn(Place("bob")):
                clock.now += 0.098
        assert await count_taken(places, stack) == 12

    run(scene, UploadPlaces(2, least=1, most=12))


def test_a_photo_that_is_in_and_waits_for_its_turn_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_places, "_QUICK_SECONDS", 0.0)

    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        async with places.place("alice") as quick, places.turn(quick):
            await timers_have_run()
            await settle()
            with pytest.raises(TooManyRequests):
                places.check("bob")
        async with places.place("alice") as slow:
            await timers_have_run()
            await settle()
            places.check("bob")
            async with places.turn(slow):
                with pytest.raises(TooManyRequests):
                    places.check("bob")
        places.check("bob")

    run(scene, UploadPlaces(1, most=1, pause_seconds=0.0))


def test_whoever_is_refused_is_told_to_come_back_behind_those_who_were_refused_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(upload_places, "time", clock)

    def told(places: UploadPlaces) -> float:
        with pytest.raises(TooManyRequests) as refused:
            places.check("bob")
        return refused.value.retry_after_seconds

    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for _ in range(25):
            await decode_one(places, clock, seconds=0.1)
        await stack.enter_async_context(places.place("alice"))
        waits = [told(places) for _ in range(100)]
        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (1, 11)
        clock.now += 60
        assert told(places) == 1

    run(scene, UploadPlaces(1, most=1))


def test_after_a_refusal_nobody_is_taken_for_a_moment_though_a_place_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(upload_places, "time", clock)

    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        async with places.place("alice"):
            with pytest.raises(TooManyRequests):
                places.check("bob")
        for _ in range(2):
            clock.now += 0.2
            with pytest.raises(TooManyRequests):
                places.check("carol")
        # Those who were refused meanwhile do not prolong it.
        clock.now += 0.2
        places.check("carol")

    run(scene, UploadPlaces(1, most=1, pause_seconds=0.5))


def test_whoever_sends_too_many_makes_nobody_else_wait() -> None:
    async def scene(places: UploadPlaces, stack: AsyncExitStack) -> None:
        for _ in range(2):
            await stack.enter_async_context(places.place("alice"))
        for _ in range(50):
            with pytest.raises(TooManyRequests):
                places.check("alice")
        places.check("bob")

    run(scene, UploadPlaces(2, least=3, most=3))
