"""Claude by Anthropic: vision model and songwriter in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.providers.vendor import Capabilities, CheckResult, ProviderConfig, Vendor

if TYPE_CHECKING:
    from auratune.providers.claude.provider import Claude


def _claude(config: ProviderConfig) -> Claude:
    from auratune.providers.claude.provider import Claude  # loaded only where it is used

    return Claude(
        key=config.values["claude_api_key"],
        base_url=config.values["anthropic_base_url"],
        model=config.values["claude_model"],
        effort=config.values["claude_effort"],
        on_request=config.on_request,
    )


def _check(config: ProviderConfig) -> CheckResult:
    from auratune.providers.claude.provider import check

    return check(
        config.values["claude_api_key"], config.values["anthropic_base_url"], model=config.values["claude_model"]
    )


CLAUDE = Vendor(
    name="claude",
    title="Claude",
    capabilities=Capabilities(spends=True, needs_draft=True),
    settings=("claude_api_key",),
    sdk="anthropic",
    vision_model=_claude,
    songwriter=_claude,
    check=_check,
)
