"""What a key may look like, and the errors that every store raises."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import quote

from auratune.core.errors import StorageError

# No part may begin with a dot, so a key can neither climb out of a folder nor name one of the store's own files.
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,199})*")


def check_key(key: str) -> str:
    """The key itself. Raises `StorageError` for one that no store would hand out."""
    if not _KEY.fullmatch(key):
        raise StorageError("There is nothing under that name.", code="bad_key", retryable=False)
    return key


def missing() -> StorageError:
    """The error for a key without an object."""
    return StorageError(
        "A file that belongs to this film is missing; send the photo again.", code="file_missing", retryable=False
    )


def exists() -> StorageError:
    """The error for a key that has other bytes already."""
    return StorageError("There is another file under that name already.", code="object_exists", retryable=False)


def content_type_of(key: str) -> str:
    """The content type that goes with a key's suffix."""
    return mimetypes.guess_type(key)[0] or "application/octet-stream"


def disposition(filename: str, *, attachment: bool = False) -> str:
    """The Content-Disposition header for a file of that name (RFC 6266)."""
    kind = "attachment" if attachment else "inline"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in filename)
    exact = f"; filename*=UTF-8''{quote(filename, safe='')}" if plain != filename else ""
    return f'{kind}; filename="{plain}"{exact}'
