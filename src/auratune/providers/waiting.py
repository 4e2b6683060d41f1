"""Waiting for vendors: within a deadline, ended by a cancel, and repeated only where that is safe."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from auratune.core.errors import ProviderBusy
from auratune.retrying import retry

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.context import StageContext

T = TypeVar("T")
_REPORT_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 30.0


def rest(context: StageContext, seconds: float, note: str = "") -> None:
    """Sleep, but wake at once when the task is cancelled (`TaskCancelled`)."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        context.report(None, note)
        time.sleep(min(_REPORT_SECONDS, left))


def start(call: Callable[[], T]) -> Future[T]:
    """Begin a call in a daemon thread, so that its caller can do other things, cancel, or give up."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 -- it is raised again where the result is waited for
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="vendor-call").start()
    return future


def wait_for(context: StageContext, future: Future[T], deadline_seconds: float, note: str = "") -> T:
    """What the call returned, or raise what it raised.

    Raises `TimeoutError` after `deadline_seconds`; the thread is then left to itself. Raises `TaskCancelled` from the
    context's report.
    """
    ends = time.monotonic() + deadline_seconds
    while True:
        left = ends - time.monotonic()
        try:
            return future.result(timeout=max(0.0, min(_REPORT_SECONDS, left)))
        except TimeoutError:
            if future.done() or left <= 0:
                raise
        context.report(None, note)


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
    return min(_LONGEST_PAUSE_SECONDS, pause_seconds) if told is None else told
