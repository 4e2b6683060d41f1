"""Builds each vendor's vision model and songwriter as the service would, with a simulator in the vendor's place."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.simulators.claude import ClaudeSimulator
from tests.simulators.openai_compatible import OpenAICompatibleSimulator

from auratune.providers.registry import VENDORS
from auratune.providers.vendor import ProviderConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

VISION_MODELS = sorted(name for name, vendor in VENDORS.items() if vendor.vision_model)
SONGWRITERS = sorted(name for name, vendor in VENDORS.items() if vendor.songwriter)
COMPOSERS = sorted(name for name, vendor in VENDORS.items() if vendor.composer)


@contextmanager
def vendor_values(name: str) -> Iterator[dict[str, Any]]:
    """The settings of that vendor, which point at its simulator for the length of the block."""
    if name == "claude":
        with ClaudeSimulator(key="a-key", answer_seconds=0.01) as vendor:
            yield {
                "claude_api_key": "a-key",
                "anthropic_base_url": vendor.base_url,
                "claude_model": "claude-sonnet-5-5",
                "claude_effort": "low",
            }
    elif name == "openai":
        with OpenAICompatibleSimulator(answer_seconds=0.01) as server:
            yield {"openai_model": server.model, "openai_base_url": server.base_url, "openai_api_key": None}
    else:
        yield {}


@contextmanager
def at_work(role: str, name: str) -> Iterator[Any]:
    """The vendor's `vision_model` or `songwriter`, ready for the length of the block."""
    factories = {"vision_model": VENDORS[name].vision_model, "songwriter": VENDORS[name].songwriter}
    with vendor_values(name) as values:
        factory = factories[role]
        assert factory
        yield factory(ProviderConfig(values=values))
