"""ACE-Step 1.5 on a machine of one's own: composer."""

from __future__ import annotations

from auratune.providers.vendor import Capabilities, CheckResult, ComposerProvider, ProviderConfig, Vendor


def _composer(config: ProviderConfig) -> ComposerProvider:
    from auratune.providers.acestep.composer import AceStepComposer  # loaded only where it is used

    return AceStepComposer(
        base_url=config.values["acestep_url"],
        key=config.values["acestep_api_key"] or "",
        on_request=config.on_request,
    )


def _check(config: ProviderConfig) -> CheckResult:
    from auratune.providers.acestep.composer import check

    return check(config.values["acestep_url"], config.values["acestep_api_key"] or "")


ACESTEP = Vendor(
    name="acestep",
    title="ACE-Step",
    capabilities=Capabilities(vocals=True, word_times="estimated", exact_length=True),
    settings=("acestep_url",),
    composer=_composer,
    check=_check,
)
