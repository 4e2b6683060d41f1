"""Work in the background ends with its block, and takes no CPU time from what is waited for."""

from __future__ import annotations

import threading
from typing import Any

from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.core.background import BackgroundSubprocesses, BackgroundWork
from auratune.core.context import ignore_progress
from auratune.core.ports import Limits, Report


def test_the_result_is_there_once_the_work_is_done() -> None:
    with BackgroundWork(lambda report: 7, ignore_progress) as work:
        wait_until(lambda: work.result == 7, "the work is done")


def test_work_that_is_not_done_at_the_end_of_the_block_ends_at_its_next_report() -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(report: Report) -> None:
        try:
            while True:
                report(None)
                begun.set()
        finally:
            ended.set()

    with BackgroundWork(endless, ignore_progress) as work:
        assert begun.wait(DEADLINE_SECONDS)
    assert ended.is_set()
    assert work.result is None


def test_a_failure_in_the_background_changes_nothing_for_the_block() -> None:
    def fail(report: Report) -> None:
        raise ValueError("no")

    with BackgroundWork(fail, ignore_progress) as work:
        pass
    assert work.result is None


def test_child_processes_in_the_background_have_the_lowest_priority() -> None:
    asked: list[Limits] = []

    class Children:
        def run(self, function: str, *arguments: Any, limits: Limits | None = None, report: Any = None) -> None:
            assert limits
            asked.append(limits)

    BackgroundSubprocesses(Children()).run("a:b", limits=Limits(wall_seconds=5, niceness=10))
    BackgroundSubprocesses(Children()).run("a:b")
    assert [(limits.niceness, limits.wall_seconds) for limits in asked] == [(19, 5), (19, Limits().wall_seconds)]
