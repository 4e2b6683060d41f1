"""The `.env` file: how it is encoded, and what in it cannot be meant as it stands.

Editors and shells on Windows write UTF-16, or the system's 8-bit encoding.
"""

from __future__ import annotations

import codecs
import re
from difflib import get_close_matches
from io import StringIO
from typing import TYPE_CHECKING

from dotenv.parser import parse_stream

from auratune.core.errors import InvalidSetting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dotenv.parser import Binding

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The longer marks come first: that of UTF-32 begins with that of UTF-16."""
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_NEAR = 0.75


def encoding_of(env_file: Path) -> str:
    """The name of its encoding, as `open` takes it.

    Raises `InvalidSetting` when it is no text, cannot be read, or has a line that is no `NAME=value`.
    """
    encoding, bindings = _read(env_file)
    for binding in bindings:
        if binding.error or not _NAME.fullmatch(binding.key or "_"):
            line = binding.original.line
            raise InvalidSetting(f"Line {line} of the file .env cannot be read; write NAME=value, or # in front of it.")
    return encoding


def misspelt_names(env_file: Path, known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names in the file that are no setting but nearly one, each with that setting's name."""
    names = {name.upper() for name in known}
    for binding in _read(env_file)[1]:
        if binding.key and binding.key.upper() not in names:
            for near in get_close_matches(binding.key.upper(), names, n=1, cutoff=_NEAR):
                yield binding.key, near


def _read(env_file: Path) -> tuple[str, Iterator[Binding]]:
    """The file's encoding and what stands in it."""
    content = _content(env_file)
    encoding = _encoding(content)
    return encoding, parse_stream(StringIO(content.decode(encoding)))


def _content(env_file: Path) -> bytes:
    if env_file.is_dir():
        raise InvalidSetting("`.env` is a folder here (a container makes one where the file is missing); remove it.")
    try:
        return env_file.read_bytes() if env_file.is_file() else b""
    except OSError:
        raise InvalidSetting("The file .env cannot be read; check its permissions.") from None


def _encoding(content: bytes) -> str:
    unmarked = ("utf-16-be" if content[:1] == b"\0" else "utf-16-le") if b"\0" in content else "utf-8-sig"
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), unmarked)
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8-sig":
            raise InvalidSetting("The file .env is not text; save it anew as UTF-8.") from None
        # Any byte is a character in this one, and what settings need is the same in every 8-bit encoding.
        return "latin-1"
    return encoding
