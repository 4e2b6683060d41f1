"""The vision model that needs no key: measures the photo on this machine."""

from __future__ import annotations

from auratune.core.context import StageContext
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.scene import Scene
from auratune.providers.embedded import EMBEDDED
from auratune.providers.measuring import measure


class EmbeddedVisionModel:
    """Measures light, colours, mood, people and what stands out, in a child process."""

    name = EMBEDDED.name
    vendor = EMBEDDED

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        """The scene of a photo in the store. Raises `StorageError` or `SubprocessFailed`."""
        del options  # the facts of a photo do not depend on what is asked for
        return measure(context, photo)
