"""What a stage knows of the task it works for: its keys, progress, ledger, store and child processes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from auratune.core.task import PaidCall, PaidState

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.core.ports import Ledger, Limits, ObjectStore, Report, Subprocesses


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

    def open(self, task_id: str, vendor: str, purpose: str, request_hash: str, *, attempt: int = 1) -> int:
        """Note an intent; return its number."""
        del request_hash
        number = 1 + sum(1 for owner, name, _ in self.calls if (owner, name) == (task_id, vendor))
        self.calls[task_id, vendor, number] = PaidCall(
            vendor=vendor, purpose=purpose, state=PaidState.INTENT, number=number, attempt=attempt
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StageContext:
    """The running side of one stage of one task; the first argument of every stage function, also in its threads."""

    task_id: str
    attempt: int = 1
    """Which of the person's attempts this belongs to: 1 at first, one more with each retry."""
    store: ObjectStore
    ledger: Ledger
    subprocesses: Subprocesses
    report: Report = ignore_progress
    """Tells the fraction done (0 to 1, or None for "still working") and a short note. Raises `TaskCancelled`."""

    def key(self, name: str) -> str:
        """Where the store keeps this stage's output of that name, such as `film.mp4`."""
        return _KEYS[name].format(self.task_id)

    def output(self, name: str) -> AbstractContextManager[Path]:
        """A path to write to; kept under `key(name)` when the block ends well, removed when it raises."""
        return self.store.draft(self.key(name))

    def run_in_subprocess(self, function: str, *arguments: Any, limits: Limits | None = None) -> Any:
        """Call `package.module:function` in a child process that reports to this stage and ends when it is cancelled.

        See `Subprocesses.run`.
        """
        return self.subprocesses.run(function, *arguments, limits=limits, report=self.report)


_KEYS = {
    "song.mp3": "music/{}.mp3",
    "elevenlabs.mp3": "music/{}.elevenlabs.mp3",
    "elevenlabs.json": "music/{}.elevenlabs.json",
    "lyria.mp3": "music/{}.lyria.mp3",
    "lyria.json": "music/{}.lyria.json",
    "trimmed.mp3": "music/{}.trimmed.mp3",
    "openai.json": "photos/{}.openai.json",
    "mask.png": "photos/{}.mask.png",
    "claude.json": "photos/{}.claude.json",
    "film.mp4": "output/{}.mp4",
    "poster.jpg": "output/{}.jpg",
    "soundtrack.mp3": "music/{}.film.mp3",
    "captions.vtt": "output/{}.vtt",
    "lyrics.lrc": "output/{}.lrc",
}
