"""How a `.env` file is encoded: editors and shells on Windows write UTF-16, or the system's 8-bit encoding."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from auratune.core.errors import InvalidSetting

if TYPE_CHECKING:
    from pathlib import Path


def encoding_of(env_file: Path) -> str:
    """The name of its encoding, as `open` takes it. Raises `InvalidSetting` when it is no text or cannot be read."""
    try:
        content = env_file.read_bytes() if env_file.is_file() else b""
    except OSError:
        raise InvalidSetting("The file .env cannot be read; check its permissions.") from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in content:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    else:
        encoding = "utf-8-sig"
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8-sig":
            raise InvalidSetting("The file .env is not text; save it anew as UTF-8.") from None
        # Any byte is a character in this one, and what settings need is the same in every 8-bit encoding.
        return "latin-1"
    return encoding
