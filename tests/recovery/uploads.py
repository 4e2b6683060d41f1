"""Photos that differ, ready to be handed to a task service."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from PIL import Image

from auratune.core.options import Options
from auratune.core.task import Upload

if TYPE_CHECKING:
    from pathlib import Path


def numbered_upload(folder: Path, number: int, owner: str) -> Upload:
    """A small photo and lyrics of its own for each number, never taken for one that was sent before."""
    path = folder / "incoming" / f"{number}.part"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), (number % 256, number // 256 % 256, 90)).save(path, "JPEG")
    return Upload(
        path=str(path),
        content_hash=hashlib.sha256(path.read_bytes()).hexdigest(),
        size_bytes=path.stat().st_size,
        owner=owner,
        options=Options(lyrics=f"Song number {number}"),
        allow_duplicate=True,
    )
