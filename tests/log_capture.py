"""The log as an operator reads it: every logger's records, formatted and redacted as in the service."""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auratune.telemetry import Redactor, log_handler

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "canary-0123456789"


@contextmanager
def captured_log(*secrets: str) -> Iterator[io.StringIO]:
    """Collect what is logged in the block, with `secrets` redacted."""
    stream = io.StringIO()
    handler = log_handler("text", Redactor(secrets or (SECRET,)), stream)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
