"""What belongs to the running of a stage travels beside its values."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contexts import a_context

from auratune.core.context import MemoryLedger
from auratune.core.task import PaidState


def test_what_a_child_process_tells_reaches_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    heard: list[tuple[float | None, str]] = []

    def note(fraction: float | None, text: str = "") -> None:
        heard.append((fraction, text))

    assert a_context(report=note).run_in_subprocess("subprocess_jobs:count", 2) == "counted"
    assert [entry for entry in heard if entry[0] is not None] == [(0.5, "step 1"), (1.0, "step 2")]


def test_the_ledger_tells_an_open_intent_from_a_paid_and_a_refused_call() -> None:
    ledger = MemoryLedger()
    first = ledger.open("task", "suno", "music", "hash")
    second = ledger.open("task", "suno", "music", "hash", attempt=2)
    ledger.close("task", "suno", first, PaidState.REFUSED)
    ledger.close("task", "suno", second, PaidState.DONE, reference="clip", units={"credits": 5.0})
    ledger.open("other", "suno", "music", "hash")
    refused, done = ledger.entries("task")
    assert (refused.state, refused.number) == (PaidState.REFUSED, 1)
    assert (done.state, done.number, done.attempt, done.reference) == (PaidState.DONE, 2, 2, "clip")
