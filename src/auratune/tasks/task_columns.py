"""What the stages' results tell about a film, as columns of the task table and keys of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auratune.core.film import Film
from auratune.core.scene import Scene
from auratune.core.song import Song, SongRequest
from auratune.core.task import Stage
from auratune.core.treatment import Treatment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auratune.core.options import Options


def facts_of(known: dict[str, Any], options: Options) -> dict[str, Any]:
    """Columns of the task table that follow from the parts made so far."""
    facts: dict[str, Any] = {"notices": notices_of(known)}
    scene, treatment = known.get(Stage.ANALYZE), known.get(Stage.WRITE)
    song, film = known.get(Stage.COMPOSE), known.get(Stage.RENDER)
    if isinstance(scene, Scene):
        facts["caption"] = scene.caption
    if isinstance(treatment, Treatment):
        facts |= {
            "title": treatment.title,
            "lyrics": lyrics_of(treatment),
            "style": options.style or treatment.look,
            "words_by": treatment.words_by,
        }
    if isinstance(song, Song):
        facts["music_by"] = song.music_by
    if isinstance(film, Film):
        facts |= {"film": film, "size_bytes": film.size_bytes}
    return facts


def notices_of(known: dict[str, Any]) -> tuple[str, ...]:
    """All notices of the parts, in the journey's order, each once."""
    values = (known.get(stage) for stage in (Stage.ANALYZE, Stage.WRITE, Stage.ORDER, Stage.COMPOSE, Stage.RENDER))
    told = (notice for value in values if value is not None for notice in value.notices)
    return tuple(dict.fromkeys(told))


def lyrics_of(treatment: Treatment) -> str:
    """The lyrics as text: a line each, a blank line between sections."""
    text: list[str] = []
    section = None
    for line in treatment.lyrics:
        if section is not None and line.section != section:
            text.append("")
        section = line.section
        text.append(line.text)
    return "\n".join(text)


def keys_of(result: Any) -> Iterator[tuple[str, bool]]:
    """Each store key that a stage's result needs, and whether it is a source that a remake could use."""
    if isinstance(result, SongRequest | Song) and result.key:
        yield result.key, True
    if isinstance(result, Film):
        for key in (result.key, result.poster_key, result.soundtrack_key, result.captions_key):
            if key:
                yield key, False
        yield lyrics_key(result), False


def lyrics_key(film: Film) -> str:
    """Where the film's lyrics lie as LRC: beside the film."""
    return film.key.rsplit(".", 1)[0] + ".lrc"
