"""Keys: who a caller is, and the key that the service makes for itself when it would be open to a network."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from auratune.settings import Settings

LOCAL_OWNER = "local"
"""Owner of everything where no keys are set, and of the key that the service makes itself."""

_KEY_FILE = "access-key"
_SIGNING_FILE = "signing-key"


class ApiKeys:
    """The keys that give access; without any the service is open. Only their hashes are held."""

    def __init__(self, secrets_by_owner: Mapping[str, str]) -> None:
        self._hashes = {owner: _hash(secret) for owner, secret in secrets_by_owner.items()}

    @property
    def is_open(self) -> bool:
        """Whether no key is needed."""
        return not self._hashes

    @property
    def owners(self) -> tuple[str, ...]:
        """Everyone who can own a task."""
        return tuple(self._hashes) or (LOCAL_OWNER,)

    def owner_of(self, secret: str) -> str | None:
        """Whose key it is, or None; takes the same time whichever key it is nearest to."""
        offered = _hash(secret)
        found = None
        for owner, known in self._hashes.items():
            if hmac.compare_digest(offered, known):
                found = owner
        return found

    def fingerprint(self, owner: str) -> bytes:
        """What a session is bound to: it changes with the owner's key. Empty for an unknown owner."""
        if self.is_open and owner == LOCAL_OWNER:
            return b"open"
        return self._hashes[owner][:8] if owner in self._hashes else b""


def load_keys(settings: Settings, folder: Path) -> ApiKeys:
    """The keys in force: those of the settings, none on loopback, else one made at first start."""
    made = generated_key(settings, folder)
    return ApiKeys({LOCAL_OWNER: made} if made else settings.api_keys)


def generated_key(settings: Settings, folder: Path) -> str:
    """The key that the service made for itself because it can be reached from a network and was given none.

    Empty where it needs none: keys are set, it listens on loopback only, or `AURATUNE_OPEN` says so on purpose.
    """
    if settings.api_keys or settings.is_local or settings.auratune_open:
        return ""
    return ensure_access_key(folder)


def ensure_access_key(folder: Path) -> str:
    """The key the service made for itself, kept for its user alone (0600) in the data folder; made when missing."""
    return _ensure(folder / _KEY_FILE, secrets.token_urlsafe(24))


def ensure_signing_key(folder: Path) -> bytes:
    """The secret under share links and sessions, kept likewise, so that they outlive a restart."""
    return _ensure(folder / _SIGNING_FILE, secrets.token_hex(32)).encode()


def _ensure(path: Path, fresh: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text(encoding="utf-8").strip()
        if kept:
            return kept
        handle = os.open(path, os.O_WRONLY | os.O_TRUNC)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(fresh + "\n")
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
