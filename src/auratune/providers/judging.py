"""Whether a vendor's song can be used, and the song without the silence at its start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auratune.core.ports import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.core.context import StageContext
    from auratune.core.song import Song, SungLine

LONGEST_LEAD_SECONDS = 1.0
"""Silence that a song may begin with: a breath before the first note."""
_LEAST_SHARE = 0.5
"""A song shorter than half of the film is too short; a longer one is repeated to the film's length."""
_LIMITS = Limits(wall_seconds=60.0, cpu_seconds=60)


def leading_silence(context: StageContext, path: Path, length_seconds: float) -> float:
    """Seconds of silence at the start. Raises `InvalidSong` where a sound file is no song for a film of this length."""
    lead: float = context.run_in_subprocess(
        "auratune.music.song_check:check_song", str(path), length_seconds * _LEAST_SHARE, limits=_LIMITS
    )
    return lead


def judged(context: StageContext, song: Song) -> Song:
    """The song, without the silence at its start where that is longer than a second.

    Raises `InvalidSong`: `song_silent`, `song_too_short`, `song_not_music`, `song_not_audio`. What was sent stays in
    the store.
    """
    with context.store.fetch(song.key) as path:
        lead = song.leading_silence_seconds
        if lead is None:
            lead = leading_silence(context, path, song.brief.length_seconds)
        if lead <= LONGEST_LEAD_SECONDS:
            return song
        with context.output(f"{song.music_by}-trimmed.mp3") as target:
            length = context.run_in_subprocess(
                "auratune.music.song_check:drop_start", str(path), str(target), lead, limits=_LIMITS
            )
    lines = tuple(_earlier(line, lead) for line in song.lines)
    key = context.key(f"{song.music_by}-trimmed.mp3")
    return replace(song, key=key, length_seconds=length, lines=lines, leading_silence_seconds=0.0, grid=None)


def _earlier(line: SungLine, seconds: float) -> SungLine:
    if line.start_seconds is None or line.end_seconds is None:
        return line
    words = tuple(
        replace(
            word,
            start_seconds=max(0.0, word.start_seconds - seconds),
            end_seconds=max(0.0, word.end_seconds - seconds),
        )
        for word in line.words
    )
    return replace(
        line,
        start_seconds=max(0.0, line.start_seconds - seconds),
        end_seconds=max(0.0, line.end_seconds - seconds),
        words=words,
    )
