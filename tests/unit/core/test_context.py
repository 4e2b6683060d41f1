"""What belongs to the running of a stage travels beside its values."""

from __future__ import annotations

from auratune.core.context import Errand, MemoryLedger, current_errand, on_errand, report
from auratune.core.task import PaidState


def test_outside_any_errand_reporting_is_quiet() -> None:
    report(0.5, "half")
    assert current_errand().task_id == "local"


def test_a_report_reaches_the_errand_of_the_block_and_no_other() -> None:
    heard: list[tuple[float | None, str]] = []
    with on_errand(Errand(task_id="a", report=lambda fraction, note: heard.append((fraction, note)))):
        report(0.25, "quarter")
    report(0.5)
    assert heard == [(0.25, "quarter")]


def test_the_ledger_tells_an_open_intent_from_a_paid_and_a_refused_call() -> None:
    ledger = MemoryLedger()
    first = ledger.open("task", "suno", "music", "hash")
    second = ledger.open("task", "suno", "music", "hash", round=2)
    ledger.close("task", "suno", first, PaidState.REFUSED)
    ledger.close("task", "suno", second, PaidState.DONE, reference="clip", units={"credits": 5.0})
    ledger.open("other", "suno", "music", "hash")
    refused, done = ledger.entries("task")
    assert (refused.state, refused.attempt) == (PaidState.REFUSED, 1)
    assert (done.state, done.attempt, done.round, done.reference) == (PaidState.DONE, 2, 2, "clip")
    assert ledger.paid_today("task") == 2
