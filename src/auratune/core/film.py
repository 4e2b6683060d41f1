"""The finished film."""

from __future__ import annotations

from dataclasses import dataclass

from auratune.core.beat_grid import BeatGrid
from auratune.core.song import Song, SongRequest
from auratune.core.storyboard import Storyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film in the store, with everything that goes beside it."""

    key: str
    poster_key: str
    soundtrack_key: str
    captions_key: str
    """WebVTT; an empty key where there are no words."""
    width_px: int
    height_px: int
    fps: int
    length_seconds: float
    size_bytes: int
    checksum: str
    """sha256 of the MP4, in hex."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningFiles:
    """The PEM files that films are signed with: a certificate with its issuers, and its private key."""

    certificate: str
    private_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCut:
    """A film with the built-in composer's song, to be watched until the song that was asked for elsewhere is there.

    It holds the result of every stage after the words, so that it can become the film itself.
    """

    request: SongRequest
    song: Song
    beats: BeatGrid
    storyboard: Storyboard
    film: Film


PREVIEW_END = "end.txt"
"""What a rendering writes beside its pieces after the last one: a first cut ends before its task does."""


def preview_prefix(task_id: str) -> str:
    """Where a film that is being drawn can be followed: `<prefix>/<rendering>/00000.mp4` and on, to be joined."""
    return f"tasks/{task_id}/preview"
