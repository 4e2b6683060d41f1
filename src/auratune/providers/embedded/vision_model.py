"""The observer that needs no key: measures the photo on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.scene import Scene
from auratune.providers.embedded import EMBEDDED
from auratune.subprocesses import Limits, run_in_subprocess

if TYPE_CHECKING:
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.ports import ObjectStore

LOOK = "auratune.vision.analyze:analyze"
_LIMITS = Limits(wall_seconds=120.0, cpu_seconds=60, memory_mib=2048)


class EmbeddedVisionModel:
    """Measures light, colours, mood, people and what stands out, in a child process."""

    name = EMBEDDED.name
    vendor = EMBEDDED

    def analyze(self, photo: Photo, options: Options, store: ObjectStore) -> Scene:
        """The scene of a photo in the store. Raises `StorageError` or `SubprocessFailed`."""
        del options  # the facts of a photo do not depend on what is wished for
        with store.fetch(photo.key) as path:
            scene = run_in_subprocess(LOOK, str(path), photo.width_px, photo.height_px, limits=_LIMITS)
        assert isinstance(scene, Scene)
        return scene
