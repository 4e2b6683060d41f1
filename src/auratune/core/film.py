"""The finished film."""

from __future__ import annotations

from dataclasses import dataclass


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


def preview_prefix(task_id: str) -> str:
    """Where a film that is being drawn can be followed: `<prefix>/<rendering>/00000.mp4` and on, to be joined."""
    return f"tasks/{task_id}/preview"
