"""Whose turn it is: one photo does not wait behind somebody else's five hundred, on either database."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import pytest
from tests.backends import BACKENDS, open_backend
from tests.unit.tasks.conftest import ServiceDriver, _decode_at_once
from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.core.task import Stage
from auratune.subprocesses import SubprocessPool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MANY = 40


@pytest.mark.parametrize("name", BACKENDS)
def test_a_single_photo_starts_within_three_starts_of_a_long_queue(
    name: str, tmp_path: Path, photo_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SubprocessPool, "run", _decode_at_once)
    driver = ServiceDriver(open_backend(name, tmp_path / "data"), photo_file)
    go_on = threading.Event()
    started: list[str] = []

    def tell(stage: str) -> None:
        if stage == Stage.ANALYZE:
            started.append(stage)
            go_on.wait(DEADLINE_SECONDS)

    driver.behaviour.tell = tell
    with contextlib.closing(driver), contextlib.ExitStack() as first:
        first.callback(go_on.set)  # or closing would wait for it
        service = driver.open(slots=1)
        for seed in range(_MANY):
            service.submit(driver.upload(seed=seed, owner="alice"))
        wait_until(lambda: started, "the first of the many has started")
        single = service.submit(driver.upload(seed=1000, owner="bob")).task_id
        go_on.set()
        task = driver.wait(single, owner="bob", until=lambda task: task.status.is_final)
        assert task.status.value == "done"
        alices = service.page("alice", limit=200).tasks
        ended = [each for each in alices if each.status.is_final and each.modified_at <= task.modified_at]
    assert len(ended) <= 4
