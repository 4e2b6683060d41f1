"""Who can look at a photo, by name; a module is only loaded when its observer is built."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.ports import Observer


def _lazily(module: str, kind: str) -> Callable[..., Observer]:
    def build(**options: Any) -> Observer:
        observer: Observer = getattr(import_module(module), kind)(**options)
        return observer

    return build


OBSERVERS: dict[str, Callable[..., Observer]] = {
    "claude": _lazily("auratune.providers.observers.claude", "Claude"),
    "embedded": _lazily("auratune.providers.observers.embedded", "EmbeddedObserver"),
}
"""Name of an observer, and what builds it from its own plain options (key, address, …); `embedded` needs none."""
