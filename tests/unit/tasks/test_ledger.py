"""The ledger knows every paid call, whatever happens to the task or the process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from auratune.core.task import PaidState
from auratune.tasks.database import Database
from auratune.tasks.ledger import DatabaseLedger

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import House

OWNER = "alice"


@pytest.fixture
def task_id(house: House) -> str:
    house.play.seconds = 20
    return house.submit()


@pytest.fixture
def ledger(house: House, task_id: str) -> DatabaseLedger:
    return DatabaseLedger(Database(house.folder))


def test_an_intent_is_on_disk_before_the_call(house: House, ledger: DatabaseLedger, task_id: str) -> None:
    assert ledger.open(task_id, "suno", "music", "hash", attempt=2) == 1
    (call,) = DatabaseLedger(Database(house.folder)).entries(task_id)
    assert (call.vendor, call.purpose, call.state, call.number, call.attempt) == (
        "suno",
        "music",
        PaidState.INTENT,
        1,
        2,
    )
    assert call.at is not None


def test_the_outcome_says_what_was_bought(house: House, ledger: DatabaseLedger, task_id: str) -> None:
    ledger.open(task_id, "suno", "music", "hash")
    ledger.close(task_id, "suno", 1, PaidState.DONE, reference="clip-7", units={"credits": 10.0})
    (call,) = house.desk.find(task_id, OWNER).receipt
    assert (call.state, call.reference, call.units) == (PaidState.DONE, "clip-7", {"credits": 10.0})


def test_attempts_count_by_vendor_and_come_oldest_first(ledger: DatabaseLedger, task_id: str) -> None:
    attempts = [ledger.open(task_id, vendor, "music", "h") for vendor in ("suno", "suno", "elevenlabs", "suno")]
    assert attempts == [1, 2, 1, 3]
    assert [(call.vendor, call.number) for call in ledger.entries(task_id)] == [
        ("suno", 1),
        ("suno", 2),
        ("elevenlabs", 1),
        ("suno", 3),
    ]


def test_two_threads_never_get_the_same_attempt(ledger: DatabaseLedger, task_id: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        attempts = list(pool.map(lambda _: ledger.open(task_id, "suno", "music", "h"), range(24)))
    assert sorted(attempts) == list(range(1, 25))


def test_an_outcome_without_an_intent_is_a_mistake(ledger: DatabaseLedger, task_id: str) -> None:
    with pytest.raises(KeyError):
        ledger.close(task_id, "suno", 1, PaidState.DONE)


def test_what_an_owner_spent_today_counts_over_all_tasks_and_outlives_them(
    house: House, ledger: DatabaseLedger, task_id: str
) -> None:
    second = house.submit(seed=2)
    foreign = house.submit(seed=3, owner="bob")
    for each in (task_id, second, second, foreign):
        ledger.open(each, "suno", "music", "h")
    ledger.close(second, "suno", 2, PaidState.REFUSED)
    assert [ledger.paid_today(each) for each in (task_id, second, foreign)] == [2, 2, 1]
    house.desk.delete(second, OWNER)
    assert ledger.paid_today(task_id) == 2


def test_yesterday_is_not_counted(ledger: DatabaseLedger, task_id: str, house: House) -> None:
    import sqlalchemy as sa

    ledger.open(task_id, "suno", "music", "h")
    day = 24 * 3600 * 1_000_000
    with Database(house.folder).engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE paid_calls SET at = at - {day}"))
    assert ledger.paid_today(task_id) == 0
