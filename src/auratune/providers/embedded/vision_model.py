"""The observer that needs no key: measures the photo on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.ports import Limits
from auratune.core.scene import Scene
from auratune.providers.embedded import EMBEDDED

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.options import Options
    from auratune.core.photo import Photo

LOOK = "auratune.vision.analyze:analyze"
_LIMITS = Limits(wall_seconds=120.0, cpu_seconds=60, memory_mib=2048)


class EmbeddedVisionModel:
    """Measures light, colours, mood, people and what stands out, in a child process."""

    name = EMBEDDED.name
    vendor = EMBEDDED

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        """The scene of a photo in the store. Raises `StorageError` or `SubprocessFailed`."""
        del options  # the facts of a photo do not depend on what is wished for
        with context.store.fetch(photo.key) as path:
            scene = context.run_in_subprocess(LOOK, str(path), photo.width_px, photo.height_px, limits=_LIMITS)
        assert isinstance(scene, Scene)
        return scene
