"""Work in a thread of its own beside a block of code, dropped when the block ends before it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from auratune.core.context import StageStopped
from auratune.core.errors import TaskCancelled
from auratune.core.ports import Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from auratune.core.ports import Report, Subprocesses

T = TypeVar("T")
_LOWEST_PRIORITY = 19
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackgroundSubprocesses:
    """Child processes that get only the CPU time that no other work wants."""

    subprocesses: Subprocesses

    def run(self, function: str, *arguments: Any, limits: Limits | None = None, report: Report | None = None) -> Any:
        """See `Subprocesses.run`."""
        low = replace(limits or Limits(), niceness=_LOWEST_PRIORITY)
        return self.subprocesses.run(function, *arguments, limits=low, report=report)


class BackgroundWork(Generic[T]):
    """Runs a function while the block runs; at the block's end, work that is not done ends at its next report.

    Its failure is logged and changes nothing else.
    """

    def __init__(self, work: Callable[[Report], T], report: Report) -> None:
        """`work` is given a report that passes on to `report` as long as the block runs."""
        self.result: T | None = None
        """What the function returned, once it has."""
        self._work = work
        self._report = report
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self.result = self._work(self._checked)
        except (StageStopped, TaskCancelled):
            return
        except Exception as error:  # noqa: BLE001 -- whatever it is, the block goes on without it
            if not self._over.is_set():
                _log.warning("work in the background failed (%s)", type(error).__name__, exc_info=error)

    def _checked(self, fraction: float | None, note: str = "") -> None:
        if self._over.is_set():
            raise StageStopped
        self._report(fraction, note)
