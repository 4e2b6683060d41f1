"""Small pictures for the library, made on demand and kept in memory."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from auratune.core.errors import InvalidOption, StorageError
from auratune.film.looks import LOOK_BOOK
from auratune.film.looks.grading import grade

if TYPE_CHECKING:
    from auratune.core.ports import ObjectStore

WIDTHS = (160, 320, 480)
"""Pixels."""
_KEPT = 512
_QUALITY = 72


class Thumbnails:
    """Makes and keeps thumbnails of one store's pictures. May be called from any thread."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._make = lru_cache(_KEPT)(self._made)

    def get(self, key: str, width: int) -> bytes:
        """The picture under a key as JPEG of a width in `WIDTHS`. Raises `InvalidOption` and `StorageError`."""
        if width not in WIDTHS:
            raise InvalidOption(f"`width` must be one of {', '.join(map(str, WIDTHS))}.")
        return self._make(key, width)

    def in_look(self, key: str, look: str) -> bytes:
        """The picture in a look of the look book, small. Raises `InvalidOption` and `StorageError`."""
        if look not in LOOK_BOOK:
            raise InvalidOption(f"The look must be one of {', '.join(LOOK_BOOK)}.")
        return self._make(key, WIDTHS[0], look)

    def _made(self, key: str, width: int, look: str = "") -> bytes:
        try:
            with self._store.fetch(key) as path, Image.open(path) as picture:
                # Decodes at a fraction of the size where the format can.
                picture.draft("RGB", (width * 2, width * 2))
                small = picture.convert("RGB")
        except OSError:
            raise StorageError("This picture cannot be read.", code="file_damaged") from None
        small.thumbnail((width, width * 4), reducing_gap=2.0)
        if look:
            graded = grade(np.ascontiguousarray(np.asarray(small)[..., ::-1]), LOOK_BOOK[look])
            small = Image.fromarray(np.ascontiguousarray(graded[..., ::-1]))
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=_QUALITY, progressive=True)
        return buffer.getvalue()
