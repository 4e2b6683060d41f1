"""Who can look at a photo, by name; a module is only loaded when its observer is built."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.ports import VisionModel


def _lazily(module: str, kind: str) -> Callable[..., VisionModel]:
    def build(**options: Any) -> VisionModel:
        observer: VisionModel = getattr(import_module(module), kind)(**options)
        return observer

    return build


VISION_MODELS: dict[str, Callable[..., VisionModel]] = {
    "claude": _lazily("auratune.providers.claude.provider", "Claude"),
    "embedded": _lazily("auratune.providers.embedded.vision_model", "EmbeddedVisionModel"),
}
"""Name of an observer, and what builds it from its own plain options (key, address, …); `embedded` needs none."""
