"""What a stage knows of the task it works for: its keys, progress, ledger, store and child processes."""

from __future__ import annotations

import mimetypes
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from auratune.core.errors import AuraTuneError, ProviderRefused
from auratune.core.task import PaidCall, PaidState

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.core.film import SigningFiles
    from auratune.core.ports import Ledger, Limits, ObjectStore, Report, Subprocesses


@dataclass(slots=True)
class MemoryLedger:
    """A ledger for one process that pays for one film: the command line and tests."""

    calls: dict[tuple[str, str, int], PaidCall] = field(default_factory=dict)
    daily_cap: int = 0

    def entries(self, task_id: str) -> tuple[PaidCall, ...]:
        """All paid calls of a task, oldest first."""
        return tuple(call for (owner, _, _), call in self.calls.items() if owner == task_id)

    def open(
        self, task_id: str, vendor: str, purpose: str, request_hash: str, *, attempt: int = 1, answer_key: str = ""
    ) -> int:
        """Note an intent; return its number."""
        del request_hash
        paid = sum(1 for call in self.calls.values() if call.state is not PaidState.REFUSED)
        if self.daily_cap and paid >= self.daily_cap:
            raise ProviderRefused(
                f"The daily limit of {self.daily_cap} paid calls is reached.", provider=vendor, code="daily_cap_reached"
            )
        number = 1 + sum(1 for owner, name, _ in self.calls if (owner, name) == (task_id, vendor))
        self.calls[task_id, vendor, number] = PaidCall(
            vendor=vendor,
            purpose=purpose,
            state=PaidState.INTENT,
            number=number,
            attempt=attempt,
            answer_key=answer_key,
        )
        return number

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
        """Note the outcome."""
        intent = self.calls[task_id, vendor, number]
        self.calls[task_id, vendor, number] = replace(intent, state=state, reference=reference, units=units or {})


def ignore_progress(fraction: float | None, note: str = "") -> None:
    """Take a report of progress and do nothing."""
    del fraction, note


class StageStopped(BaseException):
    """The stage ends without an outcome. Not an `Exception`, so that nobody takes it for the stage's error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageContext:
    """The running side of one stage of one task; the first argument of every stage function, also in its threads."""

    task_id: str
    prefix: str
    """Where this run of the stage keeps its output: `tasks/<task id>/<attempt>/<run id>`."""
    attempt: int = 1
    """Which of the person's attempts this belongs to: 1 at first, one more with each retry."""
    store: ObjectStore
    ledger: Ledger
    subprocesses: Subprocesses
    signing: SigningFiles | None = None
    """What films are signed with; None leaves them without content credentials."""
    report: Report = ignore_progress
    """Tells the fraction done (0 to 1, or None for "still working") and a short note. Raises `TaskCancelled`."""

    def key(self, name: str) -> str:
        """Where the store keeps this stage's output of that name, such as `film.mp4`. Written once, never changed."""
        return f"{self.prefix}/{name}"

    def output(self, name: str) -> AbstractContextManager[Path]:
        """A path to write to; kept under `key(name)` when the block ends well, removed when it raises."""
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self.store.create(self.key(name), content_type=content_type)

    def shielded(self) -> StageContext:
        """The same context for as long as a paid call runs: its reports are told, but end nothing."""
        return replace(self, report=self._report_only)

    def _report_only(self, fraction: float | None, note: str = "") -> None:
        with suppress(AuraTuneError, StageStopped):
            self.report(fraction, note)

    def run_in_subprocess(self, function: str, *arguments: Any, limits: Limits | None = None) -> Any:
        """Call `package.module:function` in a child process that reports to this stage and ends when it is cancelled.

        See `Subprocesses.run`.
        """
        return self.subprocesses.run(function, *arguments, limits=limits, report=self.report)
