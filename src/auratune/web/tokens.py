"""Signed, expiring tokens: share links for one film, and sessions of the page."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from itsdangerous import BadData, URLSafeSerializer

from auratune.web.request_errors import LinkExpired, LinkUnknown

if TYPE_CHECKING:
    from auratune.web.keys import ApiKeys

_MONTH_SECONDS = 30 * 24 * 3600


class SharedFilm(NamedTuple):
    """What a share link shows."""

    task_id: str
    owner: str
    link: str | int
    """The id of a link that was made on request, or the version of the film's own one."""


class Session(NamedTuple):
    """Who is signed in, and until when (Unix time)."""

    owner: str
    until: int


class TokenSigner:
    """Makes and reads tokens. A token ends with its time, and with the key of the owner it was made for."""

    def __init__(self, secret: bytes, keys: ApiKeys) -> None:
        self._secret = secret
        self._keys = keys

    def share(self, task_id: str, owner: str, *, until: float, link_id: str) -> str:
        """A token that shows one film to whoever has it, until a moment (Unix time)."""
        return self._serializer("share", owner).dumps([task_id, int(until), link_id])

    def own_share(self, task_id: str, owner: str, *, version: int = 0) -> str:
        """The token of the link that a film has from the start: the same for a month, good until `own_share_until`."""
        # Links of version 0 look as they always did, so that those given out before stay valid.
        claims = [task_id, self.own_share_until(), *([version] if version else [])]
        return self._serializer("share", owner).dumps(claims)

    @staticmethod
    def own_share_until() -> int:
        """When a film's own link of this moment ends (Unix time): in one to two months."""
        return (int(time.time() // _MONTH_SECONDS) + 2) * _MONTH_SECONDS

    def shared(self, token: str) -> SharedFilm:
        """The film behind a share token. Raises `LinkUnknown` or `LinkExpired`; it may still have been revoked."""
        owner, claims = self._read("share", token)
        if owner is None:
            raise LinkUnknown("This link is not valid; ask for a new one.")
        task_id, until, *link = claims
        if until < time.time():
            raise LinkExpired("This link has ended; ask for a new one.")
        return SharedFilm(task_id, owner, link[0] if link else 0)

    def session(self, owner: str, *, seconds: float) -> str:
        """A token that stands for an owner's key in the page's cookie; no two are alike."""
        return self._serializer("session", owner).dumps([int(time.time() + seconds), secrets.token_urlsafe(9)])

    def session_of(self, token: str) -> Session | None:
        """The session behind a cookie, or None when its time or its owner's key has gone; it may have been ended."""
        owner, claims = self._read("session", token)
        if owner is None:
            return None
        # Cookies of version 0.1 hold the time alone.
        until = claims if isinstance(claims, int) else claims[0]
        return Session(owner, until) if until >= time.time() else None

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
