"""Waiting for vendors: within a deadline, awake to cancelling, and again only where that is safe."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from auratune.core.errors import ProviderBusy
from auratune.retrying import retry

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.context import StageContext

T = TypeVar("T")
_GLANCE_SECONDS = 0.25
_MOST_PAUSE_SECONDS = 30.0


def rest(context: StageContext, seconds: float, note: str = "") -> None:
    """Sleep, but wake at once when the task is cancelled (`TaskCancelled`)."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        context.report(None, note)
        time.sleep(min(_GLANCE_SECONDS, left))


class Pending(Generic[T]):
    """A call that has begun in a thread of its own, so that its caller can do other things, cancel, or give up."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._box: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
        self._call = call
        self._started = time.monotonic()
        threading.Thread(target=self._run, daemon=True, name="vendor-call").start()

    def wait(self, context: StageContext, deadline_seconds: float, note: str = "") -> T:
        """What the call returned, or raise what it raised.

        Raises `TimeoutError` once the deadline, counted from the start of the call, has passed; the thread is then
        left to itself and its result is dropped. Raises `TaskCancelled` from the context's report.
        """
        ends = self._started + deadline_seconds
        while True:
            try:
                result, error = self._box.get(timeout=max(0.0, min(_GLANCE_SECONDS, ends - time.monotonic())))
            except queue.Empty:
                if time.monotonic() >= ends:
                    raise TimeoutError from None
                context.report(None, note)
                continue
            if error is not None:
                raise error
            return result  # type: ignore[return-value]

    def _run(self) -> None:
        try:
            self._box.put((self._call(), None))
        except BaseException as error:  # noqa: BLE001 -- it is raised again where the call is waited for
            self._box.put((None, error))


def while_busy(
    context: StageContext,
    attempt: Callable[[], T],
    *,
    deadline_seconds: float,
    pause_seconds: float = 2.0,
    most: int = 6,
    note: str = "",
) -> T:
    """Run `attempt` again after each `ProviderBusy`, as long as there is time for it; then raise the last one.

    Waits as long as the vendor asked for, else `pause_seconds`, doubled each time. `attempt` must raise
    `ProviderBusy` only where nothing was made.
    """
    return retry(
        attempt,
        attempts=most,
        retry_if=lambda error: isinstance(error, ProviderBusy),
        pause_seconds=lambda failures, error: _pause(error, pause_seconds * 2 ** (failures - 1)),
        deadline_seconds=deadline_seconds,
        sleep=lambda seconds: rest(context, seconds, note),
    )


def _pause(error: BaseException, pause_seconds: float) -> float:
    told = error.retry_after_seconds if isinstance(error, ProviderBusy) else None
    return min(_MOST_PAUSE_SECONDS, pause_seconds) if told is None else told
