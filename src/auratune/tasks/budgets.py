"""Allowances of calls towards vendors, shared by everything that works on one database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.ports import Lease
from auratune.tasks.database import Database, take_turn
from auratune.tasks.schema.tables import budgets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A little more than the minute that vendors count by: their clock and ours never agree to the millisecond.
_WINDOW_SECONDS = 60.1
_GRAIN_SECONDS = 0.001
_BURST_SHARE = 0.1
_LONGEST_LEASE_SECONDS = 3600.0


class SharedBudget:
    """Grants at most so many calls in any 60 seconds, and at most so many at the same time.

    One row per name holds the moment from which calls are spaced out again (the generic cell rate algorithm, as in
    ATM Forum TM 4.1): one atomic update decides, and a waiting caller needs no place in a queue. Calls at the same time
    have a row for each lease, with the moment from which it is free again, whatever became of its holder.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def take(self, name: str, per_minute: int) -> float:
        """Take one call from the allowance: 0.0 when granted, else the seconds to wait before asking again."""
        burst = min(per_minute - 1, round(per_minute * _BURST_SHARE))
        # A full burst and the even flow after it together stay within the allowance of every window.
        spacing = _WINDOW_SECONDS / (per_minute - burst)
        tolerance = burst * spacing + _GRAIN_SECONDS
        return self._database.write(lambda connection: self._decide(connection, name, spacing, tolerance))

    def lease(self, name: str, at_once: int, seconds: float) -> Lease | None:
        """Take one of so many leases until it is released, for `seconds` at most; None when all are taken."""
        names = [f"{name} {number + 1}" for number in range(at_once)]
        return self._database.write(lambda connection: self._first_free(connection, names, seconds))

    def release(self, lease: Lease) -> None:
        """Let others have the lease; one that is over may be another's already, which changes nothing."""
        mine = sa.and_(budgets.c.name == lease.name, budgets.c.next_at_seconds == lease.until_seconds)
        free = sa.update(budgets).where(mine).values(next_at_seconds=0.0)
        self._database.write(lambda connection: connection.execute(free))

    def _first_free(self, connection: sa.Connection, names: list[str], seconds: float) -> Lease | None:
        # Of those who ask at once each must see what the one before took.
        take_turn(connection, f"budget {names[0]}")
        at = self._clock()
        statement = sa.select(budgets.c.name, budgets.c.next_at_seconds).where(budgets.c.name.in_(names))
        taken = {row.name: row.next_at_seconds for row in connection.execute(statement)}
        for name in names:
            # A moment too far ahead was written before the clock was set back.
            if at < taken.get(name, 0.0) < at + _LONGEST_LEASE_SECONDS:
                continue
            values = {"next_at_seconds": at + seconds}
            if name in taken:
                connection.execute(sa.update(budgets).where(budgets.c.name == name).values(values))
            else:
                connection.execute(sa.insert(budgets).values(name=name, **values))
            return Lease(name, at + seconds)
        return None

    def _decide(self, connection: sa.Connection, name: str, spacing: float, tolerance: float) -> float:
        # Two processes that ask for the first time at once must not both write the row.
        take_turn(connection, f"budget {name}")
        at = self._clock()
        moment = budgets.c.next_at_seconds
        granted = connection.execute(
            sa.update(budgets)
            .where(
                budgets.c.name == name,
                # A moment too far ahead was written before the clock was set back.
                sa.or_(moment <= at + tolerance, moment > at + tolerance + _WINDOW_SECONDS + spacing),
            )
            .values(next_at_seconds=sa.case((moment.between(at, at + tolerance), moment), else_=at) + spacing)
        )
        if granted.rowcount:
            return 0.0
        stored = connection.scalar(sa.select(moment).where(budgets.c.name == name))
        if stored is None:
            connection.execute(sa.insert(budgets).values(name=name, next_at_seconds=at + spacing))
            return 0.0
        return max(_GRAIN_SECONDS, float(stored) - tolerance - at)


def shared_budget(data_folder: Path, database_url: str | None = None) -> SharedBudget:
    """The allowance kept in the service's own database. Usable once the task service has made the tables."""
    return SharedBudget(Database(data_folder, database_url))
