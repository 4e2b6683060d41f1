"""What the stages' results tell about a film, as columns of an attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auratune.core.task import Stage

if TYPE_CHECKING:
    from auratune.core.options import Options
    from auratune.core.treatment import Treatment


def columns_of(known: dict[Stage, Any], options: Options) -> dict[str, Any]:
    """Columns that follow from the results so far."""
    columns: dict[str, Any] = {"notices": notices_of(known)}
    if scene := known.get(Stage.ANALYZE):
        columns["caption"] = scene.caption
    if treatment := known.get(Stage.WRITE):
        columns |= {"title": treatment.title, "lyrics": lyrics_of(treatment), "words_by": treatment.words_by}
        columns["style"] = options.style or treatment.look
    if song := known.get(Stage.COMPOSE):
        columns["music_by"] = song.music_by
    if film := known.get(Stage.RENDER):
        columns |= {"film": film, "size_bytes": film.size_bytes}
    return columns


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


def notices_of(known: dict[Stage, Any]) -> tuple[str, ...]:
    """All notices of the results in the order of the stages, each once."""
    stages = (Stage.ANALYZE, Stage.WRITE, Stage.ORDER, Stage.COMPOSE, Stage.RENDER)
    told = (notice for stage in stages if stage in known for notice in known[stage].notices)
    return tuple(dict.fromkeys(told))
