"""What stages need from outside: a store, a ledger, child processes, and someone who hears of their progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from auratune.core.task import PaidCall, PaidState


class Ledger(Protocol):
    """Intents and outcomes of paid calls, so that nothing is paid twice."""

    def entries(self, task_id: str) -> tuple[PaidCall, ...]:
        """All paid calls of a task, oldest first."""
        ...

    def open(
        self, task_id: str, vendor: str, purpose: str, request_hash: str, *, attempt: int = 1, answer_key: str = ""
    ) -> int:
        """Write and commit an intent **before** the call; return its number, from 1.

        `answer_key` is where the answer will be kept. Raises `ProviderRefused` (`daily_cap_reached`) when the owner
        of the task has spent enough today, and `ProviderOutcomeUnknown` while another intent is open.
        """
        ...

    def close(
        self,
        task_id: str,
        vendor: str,
        number: int,
        state: PaidState,
        *,
        reference: str = "",
        units: dict[str, float] | None = None,
    ) -> None:
        """Write the outcome after the call."""
        ...


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it."""

    key: str
    size_bytes: int
    modified: datetime
    """When it was written, in UTC."""
    etag: str
    """Changes when the bytes change; not a checksum of them."""


class ObjectStore(Protocol):
    """Keeps big bytes under keys such as `tasks/<task>/<attempt>/<run>/film.mp4`. Objects are written once.

    A prefix ends at a `/` of its keys: `tasks/t1` covers `tasks/t1/film.mp4` and not `tasks/t10/film.mp4`. Every
    method raises `StorageError`: `bad_key` for a key that no store would hand out, `file_missing` for one without an
    object, `store_failed` when the store cannot do its work.
    """

    def create(self, key: str, *, content_type: str, filename: str = "") -> AbstractContextManager[Path]:
        """A local path to write to, with the key's suffix; its bytes become the object when the block ends well.

        The object is visible whole or not at all. `filename` is what a browser saves it as. Writing the same bytes
        under a key again is fine; other bytes raise `object_exists`, and the first ones stay.
        """
        ...

    def fetch(self, key: str) -> AbstractContextManager[Path]:
        """A local file with the bytes, for reading only, good inside the block."""
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """What is known of an object, or None where there is none."""
        ...

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end` (exclusive), in pieces of bounded size."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Make another object of the same bytes, which stays when the first is removed."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is fine."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Remove all objects under a prefix; return how many."""
        ...

    def prefixes(self, under: str) -> Iterator[str]:
        """Prefixes one step below: `tasks` gives `tasks/t1`, `tasks/t10`…"""
        ...

    def objects(self, prefix: str) -> Iterator[ObjectInfo]:
        """All objects under a prefix."""
        ...

    def signed_url(self, key: str, seconds: float) -> str | None:
        """An address that gives the object to anyone for a while, or None where the store has none to give."""
        ...

    def free_bytes(self) -> int | None:
        """Room that is left, or None where there is no limit to know of."""
        ...

    def clear_drafts(self) -> int:
        """Remove what a killed process left half-written on this machine; return how many files."""
        ...

    def exists(self, key: str) -> bool:
        """Whether there are bytes under the key."""
        ...


class Report(Protocol):
    """Hears how far a stage is; raises `TaskCancelled` when its owner has stopped the task."""

    def __call__(self, fraction: float | None, note: str = "") -> None:
        """The fraction done (0 to 1, or None for "still working") and a short note."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child process may use."""

    wall_seconds: float = 900.0
    cpu_seconds: int = 900
    memory_mib: int = 4096
    """Address space, not resident memory: thread stacks and mapped libraries count."""
    niceness: int = 10
    silence_seconds: float = 30.0
    """A child that reports nothing for so long is ended, unless it has used CPU meanwhile."""


class Subprocesses(Protocol):
    """Runs heavy or risky functions in child processes."""

    def run(self, function: str, *arguments: Any, limits: Limits | None = None, report: Report | None = None) -> Any:
        """Call `package.module:function` with core values, paths as strings, numbers and texts in a child process.

        A function that has a parameter `report` is given one, and what it tells there reaches the caller's `report`.
        Returns what the function returned. Raises the `AuraTuneError` that it raised, `SubprocessFailed` when the
        child died or went over a limit, and whatever `report` raises (`TaskCancelled`), after the child is gone.
        """
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to make one of the calls that a vendor serves at the same time, until a moment (seconds since 1970)."""

    name: str
    until_seconds: float


class Budget(Protocol):
    """A shared allowance of calls towards a vendor."""

    def take(self, name: str, per_minute: int) -> float:
        """Take one call from the allowance: 0.0 when granted, else the seconds to wait before asking again."""
        ...

    def lease(self, name: str, at_once: int, seconds: float) -> Lease | None:
        """Take one of so many leases until it is released, for `seconds` at most; None when all are taken."""
        ...

    def release(self, lease: Lease) -> None:
        """Let others have the lease; one that is over may be another's already, which changes nothing."""
        ...
