"""The ledger knows every paid call, whatever happens to the task or the process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from auratune.core.errors import ProviderOutcomeUnknown, ProviderRefused, TaskCancelled
from auratune.core.task import PaidState
from auratune.tasks import ledger as ledger_module
from auratune.tasks.database import Database
from auratune.tasks.ledger import DatabaseLedger
from auratune.tasks.schema.tables import paid_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.tasks.conftest import ServiceDriver

OWNER = "alice"


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """It stays noon for ledgers: midnight, when a cap begins anew, must not come between two calls."""
    noon = datetime.now(UTC).replace(hour=12)
    monkeypatch.setattr(ledger_module, "datetime", SimpleNamespace(now=lambda zone: noon))
    return noon


@pytest.fixture
def task_id(driver: ServiceDriver) -> str:
    driver.behaviour.seconds = 20
    return driver.submit()


@pytest.fixture
def databases(driver: ServiceDriver) -> Iterator[list[Database]]:
    """Two more openings of the service's database, as other processes would have them."""
    opened = [Database(driver.folder, driver.backend.database_url) for _ in range(2)]
    yield opened
    for database in opened:
        database.close()


@pytest.fixture
def ledger(databases: list[Database], task_id: str) -> DatabaseLedger:
    return DatabaseLedger(databases[0])


def test_an_intent_is_on_disk_before_the_call(databases: list[Database], ledger: DatabaseLedger, task_id: str) -> None:
    assert ledger.open(task_id, "suno", "music", "hash", attempt=2) == 1
    (call,) = DatabaseLedger(databases[1]).entries(task_id)
    assert (call.vendor, call.purpose, call.state, call.number, call.attempt) == (
        "suno",
        "music",
        PaidState.INTENT,
        1,
        2,
    )
    assert call.at is not None


def test_the_outcome_says_what_was_bought(driver: ServiceDriver, ledger: DatabaseLedger, task_id: str) -> None:
    ledger.open(task_id, "suno", "music", "hash")
    ledger.close(task_id, "suno", 1, PaidState.DONE, reference="clip-7", units={"credits": 10.0})
    (call,) = driver.service.find(task_id, OWNER).receipt
    assert (call.state, call.reference, call.units) == (PaidState.DONE, "clip-7", {"credits": 10.0})


def test_attempts_count_by_vendor_and_come_oldest_first(ledger: DatabaseLedger, task_id: str) -> None:
    attempts = [ledger.open(task_id, vendor, "music", "h") for vendor in ("suno", "elevenlabs")]
    assert attempts == [1, 1]
    assert [(call.vendor, call.number) for call in ledger.entries(task_id)] == [
        ("suno", 1),
        ("elevenlabs", 1),
    ]


def test_of_many_threads_one_opens_an_intent_and_the_others_hear_that_it_is_open(
    ledger: DatabaseLedger, task_id: str
) -> None:
    def buy(_: int) -> int:
        try:
            return ledger.open(task_id, "suno", "music", "h")
        except ProviderOutcomeUnknown:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(buy, range(24)))[-2:] == [0, 1]
    ledger.close(task_id, "suno", 1, PaidState.REFUSED)
    assert ledger.open(task_id, "suno", "music", "h") == 2


def test_an_outcome_without_an_intent_is_a_mistake(ledger: DatabaseLedger, task_id: str) -> None:
    with pytest.raises(KeyError):
        ledger.close(task_id, "suno", 1, PaidState.DONE)


def test_the_daily_cap_counts_all_tasks_of_an_owner_also_removed_ones_and_starts_again_the_next_day(
    driver: ServiceDriver, task_id: str, noon: datetime
) -> None:
    capped = DatabaseLedger(driver.service._database, daily_cap=2)
    second, third = driver.submit(seed=2), driver.submit(seed=4)
    foreign = driver.submit(seed=3, owner="bob")
    capped.open(task_id, "suno", "music", "h")
    capped.close(second, "suno", capped.open(second, "suno", "music", "h"), PaidState.DONE)
    driver.service.delete(second, OWNER)
    with pytest.raises(ProviderRefused) as caught:
        capped.open(third, "suno", "music", "h")
    assert caught.value.code == "daily_cap_reached"
    assert capped.open(foreign, "suno", "music", "h") == 1
    capped.close(task_id, "suno", 1, PaidState.REFUSED)
    assert capped.open(third, "suno", "music", "h") == 1
    _age_calls(driver, noon)
    assert capped.open(third, "elevenlabs", "music", "h") == 1


@pytest.mark.usefixtures("noon")
def test_a_daily_cap_holds_when_many_tasks_ask_at_once(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    tasks = [driver.submit(seed=seed) for seed in range(8)]
    capped = DatabaseLedger(driver.service._database, daily_cap=3)

    def buy(task_id: str) -> int:
        try:
            return capped.open(task_id, "suno", "music", "h")
        except ProviderRefused:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(buy, tasks)) == 3


def test_only_the_run_that_works_on_the_attempt_may_pay(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    task_id = driver.submit()
    with pytest.raises(TaskCancelled):
        DatabaseLedger(driver.service._database, run_id="another").open(task_id, "suno", "music", "h")


def _age_calls(driver: ServiceDriver, now: datetime) -> None:
    day = timedelta(days=1)
    with driver.service._database.engine.begin() as connection:
        connection.execute(sa.update(paid_calls).values(at=now - day))
