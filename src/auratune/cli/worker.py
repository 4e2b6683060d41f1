"""`auratune worker`: make films and answer no requests."""

from __future__ import annotations

import os
import signal
import threading

from auratune.cli.console import plain_errors, screen
from auratune.cli.serve import open_or_explain
from auratune.settings import load_settings
from auratune.telemetry import Redactor, set_up_logging


def worker() -> None:
    """Make films only; photos come in by `auratune api` processes on the same Postgres and S3."""
    os.umask(0o077)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with plain_errors():
        settings = load_settings()
        redactor = Redactor(settings.secrets)
        set_up_logging(settings.log_level, form=settings.log_format, redactor=redactor)
        service = open_or_explain(settings, redactor, "worker")
        screen.print(
            f"  [bold]AuraTune[/] worker: up to {settings.max_concurrent_tasks} films at once. SIGTERM stops it."
        )
        try:
            ended.wait()
        finally:
            # What is under way is left at its next report, and answers that are paid for are waited for.
            service.close()
