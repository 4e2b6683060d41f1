"""Who works on a film and how the pipeline calls them: vision model, songwriter, composer, runner of stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from auratune.core.context import StageContext
    from auratune.core.film import FirstCut
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.scene import Scene
    from auratune.core.song import Song, SongRequest
    from auratune.core.task import Stage
    from auratune.core.treatment import MusicBrief, Treatment

    MakeFirstCut = Callable[[StageContext], FirstCut]

P = ParamSpec("P")
R = TypeVar("R")


class VisionModel(Protocol):
    """Looks at a photo."""

    name: str

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        """Tell what is seen. Raises `ProviderError`."""
        ...


class Songwriter(Protocol):
    """Writes title, lyrics, look and music brief."""

    name: str

    def write(self, context: StageContext, photo: Photo, scene: Scene, options: Options) -> Treatment:
        """Write a treatment. The person's own title and lyrics are kept word for word. Raises `ProviderError`."""
        ...


class Composer(Protocol):
    """Has a song made."""

    name: str

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        """Ask for a song. May spend money, and then goes by the context's ledger. Raises `ProviderError`."""
        ...

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        """Wait for the song and keep it in the store. Never spends; safe to run again. Raises `ProviderError`."""
        ...


class Step(Protocol):
    """Runs one stage: a plain call, or one whose result is kept, retried and reported."""

    def __call__(
        self, stage: Stage, function: Callable[Concatenate[StageContext, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call the function with the stage's context and the arguments; return what it returned."""
        ...

    def meanwhile(self, make: MakeFirstCut | None) -> AbstractContextManager[Callable[[], FirstCut | None]]:
        """Make a first cut in a thread while the block runs, and show it; what is not done at its end is dropped.

        The block is given a function that returns the first cut, or None where there is none.
        """
        ...


def no_first_cut(brief: MusicBrief) -> Composer | None:
    """Nobody makes a song for a first cut."""
    del brief
    return None


@dataclass(frozen=True, slots=True)
class Providers:
    """Everyone who works on a film."""

    vision_model: VisionModel
    songwriter: Songwriter
    composer: Composer
    first_cut_composer: Callable[[MusicBrief], Composer | None] = no_first_cut
    """Who makes the song of a first cut; None where the song itself is not waited for."""
