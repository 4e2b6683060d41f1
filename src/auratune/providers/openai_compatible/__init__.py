"""Any model behind an OpenAI-compatible API (Ollama, LM Studio, vLLM, OpenRouter, …): vision model and songwriter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.providers.vendor import Capabilities, CheckResult, ProviderConfig, Vendor

if TYPE_CHECKING:
    from auratune.providers.openai_compatible.provider import OpenAICompatible


def _model(config: ProviderConfig) -> OpenAICompatible:
    from auratune.providers.openai_compatible.provider import OpenAICompatible  # loaded only where it is used

    return OpenAICompatible(
        model=config.values["openai_model"],
        base_url=config.values["openai_base_url"],
        key=config.values["openai_api_key"] or "",
        on_request=config.on_request,
    )


def _check(config: ProviderConfig) -> CheckResult:
    from auratune.providers.openai_compatible.provider import check

    values = config.values
    return check(values["openai_model"], values["openai_base_url"], values["openai_api_key"] or "")


OPENAI = Vendor(
    name="openai",
    title="The OpenAI-compatible model",
    capabilities=Capabilities(spends=True, needs_draft=True),
    settings=("openai_model",),
    vision_model=_model,
    songwriter=_model,
    check=_check,
)
"""A model on this machine spends nothing; its provider says so."""
