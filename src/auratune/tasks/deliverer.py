"""Delivers webhooks: a thread that takes what is due, posts it, and notes how that went."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import httpx2
import sqlalchemy as sa

from auratune.core.errors import ServiceBusy
from auratune.providers.http import retry_after, tls
from auratune.providers.ssrf_guard import UnsafeAddress
from auratune.tasks import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.tasks.database import Database
    from auratune.tasks.webhooks import Ending, Webhooks

_AT_ONCE = 8
_LOOK_SECONDS = 1.0
_log = logging.getLogger(__name__)


def _do_nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one try: the HTTP status (0 for none), and an error's code, which is empty for success."""

    status: int = 0
    error: str = ""
    wait_seconds: float = 0.0


class Deliverer:
    """A thread with an event loop of its own, in every process that works on tasks."""

    def __init__(self, database: Database, webhooks: Webhooks, *, on_try: Callable[[str], None]) -> None:
        """`on_try` hears how each try went: `delivered`, `failed` or `given_up`."""
        self._database = database
        self._webhooks = webhooks
        self._on_try = on_try
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._wake: Callable[[], object] = _do_nothing

    def start(self) -> None:
        """Begin, unless no secret is set."""
        self._closing.clear()
        if self._webhooks.secret:
            self._thread = threading.Thread(target=self._work, name="auratune-webhooks", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look at once for what is due: an attempt has ended in this process."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._wake()

    def close(self) -> None:
        """Stop. What is being posted is broken off and given back: whoever comes next posts it again."""
        self._closing.set()
        self.wake()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        due = asyncio.Event()
        self._wake = partial(asyncio.get_running_loop().call_soon_threadsafe, due.set)
        under_way: set[asyncio.Task[None]] = set()
        while not self._closing.is_set():
            due.clear()
            try:
                under_way |= await self._begin(_AT_ONCE - len(under_way))
            except (ServiceBusy, sa.exc.SQLAlchemyError) as error:
                _log.warning("webhooks wait: the database does not answer (%s)", type(error).__name__)
            waker = asyncio.ensure_future(due.wait())
            # A place that is free again is filled at once, in case more is due than could be begun.
            await asyncio.wait({waker, *under_way}, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            waker.cancel()
            under_way = {task for task in under_way if not task.done()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _begin(self, most: int) -> set[asyncio.Task[None]]:
        if most <= 0:
            return set()
        claimed = await asyncio.to_thread(
            self._database.write, lambda connection: deliveries.claim(connection, most, self._webhooks.lease_seconds)
        )
        return {asyncio.ensure_future(self._deliver(ending, number)) for ending, number in claimed}

    async def _deliver(self, ending: Ending, number: int) -> None:
        try:
            answer = await self._post(ending)
        except asyncio.CancelledError:
            self._database.write(lambda connection: deliveries.release(connection, ending, number))
            raise
        settle = partial(
            deliveries.settle,
            ending=ending,
            number=number,
            status=answer.status,
            error=answer.error,
            pause_seconds=self._webhooks.pause_after(number, answer.status, answer.wait_seconds),
        )
        try:
            outcome = await asyncio.to_thread(self._database.write, settle)
        except (ServiceBusy, sa.exc.SQLAlchemyError) as error:
            _log.warning("the try of a webhook was not noted (%s); it is made again", type(error).__name__)
            return
        if outcome != "superseded":
            self._on_try(outcome)
        if outcome == "given_up":
            _log.warning("a webhook of task %s was given up after try %d: %s", ending.task_id, number, answer.error)

    async def _post(self, ending: Ending) -> _Answer:
        """Try once. The whole of it is bounded in time, and nothing is read of an answer but its head."""
        try:
            async with asyncio.timeout(self._webhooks.try_seconds):
                target = await asyncio.to_thread(self._webhooks.pin, ending.callback_url)
                body, headers = self._webhooks.request(ending, datetime.now(UTC))
                # A new client each time: a pooled connection would be found by address, whatever name it was made for.
                async with (
                    httpx2.AsyncClient(trust_env=False, verify=tls(), timeout=None, follow_redirects=False) as client,
                    client.stream(
                        "POST",
                        target.pinned_url,
                        content=body,
                        headers={"host": target.host_header, **headers},
                        extensions={"sni_hostname": target.host},
                    ) as answer,
                ):
                    error = "" if answer.is_success else "http_error"
                    return _Answer(answer.status_code, error, retry_after(answer.headers) or 0.0)
        except UnsafeAddress:
            return _Answer(error="unsafe_address")
        except TimeoutError:
            return _Answer(error="timed_out")
        except (httpx2.TransportError, httpx2.InvalidURL):
            return _Answer(error="unreachable")
        except Exception:  # noqa: BLE001 -- one webhook must not end the others
            # Noted as a failure like others, so that it is given up in the end.
            _log.exception("a webhook of task %s failed in an unforeseen way", ending.task_id)
            return _Answer(error="internal_error")
