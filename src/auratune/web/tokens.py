"""Signed, expiring tokens: share links for one film, and sessions of the page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from itsdangerous import BadData, URLSafeSerializer

from auratune.web.errors import LinkExpired, LinkUnknown

if TYPE_CHECKING:
    from auratune.web.keys import ApiKeys

_MONTH_SECONDS = 30 * 24 * 3600


class TokenSigner:
    """Makes and reads tokens. A token ends with its time, and with the key of the owner it was made for."""

    def __init__(self, secret: bytes, keys: ApiKeys) -> None:
        self._secret = secret
        self._keys = keys

    def share(self, task_id: str, owner: str, *, seconds: float) -> tuple[str, int]:
        """A token that shows one film to whoever has it, and when it ends (Unix time)."""
        until = int(time.time() + seconds)
        return self._serializer("share", owner).dumps([task_id, until]), until

    def monthly_share(self, task_id: str, owner: str) -> str:
        """A share token that is the same for everyone who asks within a month, and lasts one month longer."""
        until = (int(time.time() // _MONTH_SECONDS) + 2) * _MONTH_SECONDS
        return self._serializer("share", owner).dumps([task_id, until])

    def shared(self, token: str) -> tuple[str, str]:
        """Task id and owner behind a share token. Raises `LinkUnknown` or `LinkExpired`."""
        owner, claims = self._read("share", token)
        if owner is None:
            raise LinkUnknown("This link is not valid; ask for a new one.")
        task_id, until = claims
        if until < time.time():
            raise LinkExpired("This link has ended; ask for a new one.")
        return task_id, owner

    def session(self, owner: str, *, seconds: float) -> str:
        """A token that stands for an owner's key in the page's cookie."""
        return self._serializer("session", owner).dumps(int(time.time() + seconds))

    def session_owner(self, token: str) -> str | None:
        """Whose session it is, or None when it is not valid any more."""
        owner, until = self._read("session", token)
        return owner if owner is not None and until >= time.time() else None

    def _read(self, purpose: str, token: str) -> tuple[str | None, Any]:
        for owner in self._keys.owners:
            serializer = self._serializer(purpose, owner)
            try:
                claims = serializer.loads(token)
            except (BadData, ValueError):
                continue
            # Base64 has spare bits: of all spellings of a signature only the one we wrote is good.
            if serializer.dumps(claims) == token:
                return owner, claims
        return None, None

    def _serializer(self, purpose: str, owner: str) -> URLSafeSerializer:
        # The owner's name stays out of the token; only the right name and key give the right signature.
        return URLSafeSerializer(self._secret, salt=f"{purpose}:{owner}:{self._keys.fingerprint(owner).hex()}")
