"""Keys: who a caller is, and the key that the service makes for itself when it would be open to a network."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from auratune.tasks.shared_state import ACCESS_KEY, SIGNING_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from auratune.settings import Settings
    from auratune.tasks.shared_state import SharedState

LOCAL_OWNER = "local"
"""Owner of everything where no keys are set, and of the key that the service makes itself."""


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


def load_keys(settings: Settings, made: str) -> ApiKeys:
    """The keys in force: the generated one where there is one, else those of the settings, which may be none."""
    return ApiKeys({LOCAL_OWNER: made} if made else settings.api_keys)


def generated_key(settings: Settings, folder: Path, shared: SharedState | None = None) -> str:
    """The key that the service made for itself because it can be reached from a network and was given none.

    Empty where it needs none: keys are set, it listens on loopback only, or `AURATUNE_OPEN` says so on purpose.
    """
    if settings.api_keys or settings.is_local or settings.auratune_open:
        return ""
    return ensure_access_key(folder, shared)


def ensure_access_key(folder: Path, shared: SharedState | None = None) -> str:
    """The key the service made for itself; made when missing.

    It is in the database that API nodes share, else in the data folder, for the service's user alone (0600).
    """
    return _ensure(ACCESS_KEY, secrets.token_urlsafe(24), folder, shared)


def ensure_signing_key(folder: Path, shared: SharedState | None = None) -> bytes:
    """The secret under share links and sessions, kept likewise: they outlive a restart and hold on every node."""
    return _ensure(SIGNING_KEY, secrets.token_hex(32), folder, shared).encode()


def _ensure(name: str, fresh: str, folder: Path, shared: SharedState | None) -> str:
    path = folder / name
    if shared is None:
        return _ensure_file(path, fresh)
    # A node that kept a file until now brings it in, so that its links and sessions stay valid.
    kept = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    return shared.keep_secret(name, kept or fresh)


def _ensure_file(path: Path, fresh: str) -> str:
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
