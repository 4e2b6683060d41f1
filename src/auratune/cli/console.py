"""Output of the commands: results to standard output, everything else to standard error."""

from __future__ import annotations

import io
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape

from auratune.core.errors import AuraTuneError
from auratune.telemetry import Redactor, set_up_logging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auratune.settings import Settings

screen = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())
"""Progress, notices and errors. Where there is no terminal, a line is never broken: it may be searched or copied."""
page = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
"""What a command was asked for."""


def accept_any_character() -> None:
    """Make output escape what its encoding lacks (a Windows pipe, a file name that is not UTF-8) instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_json(value: Any) -> None:
    """Print JSON in ASCII, which every pipe and terminal takes."""
    typer.echo(json.dumps(value, indent=2))


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn a known failure into one red sentence and exit code 1; Ctrl-C into exit code 130."""
    try:
        yield
    except AuraTuneError as error:
        screen.print(f"[bold red]✗[/] {escape(error.message)} [dim]({error.code})[/]")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        screen.print("[yellow]Stopped.[/]")
        raise typer.Exit(130) from None


def quiet_logs(settings: Settings) -> None:
    """Log errors only: the command itself prints what goes on. `LOG_LEVEL=DEBUG` logs everything."""
    level = "DEBUG" if settings.log_level == "DEBUG" else "ERROR"
    set_up_logging(level, form=settings.log_format, redactor=Redactor(settings.secrets))
