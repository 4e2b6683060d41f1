"""The built-in vision model, songwriter and composer; they need no key."""

from __future__ import annotations

from auratune.providers.vendor import (
    Capabilities,
    ComposerProvider,
    ProviderConfig,
    SongwriterProvider,
    Vendor,
    VisionModelProvider,
)


def _vision_model(config: ProviderConfig) -> VisionModelProvider:
    from auratune.providers.embedded.vision_model import EmbeddedVisionModel

    del config
    return EmbeddedVisionModel()


def _songwriter(config: ProviderConfig) -> SongwriterProvider:
    from auratune.providers.embedded.songwriter import EmbeddedSongwriter

    del config
    return EmbeddedSongwriter()


def _composer(config: ProviderConfig) -> ComposerProvider:
    from auratune.providers.embedded.composer import EmbeddedComposer

    del config
    return EmbeddedComposer()


EMBEDDED = Vendor(
    name="embedded",
    title="The built-in maker",
    capabilities=Capabilities(exact_length=True),
    vision_model=_vision_model,
    songwriter=_songwriter,
    composer=_composer,
)
