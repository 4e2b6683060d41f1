"""What every vision model measures on this machine: the scene of a photo, and the mask of its subject."""

from __future__ import annotations

import shutil

from auratune.core.context import StageContext
from auratune.core.photo import Photo
from auratune.core.ports import Limits
from auratune.core.scene import Scene
from auratune.subprocesses.folders import temporary_folder

ANALYZE = "auratune.vision.analyze:analyze"
LIMITS = Limits(wall_seconds=120.0, cpu_seconds=60, memory_mib=2048)


def measure(context: StageContext, photo: Photo) -> Scene:
    """The measured scene of a photo in the store; its mask, if any, is kept as `mask.png` of the stage.

    Works in a child process. Raises `StorageError` or `SubprocessFailed`.
    """
    with context.store.fetch(photo.key) as path, temporary_folder() as folder:
        drawn, key = folder / "mask.png", context.key("mask.png")
        scene = context.run_in_subprocess(
            ANALYZE, str(path), photo.width_px, photo.height_px, str(drawn), key, limits=LIMITS
        )
        assert isinstance(scene, Scene)
        if scene.mask:
            with context.output("mask.png") as kept:
                shutil.copyfile(drawn, kept)
    return scene
