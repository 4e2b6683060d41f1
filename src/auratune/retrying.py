"""The one way in which something is tried again: after which errors, how often, and with which pauses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import tenacity

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def retry(
    call: Callable[[], T],
    *,
    attempts: int,
    retry_if: Callable[[BaseException], bool],
    pause_seconds: Callable[[int, BaseException], float],
    deadline_seconds: float = float("inf"),
    sleep: Callable[[float], None] = time.sleep,
    on_retry: Callable[[BaseException], None] | None = None,
) -> T:
    """What `call` returns; it is made again after each error that `retry_if` accepts, else the error is raised.

    `pause_seconds` gets the number of failures so far (from 1) and the error. No pause is begun that would end more
    than `deadline_seconds` after the start. `on_retry` hears each error that leads to another attempt.
    """
    ends = time.monotonic() + deadline_seconds

    def pause(state: tenacity.RetryCallState) -> float:
        return pause_seconds(state.attempt_number, _error(state))

    def is_too_late(state: tenacity.RetryCallState) -> bool:
        return time.monotonic() + state.upcoming_sleep > ends

    def before_sleep(state: tenacity.RetryCallState) -> None:
        if on_retry:
            on_retry(_error(state))

    return tenacity.Retrying(
        stop=lambda state: state.attempt_number >= attempts or is_too_late(state),
        retry=tenacity.retry_if_exception(retry_if),
        wait=pause,
        sleep=sleep,
        before_sleep=before_sleep,
        reraise=True,
    )(call)


def _error(state: tenacity.RetryCallState) -> BaseException:
    assert state.outcome is not None
    error = state.outcome.exception()
    assert error is not None
    return error
