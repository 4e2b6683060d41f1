"""Whose attempt is next: start-time fair queueing (Goyal, Vin and Cheng 1996) in the queue's priority.

Who sends one photo does not wait behind five hundred of somebody else's: owners take turns, each in its own order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.task import Status
from auratune.tasks.schema.tables import attempts

if TYPE_CHECKING:
    from sqlalchemy import Connection

_STRIDE = 1
_LOWEST, _HIGHEST = 1, 2**31 - 1


def next_priority(connection: Connection, owner: str) -> int:
    """The priority of an owner's next attempt, from 1; the queue takes the smallest number first.

    The queue's time is the smallest number that waits. An owner's next attempt comes one stride after the owner's last
    one that waits, but never before the queue's time: nobody saves up turns by not asking for any.
    """
    waiting = attempts.c.status == Status.UPLOADED.value
    queue_time, own_last = connection.execute(
        sa.select(
            sa.func.min(attempts.c.priority),
            sa.func.max(sa.case((attempts.c.owner == owner, attempts.c.priority))),
        ).where(waiting)
    ).one()
    return min(_HIGHEST, max(_LOWEST, queue_time or _LOWEST, (own_last or 0) + _STRIDE))
