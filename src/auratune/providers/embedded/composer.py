"""The composer that lives here: real music with no key, no network and no cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auratune.core.context import current_errand
from auratune.core.song import SongRequest
from auratune.providers.embedded import EMBEDDED
from auratune.subprocesses import Limits, run_in_subprocess

if TYPE_CHECKING:
    from auratune.core.ports import ObjectStore
    from auratune.core.song import Song
    from auratune.core.treatment import MusicBrief

_LIMITS = Limits(wall_seconds=300.0, cpu_seconds=120)


class EmbeddedComposer:
    """Arranges and plays the song on this machine, in a child process."""

    name = EMBEDDED.name
    vendor = EMBEDDED

    def order(self, brief: MusicBrief) -> SongRequest:
        """Take the brief as it is; nothing is spent and nothing is made yet."""
        return SongRequest(music_by=self.name, brief=brief)

    def collect(self, order: SongRequest, store: ObjectStore) -> Song:
        """Compose, and keep the MP3 as `music/<task id>.mp3`. The same brief gives the same song.

        Raises `SubprocessFailed` when the child died, and `StorageError` when the song could not be kept.
        """
        key = f"music/{current_errand().task_id}.mp3"
        with store.draft(key) as path:
            song: Song = run_in_subprocess("auratune.music.compose:compose", order.brief, str(path), limits=_LIMITS)
        return replace(song, key=key, notices=(*order.notices, *song.notices))
