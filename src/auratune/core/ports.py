"""What the journey needs from the world: who observes, writes, composes, keeps bytes, and runs a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.scene import Scene
    from auratune.core.song import Song, SongRequest
    from auratune.core.task import Stage
    from auratune.core.treatment import MusicBrief, Treatment

P = ParamSpec("P")
R = TypeVar("R")


class ObjectStore(Protocol):
    """Keeps big bytes under keys such as `output/<task id>.mp4`."""

    def fetch(self, key: str) -> AbstractContextManager[Path]:
        """A local file with the bytes, for reading only, good inside the block. Raises `StorageError` when missing."""
        ...

    def draft(self, key: str) -> AbstractContextManager[Path]:
        """A local path to write to; kept durably under the key when the block ends well, removed when it raises.

        Until then nothing, or the former bytes, can be seen under the key.
        """
        ...

    def exists(self, key: str) -> bool:
        """Whether there are bytes under the key."""
        ...

    def delete(self, key: str) -> None:
        """Remove the bytes; a missing key is fine."""
        ...


class VisionModel(Protocol):
    """Looks at a photo."""

    name: str

    def analyze(self, photo: Photo, options: Options, store: ObjectStore) -> Scene:
        """Tell what is seen. Raises `ProviderError`."""
        ...


class Songwriter(Protocol):
    """Writes title, lyrics, look and music brief."""

    name: str

    def write(self, photo: Photo, scene: Scene, options: Options) -> Treatment:
        """Write a treatment. The person's own title and lyrics are kept word for word. Raises `ProviderError`."""
        ...


class Composer(Protocol):
    """Has a song made."""

    name: str

    def order(self, brief: MusicBrief) -> SongRequest:
        """Ask for a song. May spend money, and then goes by the errand's ledger. Raises `ProviderError`."""
        ...

    def collect(self, order: SongRequest, store: ObjectStore) -> Song:
        """Wait for the song and keep it in the store. Never spends; safe to run again. Raises `ProviderError`."""
        ...


class Budget(Protocol):
    """A shared allowance of calls towards a vendor."""

    def take(self, name: str, per_minute: int) -> float:
        """Take one call from the allowance: 0.0 when granted, else the seconds to wait before asking again."""
        ...


class Step(Protocol):
    """Runs one stage: a plain call, or a durable one that is checkpointed, retried and reported."""

    def __call__(self, stage: Stage, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function for the stage and return what it returned."""
        ...


@dataclass(frozen=True, slots=True)
class Providers:
    """Everyone who works on a film."""

    vision_model: VisionModel
    songwriter: Songwriter
    composer: Composer
    store: ObjectStore
