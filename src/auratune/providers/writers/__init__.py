"""Who can write a song's words, by name; a module is only loaded when its writer is built."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.ports import Songwriter


def _lazily(module: str, kind: str) -> Callable[..., Songwriter]:
    def build(**options: Any) -> Songwriter:
        writer: Songwriter = getattr(import_module(module), kind)(**options)
        return writer

    return build


SONGWRITERS: dict[str, Callable[..., Songwriter]] = {
    "claude": _lazily("auratune.providers.claude.provider", "Claude"),
    "embedded": _lazily("auratune.providers.embedded.songwriter", "EmbeddedSongwriter"),
}
"""Name of a writer, and what builds it from its own plain options; Claude observes and writes in one call, so one class
serves both trades. `embedded` needs no options."""
