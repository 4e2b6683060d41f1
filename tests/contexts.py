"""The context that a stage gets in tests: a real store, a ledger in memory, real child processes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from auratune.core.context import MemoryLedger, StageContext, ignore_progress
from auratune.storage.local import LocalStore
from auratune.subprocesses import SubprocessPool

if TYPE_CHECKING:
    from auratune.core.ports import Ledger, ObjectStore, Report


def a_context(
    store: ObjectStore | None = None,
    *,
    task_id: str = "task-1",
    attempt: int = 1,
    ledger: Ledger | None = None,
    report: Report = ignore_progress,
    subprocesses: SubprocessPool | None = None,
) -> StageContext:
    return StageContext(
        task_id=task_id,
        attempt=attempt,
        prefix=f"tasks/{task_id}/{attempt}/run",
        store=store or LocalStore(Path(tempfile.gettempdir()) / "no-store"),
        ledger=ledger or MemoryLedger(),
        subprocesses=subprocesses or SubprocessPool(),
        report=report,
    )
