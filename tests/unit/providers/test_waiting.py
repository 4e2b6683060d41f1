"""Waiting has an end, stays awake to cancelling, and repeats only what a vendor was too busy for."""

from __future__ import annotations

import threading

import pytest
from tests.contexts import a_context

from auratune.core.errors import ProviderBusy, ProviderRefused, TaskCancelled
from auratune.providers.waiting import rest, start, wait_for, while_busy


def busy(times: int, retry_after_seconds: float | None = None) -> tuple[list[int], object]:
    """What fails so many times and then works, and a list that grows with each try."""
    tries: list[int] = []

    def attempt() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise ProviderBusy("later", provider="suno", retry_after_seconds=retry_after_seconds)
        return "done"

    return tries, attempt


def cancel(fraction: float | None, note: str = "") -> None:
    raise TaskCancelled("stopped")


def test_a_busy_vendor_is_asked_again_until_it_has_time() -> None:
    tries, attempt = busy(2)
    assert while_busy(a_context(), attempt, deadline_seconds=60.0, pause_seconds=0.01) == "done"  # type: ignore[arg-type]
    assert len(tries) == 3


def test_the_number_of_tries_and_the_time_for_them_are_bounded() -> None:
    tries, attempt = busy(99)
    with pytest.raises(ProviderBusy):
        while_busy(a_context(), attempt, deadline_seconds=60.0, pause_seconds=0.001, most=4)  # type: ignore[arg-type]
    assert len(tries) == 4
    tries, attempt = busy(99, retry_after_seconds=60.0)
    with pytest.raises(ProviderBusy):
        while_busy(a_context(), attempt, deadline_seconds=1.0)  # type: ignore[arg-type]
    assert len(tries) == 1


def test_anything_but_busy_is_not_tried_again() -> None:
    tries: list[int] = []

    def attempt() -> str:
        tries.append(1)
        raise ProviderRefused("no", provider="suno")

    with pytest.raises(ProviderRefused):
        while_busy(a_context(), attempt, deadline_seconds=60.0)
    assert len(tries) == 1


def test_a_call_gives_back_its_result_or_its_error() -> None:
    assert wait_for(a_context(), start(lambda: 42), 60.0) == 42
    with pytest.raises(ZeroDivisionError):
        wait_for(a_context(), start(lambda: 1 // 0), 60.0)


def test_a_call_that_takes_too_long_is_left_to_itself() -> None:
    end = threading.Event()
    with pytest.raises(TimeoutError):
        wait_for(a_context(), start(end.wait), 0.1)
    end.set()


def test_waiting_ends_at_once_when_the_task_is_cancelled() -> None:
    end = threading.Event()
    cancelled = a_context(report=cancel)
    with pytest.raises(TaskCancelled):
        rest(cancelled, 30.0)
    with pytest.raises(TaskCancelled):
        wait_for(cancelled, start(end.wait), 30.0)
    end.set()
