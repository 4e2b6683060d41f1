"""ElevenLabs: composer."""

from __future__ import annotations

from auratune.providers.vendor import Capabilities, CheckResult, ComposerProvider, ProviderConfig, Vendor


def _composer(config: ProviderConfig) -> ComposerProvider:
    from auratune.providers.elevenlabs.composer import ElevenLabsComposer  # loaded only where it is used

    return ElevenLabsComposer(
        key=config.values["elevenlabs_api_key"],
        base_url=config.values["elevenlabs_base_url"],
        model=config.values["elevenlabs_model"],
        budget=config.budget,
        on_request=config.on_request,
    )


def _check(config: ProviderConfig) -> CheckResult:
    from auratune.providers.elevenlabs.composer import check

    return check(config.values["elevenlabs_api_key"], config.values["elevenlabs_base_url"])


ELEVENLABS = Vendor(
    name="elevenlabs",
    title="ElevenLabs",
    capabilities=Capabilities(
        spends=True, price="about $0.08", vocals=True, word_times="sung", exact_length=True, concurrency=2
    ),
    settings=("elevenlabs_api_key",),
    sdk="elevenlabs.client",
    composer=_composer,
    check=_check,
)
