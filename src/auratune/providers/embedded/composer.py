"""The composer that lives here: real music with no key, no network and no cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auratune.core.ports import Limits
from auratune.core.song import SongRequest
from auratune.providers.embedded import EMBEDDED

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.song import Song
    from auratune.core.treatment import MusicBrief

_LIMITS = Limits(wall_seconds=300.0, cpu_seconds=120)


class EmbeddedComposer:
    """Arranges and plays the song on this machine, in a child process."""

    name = EMBEDDED.name
    vendor = EMBEDDED

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        """Take the brief as it is; nothing is spent and nothing is made yet."""
        del context
        return SongRequest(music_by=self.name, brief=brief)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        """Compose, and keep the MP3 as `music/<task id>.mp3`. The same brief gives the same song.

        Raises `SubprocessFailed` when the child died, and `StorageError` when the song could not be kept.
        """
        key = context.key("song.mp3")
        with context.output("song.mp3") as path:
            song: Song = context.run_in_subprocess(
                "auratune.music.compose:compose", order.brief, str(path), limits=_LIMITS
            )
        return replace(song, key=key, notices=(*order.notices, *song.notices))
