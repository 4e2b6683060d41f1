"""What the journey needs from the world: who observes, writes, composes, keeps bytes, and runs a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.scene import Scene
    from auratune.core.song import Song, SongRequest
    from auratune.core.task import Stage
    from auratune.core.treatment import MusicBrief, Treatment

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it."""

    key: str
    size_bytes: int
    modified: datetime
    """When it was written, in UTC."""
    etag: str
    """Changes when the bytes change; not a checksum of them."""


class ObjectStore(Protocol):
    """Keeps big bytes under keys such as `tasks/<task>/<attempt>/<run>/film.mp4`. Objects are written once.

    A prefix ends at a `/` of its keys: `tasks/t1` covers `tasks/t1/film.mp4` and not `tasks/t10/film.mp4`. Every
    method raises `StorageError`: `bad_key` for a key that no store would hand out, `file_missing` for one without an
    object, `store_failed` when the store cannot do its work.
    """

    def create(self, key: str, *, content_type: str, filename: str = "") -> AbstractContextManager[Path]:
        """A local path to write to, with the key's suffix; its bytes become the object when the block ends well.

        The object is visible whole or not at all. `filename` is what a browser saves it as. Writing the same bytes
        under a key again is fine; other bytes raise `object_exists`, and the first ones stay.
        """
        ...

    def fetch(self, key: str) -> AbstractContextManager[Path]:
        """A local file with the bytes, for reading only, good inside the block."""
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """What is known of an object, or None where there is none."""
        ...

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end` (exclusive), in pieces of bounded size."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Make another object of the same bytes, which stays when the first is removed."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is fine."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Remove all objects under a prefix; return how many."""
        ...

    def prefixes(self, under: str) -> Iterator[str]:
        """Prefixes one step below: `tasks` gives `tasks/t1`, `tasks/t10`…"""
        ...

    def objects(self, prefix: str) -> Iterator[ObjectInfo]:
        """All objects under a prefix."""
        ...

    def signed_url(self, key: str, seconds: float) -> str | None:
        """An address that gives the object to anyone for a while, or None where the store has none to give."""
        ...

    def free_bytes(self) -> int | None:
        """Room that is left, or None where there is no limit to know of."""
        ...

    def clear_drafts(self) -> int:
        """Remove what a killed process left half-written on this machine; return how many files."""
        ...

    def draft(self, key: str) -> AbstractContextManager[Path]:
        """A local path to write to, kept under the key when the block ends well, in place of what was there."""
        ...

    def exists(self, key: str) -> bool:
        """Whether there are bytes under the key."""
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
