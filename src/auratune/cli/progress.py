"""Shows how far a command is: bars on a terminal, lines where there is none."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from auratune.cli.console import screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Report = Callable[[float], None]
    Begin = Callable[[str], Report]

_LINES_PER_STEP = 4


@contextmanager
def progress(show: bool) -> Iterator[Begin]:
    """Yields what begins a step by its words, and gives what tells the share of it that is done, 0 to 1."""
    if not show:
        yield lambda words: lambda share: None
    elif not screen.is_terminal:
        yield _in_lines
    else:
        with Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description:<21}"),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=screen,
        ) as bars:
            yield lambda words: _in_bar(bars, words)


def _in_bar(bars: Progress, words: str) -> Report:
    row = bars.add_task(words, total=1.0)
    return lambda share: bars.update(row, completed=share)


def _in_lines(words: str) -> Report:
    """A line when a step begins, and one for each quarter of it that is done."""
    began = time.monotonic()
    told = 0
    screen.print(words)

    def report(share: float) -> None:
        nonlocal told
        done = int(share * _LINES_PER_STEP)
        if done > told:
            told = done
            screen.print(f"{words}: {100 * done // _LINES_PER_STEP}%, {time.monotonic() - began:.1f} s")

    return report
