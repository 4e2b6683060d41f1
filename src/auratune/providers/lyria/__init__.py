"""Google Lyria: composer."""

from __future__ import annotations

from auratune.providers.vendor import Capabilities, CheckResult, ComposerProvider, ProviderConfig, Vendor


def _composer(config: ProviderConfig) -> ComposerProvider:
    from auratune.providers.lyria.composer import LyriaComposer  # loaded only where it is used

    return LyriaComposer(
        key=config.values["lyria_api_key"],
        base_url=config.values["lyria_base_url"],
        model=config.values["lyria_model"],
        send_photo=config.values["lyria_send_photo"],
        on_request=config.on_request,
    )


def _check(config: ProviderConfig) -> CheckResult:
    from auratune.providers.lyria.composer import check

    values = config.values
    return check(values["lyria_api_key"], values["lyria_base_url"], model=values["lyria_model"])


LYRIA = Vendor(
    name="lyria",
    title="Lyria",
    capabilities=Capabilities(spends=True, price="$0.04 (clip) or $0.08 (whole song)", vocals=True, word_times="sung"),
    settings=("lyria_api_key",),
    composer=_composer,
    check=_check,
)
