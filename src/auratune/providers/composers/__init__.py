"""Who can make a song, by name; a module is only loaded when its composer is built."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.ports import Composer


def _lazily(module: str, kind: str) -> Callable[..., Composer]:
    def build(**options: Any) -> Composer:
        composer: Composer = getattr(import_module(f"{__name__}.{module}"), kind)(**options)
        return composer

    return build


COMPOSERS: dict[str, Callable[..., Composer]] = {
    "suno": _lazily("suno", "SunoComposer"),
    "elevenlabs": _lazily("elevenlabs", "ElevenLabsComposer"),
    "embedded": _lazily("embedded", "EmbeddedComposer"),
}
"""Name of a composer, and what builds it from its own plain options (key, address, …); `embedded` needs none."""
