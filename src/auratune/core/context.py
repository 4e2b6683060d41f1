"""What a stage knows of the task it works for: its id, how to report progress, and the ledger of paid calls.

The journey hands plain values from stage to stage. What belongs to the *running* of a stage rather than to the story
travels beside it in a context variable, so that a stage can be called in a test with nothing but its values.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from auratune.core.task import PaidCall, PaidState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Ledger(Protocol):
    """Intents and outcomes of paid calls, so that nothing is paid twice."""

    def entries(self, task_id: str) -> tuple[PaidCall, ...]:
        """All paid calls of a task, oldest first."""
        ...

    def open(self, task_id: str, vendor: str, purpose: str, request_hash: str, *, round: int = 1) -> int:
        """Write and commit an intent **before** the call; return its attempt number, from 1."""
        ...

    def paid_today(self, task_id: str) -> int:
        """How many paid calls (intents and done) the owner of this task has made since midnight UTC."""
        ...

    def close(
        self,
        task_id: str,
        vendor: str,
        attempt: int,
        state: PaidState,
        *,
        reference: str = "",
        units: dict[str, float] | None = None,
    ) -> None:
        """Write the outcome after the call."""
        ...


@dataclass(slots=True)
class MemoryLedger:
    """A ledger for one process that pays for one film: the command line and tests."""

    calls: dict[tuple[str, str, int], PaidCall] = field(default_factory=dict)

    def entries(self, task_id: str) -> tuple[PaidCall, ...]:
        """All paid calls of a task, oldest first."""
        return tuple(call for (owner, _, _), call in self.calls.items() if owner == task_id)

    def paid_today(self, task_id: str) -> int:
        """How many paid calls this process has made."""
        del task_id
        return sum(1 for call in self.calls.values() if call.state is not PaidState.REFUSED)

    def open(self, task_id: str, vendor: str, purpose: str, request_hash: str, *, round: int = 1) -> int:
        """Note an intent; return its attempt number."""
        del request_hash
        attempt = 1 + sum(1 for owner, name, _ in self.calls if (owner, name) == (task_id, vendor))
        self.calls[task_id, vendor, attempt] = PaidCall(
            vendor=vendor, purpose=purpose, state=PaidState.INTENT, attempt=attempt, round=round
        )
        return attempt

    def close(
        self,
        task_id: str,
        vendor: str,
        attempt: int,
        state: PaidState,
        *,
        reference: str = "",
        units: dict[str, float] | None = None,
    ) -> None:
        """Note the outcome."""
        intent = self.calls[task_id, vendor, attempt]
        self.calls[task_id, vendor, attempt] = replace(intent, state=state, reference=reference, units=units or {})


def _quiet(fraction: float | None, note: str) -> None:
    del fraction, note


@dataclass(frozen=True, slots=True)
class Errand:
    """The running side of one stage of one task."""

    task_id: str = "local"
    report: Callable[[float | None, str], None] = _quiet
    """Called with the fraction done (0 to 1, or None for "still at it") and a short note. Raises `TaskCancelled`."""
    ledger: Ledger = field(default_factory=MemoryLedger)
    round: int = 1
    """1 at first, one more each time a person asks for the task to be tried again."""


_current: ContextVar[Errand | None] = ContextVar("errand", default=None)


def current_errand() -> Errand:
    """The errand of the stage that is running, or a quiet one outside any."""
    return _current.get() or Errand()


@contextmanager
def on_errand(errand: Errand) -> Iterator[Errand]:
    """Make an errand current for the block."""
    token = _current.set(errand)
    try:
        yield errand
    finally:
        _current.reset(token)


def report(fraction: float | None, note: str = "") -> None:
    """Tell how far the running stage is; raises `TaskCancelled` when its owner has stopped it."""
    current_errand().report(fraction, note)
