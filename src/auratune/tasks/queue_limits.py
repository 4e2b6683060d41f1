"""How many tasks may wait: of one owner, and of all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.errors import QueueFull
from auratune.core.task import Status
from auratune.tasks.schema.tables import attempts

if TYPE_CHECKING:
    from auratune.tasks.eta import EtaEstimator


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """Checked before a task is written, whether it is a new one, a retry or a remake."""

    eta: EtaEstimator
    most: int
    most_of_owner: int

    def check(self, connection: sa.Connection, owner: str) -> None:
        """Raise `QueueFull`, with the seconds until one of those that wait has begun, where there is no place left."""
        table = attempts.c
        total, of_owner, owners = connection.execute(
            sa.select(
                sa.func.count(),
                sa.func.count(sa.case((table.owner == owner, 1))),
                sa.func.count(sa.distinct(table.owner)),
            ).where(table.status == Status.UPLOADED.value)
        ).one()
        if of_owner >= self.most_of_owner:
            # Owners take turns, so one of this owner's begins once in a round of all.
            raise QueueFull(
                f"{of_owner} of your films wait already; send more when some of them have begun.",
                retry_after_seconds=max(1, owners) * self.eta.between_starts(),
            )
        if total >= self.most:
            raise QueueFull(
                "Too many films wait already; try again in a few minutes.",
                retry_after_seconds=self.eta.between_starts(),
            )
