"""Builds each observer and writer as the service would, those of vendors against their simulators.

A new one needs a branch here only if it cannot be built without options.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.simulators.claude import ClaudeSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def at_work(table: dict[str, Callable[..., Any]], name: str) -> Iterator[Any]:
    """The craftsman of that name, ready to work for the length of the block."""
    if name == "claude":
        with ClaudeSimulator(key="a-key", answer_seconds=0.01) as vendor:
            yield table[name](key="a-key", base_url=vendor.base_url)
    else:
        yield table[name]()
