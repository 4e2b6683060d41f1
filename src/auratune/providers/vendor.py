"""What a vendor is: its name, what it can do, the settings it needs, and how its providers are built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from auratune.core.providers import Composer, Songwriter, VisionModel

if TYPE_CHECKING:
    from auratune.core.ports import Budget
    from auratune.core.song import LineTiming

OnRequest = Callable[[str, str], None]
"""Called after each request with the vendor's name and `ok` or an error code."""
CheckResult = tuple[bool, str]
"""Whether a vendor would work, and a sentence about it."""


def ignore_request(vendor: str, outcome: str) -> None:
    """An `OnRequest` that counts nothing."""
    del vendor, outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What may be expected of a vendor."""

    spends: bool = False
    """Asking it may cost money, so the pay-once rule holds."""
    price: str = ""
    """About what one film costs there, for people; empty where nobody publishes it."""
    needs_draft: bool = False
    """Its songwriter only hands over the words that its own vision model wrote."""
    vocals: bool = False
    """Its songs are sung."""
    word_times: LineTiming = "none"
    """How well it is known when each line is sung."""
    exact_length: bool = False
    """A song is as long as it was asked to be."""
    concurrency: int = 0
    """Requests that it serves at the same time; 0 means no limit of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """What a vendor's factories get."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """All settings by field name, secrets as plain text."""
    budget: Budget | None = None
    """Calls that all tasks share; None lets each provider keep its own pace."""
    on_request: OnRequest = ignore_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One entry of the table in `registry.py`. Factories load the vendor's modules only when they are called."""

    name: str
    title: str
    """The name as people write it, such as `ElevenLabs`."""
    capabilities: Capabilities = field(default_factory=Capabilities)
    settings: tuple[str, ...] = ()
    """Settings without which it is not used."""
    sdk: str = ""
    """The module of its client library, which takes seconds to load; empty where there is none."""
    vision_model: Callable[[ProviderConfig], VisionModelProvider] | None = None
    songwriter: Callable[[ProviderConfig], SongwriterProvider] | None = None
    composer: Callable[[ProviderConfig], ComposerProvider] | None = None
    check: Callable[[ProviderConfig], CheckResult] | None = None
    """Asks the vendor whether it would work; costs nothing."""

    @property
    def is_built_in(self) -> bool:
        """Whether it is a part of AuraTune itself, which needs no setting and is always there."""
        return not self.settings

    def is_configured(self, config: ProviderConfig) -> bool:
        """Whether all its settings are there."""
        return all(config.values.get(name) for name in self.settings)

    def checked(self, config: ProviderConfig) -> CheckResult:
        """What `check` finds, where there is one; nothing is raised, whatever the vendor answers."""
        assert self.check is not None
        try:
            return self.check(config)
        except Exception as error:  # noqa: BLE001 -- the others are asked too
            return False, f"{self.title} answered in a way that could not be understood ({type(error).__name__})"


class HasVendor(Protocol):
    """A provider that says whose it is."""

    vendor: Vendor


class VisionModelProvider(HasVendor, VisionModel, Protocol):
    """A vision model of a vendor."""


class SongwriterProvider(HasVendor, Songwriter, Protocol):
    """A songwriter of a vendor."""


class ComposerProvider(HasVendor, Composer, Protocol):
    """A composer of a vendor."""
