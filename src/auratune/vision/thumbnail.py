"""A smaller copy of a normalised photo, for those who look at it elsewhere."""

from __future__ import annotations

import base64
import io

from PIL import Image

_QUALITY = 85


def encode_small(path: str, long_edge_px: int) -> str:
    """The JPEG at `path` as a new JPEG in base64, its long edge at most `long_edge_px`, with pixels and nothing else.

    No EXIF, no colour profile, no comment: place, time and camera stay here. Raises `OSError` when there is no picture.
    """
    with Image.open(path) as opened:
        opened.draft("RGB", (long_edge_px, long_edge_px))
        picture = opened.convert("RGB")
    picture.thumbnail((long_edge_px, long_edge_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture.info = {}
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY, optimize=True)
    return base64.b64encode(target.getvalue()).decode("ascii")
