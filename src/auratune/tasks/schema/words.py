"""Words as the full-text index holds them, the same on every database."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LONGEST_WORD = 40
# Han, Hiragana, Katakana and Thai; anything else is a word as long as it has no blank or sign in it.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|[^\W_\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+"
)


def words_of(*texts: str) -> list[str]:
    """The words of texts as they are indexed: without case, accents and signs, each once, in order."""
    plain = unicodedata.normalize("NFKD", "\n".join(texts).casefold())
    plain = unicodedata.normalize("NFC", "".join(each for each in plain if not unicodedata.combining(each)))
    return list(dict.fromkeys(word[:_LONGEST_WORD] for word in _WORD.findall(plain)))


def entry_id_of(task_id: str, attempt: int) -> int:
    """A number of 63 bits that names an attempt: SQLite's index knows rows by number alone."""
    return int.from_bytes(hashlib.sha256(f"{task_id}/{attempt}".encode()).digest()[:8], "big") >> 1
