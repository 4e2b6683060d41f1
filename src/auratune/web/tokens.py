"""Signed, expiring tokens: share links for one film, and sessions of the page."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from typing import TYPE_CHECKING
from uuid import UUID

from auratune.web.errors import LinkExpired, LinkUnknown

if TYPE_CHECKING:
    from auratune.web.keys import KeyRing

_MAC_BYTES = 16
_TIME_BYTES = 5


class Signer:
    """Makes and reads tokens. A token dies with its time, and with the key of the owner it was made for."""

    def __init__(self, secret: bytes, keys: KeyRing) -> None:
        self._secret = secret
        self._keys = keys

    def share(self, task_id: str, owner: str, *, seconds: float) -> tuple[str, float]:
        """A token that shows one film to whoever has it, and when it ends (Unix time)."""
        until = int(time.time() + seconds)
        claims = UUID(task_id).bytes + until.to_bytes(_TIME_BYTES, "big")
        return _encode(claims + self._mac(b"share", claims, owner)), float(until)

    def shared(self, token: str) -> tuple[str, str]:
        """Task id and owner behind a share token. Raises `LinkUnknown` or `LinkExpired`."""
        claims, mac = _split(token, 16 + _TIME_BYTES)
        owner = self._signer_of(b"share", claims, mac)
        if owner is None:
            raise LinkUnknown("This link is not valid; ask for a new one.")
        if int.from_bytes(claims[16:], "big") < time.time():
            raise LinkExpired("This link has ended; ask for a new one.")
        return str(UUID(bytes=claims[:16])), owner

    def session(self, owner: str, *, seconds: float) -> str:
        """A token that stands for an owner's key in the page's cookie."""
        claims = int(time.time() + seconds).to_bytes(_TIME_BYTES, "big")
        return _encode(claims + self._mac(b"session", claims, owner))

    def session_owner(self, token: str) -> str | None:
        """Whose session it is, or None when it is not valid any more."""
        try:
            claims, mac = _split(token, _TIME_BYTES)
        except LinkUnknown:
            return None
        if int.from_bytes(claims, "big") < time.time():
            return None
        return self._signer_of(b"session", claims, mac)

    def _signer_of(self, purpose: bytes, claims: bytes, mac: bytes) -> str | None:
        found = None
        for owner in self._keys.owners:
            if hmac.compare_digest(mac, self._mac(purpose, claims, owner)):
                found = owner
        return found

    def _mac(self, purpose: bytes, claims: bytes, owner: str) -> bytes:
        # The owner's name stays out of the token; only the right name gives the right signature.
        text = b"\0".join((purpose, owner.encode(), self._keys.fingerprint(owner), claims))
        return hmac.new(self._secret, text, hashlib.sha256).digest()[:_MAC_BYTES]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _split(token: str, claims_bytes: int) -> tuple[bytes, bytes]:
    try:
        data = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        data = b""
    if len(data) != claims_bytes + _MAC_BYTES or _encode(data) != token:
        raise LinkUnknown("This link is not valid; ask for a new one.")
    return data[:claims_bytes], data[claims_bytes:]
