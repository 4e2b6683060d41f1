"""Photos on their way in: how many, whose turn it is, and what slow ones may hold."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from auratune.web import upload_places
from auratune.web.request_errors import TooManyRequests
from auratune.web.upload_places import UploadPlaces

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def run(scene: Callable[[UploadPlaces, AsyncExitStack], Awaitable[None]], places: UploadPlaces) -> None:
    async def play() -> None:
        async with AsyncExitStack() as stack:
            await scene(places, stack)

    asyncio.run(play())


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

    run(scene, UploadPlaces(2, most=6))


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
            await asyncio.sleep(0.001)
            await settle()
        with pytest.raises(TooManyRequests):
            await stack.enter_async_context(places.place("glasses"))
        async with places.turn("glasses"):
            pass

    run(scene, UploadPlaces(1, most=1, most_slow=3))


def test_decoders_are_shared_by_senders_however_many_photos_one_of_them_sends() -> None:
    served: list[str] = []

    async def decode(places: UploadPlaces, sender: str, go_on: asyncio.Event) -> None:
        async with places.turn(sender):
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
        async with places.turn("alice"):
            waiting = asyncio.create_task(stack.enter_async_context(places.turn("alice")))
            await settle()
            waiting.cancel()
            await asyncio.wait([waiting])
        async with places.turn("alice"), places.turn("bob"):
            pass

    run(scene, UploadPlaces(2))
