"""The vendors that AuraTune knows. A new one is a package beside this file and a line in this table."""

from __future__ import annotations

from auratune.providers.acestep import ACESTEP
from auratune.providers.claude import CLAUDE
from auratune.providers.elevenlabs import ELEVENLABS
from auratune.providers.embedded import EMBEDDED
from auratune.providers.lyria import LYRIA
from auratune.providers.openai_compatible import OPENAI
from auratune.providers.suno import SUNO

VENDORS = {vendor.name: vendor for vendor in (CLAUDE, OPENAI, ELEVENLABS, LYRIA, ACESTEP, SUNO, EMBEDDED)}
"""By name. Vision models and songwriters are tried in this order; `COMPOSERS` has the order of composers."""


def title_of(name: str) -> str:
    """A vendor's name as people write it."""
    return VENDORS[name].title if name in VENDORS else name.capitalize()
