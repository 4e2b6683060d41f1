"""The observer that needs no key: measures the photo on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.scene import Scene
from auratune.workroom import Limits, run_apart

if TYPE_CHECKING:
    from auratune.core.photo import Photo
    from auratune.core.ports import Store
    from auratune.core.wishes import Wishes

LOOK = "auratune.sight.observe:look"
_LIMITS = Limits(wall_seconds=120.0, cpu_seconds=60, memory_mib=2048)


class EmbeddedObserver:
    """Measures light, colours, mood, people and what stands out, in a child process."""

    name = "embedded"

    def observe(self, photo: Photo, wishes: Wishes, store: Store) -> Scene:
        """The scene of a photo in the store. Raises `StoreError` or `WorkFailed`."""
        del wishes  # the facts of a photo do not depend on what is wished for
        with store.fetch(photo.key) as path:
            scene = run_apart(LOOK, str(path), photo.width_px, photo.height_px, limits=_LIMITS)
        assert isinstance(scene, Scene)
        return scene
