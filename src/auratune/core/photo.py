"""The picture a film is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo that was accepted: right way up, sRGB, without EXIF, in the store.

    The same bytes give the same `content_hash`, hence the same default `seed`, hence the same film.
    """

    key: str
    """Store key of the normalised JPEG."""
    width_px: int
    height_px: int
    content_hash: str
    """sha256 of the bytes as they were sent, in hex."""
    seed: int
    """Seed of everything random in the film, 0 to 2**32 - 1."""
    taken_at: datetime | None = None


def seed_of(content_hash: str) -> int:
    """The default seed of a photo: the first 32 bits of its hash."""
    return int(content_hash[:8], 16)
