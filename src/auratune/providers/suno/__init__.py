"""Suno: composer."""

from __future__ import annotations

from auratune.providers.vendor import Capabilities, CheckResult, ComposerProvider, ProviderConfig, Vendor


def _composer(config: ProviderConfig) -> ComposerProvider:
    from auratune.providers.suno.composer import SunoComposer  # loaded only where it is used

    return SunoComposer(
        key=config.values["suno_api_key"],
        base_url=config.values["suno_base_url"],
        budget=config.budget,
        on_request=config.on_request,
    )


def _check(config: ProviderConfig) -> CheckResult:
    from auratune.providers.suno.composer import check

    return check(config.values["suno_api_key"], config.values["suno_base_url"])


SUNO = Vendor(
    name="suno",
    title="Suno",
    capabilities=Capabilities(spends=True, vocals=True),
    settings=("suno_api_key",),
    composer=_composer,
    check=_check,
)
