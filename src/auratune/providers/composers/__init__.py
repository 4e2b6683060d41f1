"""Who can make a song, by name; a module is only loaded when its composer is built."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.ports import Composer


def _lazily(module: str, kind: str) -> Callable[..., Composer]:
    def build(**options: Any) -> Composer:
        composer: Composer = getattr(import_module(module), kind)(**options)
        return composer

    return build


COMPOSERS: dict[str, Callable[..., Composer]] = {
    "suno": _lazily("auratune.providers.suno.composer", "SunoComposer"),
    "elevenlabs": _lazily("auratune.providers.elevenlabs.composer", "ElevenLabsComposer"),
    "embedded": _lazily("auratune.providers.embedded.composer", "EmbeddedComposer"),
}
"""Name of a composer, and what builds it from its own plain options (key, address, …); `embedded` needs none."""
