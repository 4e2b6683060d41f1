"""Keys as people write them into settings. Each function raises `ValueError` with the fault in words."""

from __future__ import annotations

import base64
import binascii
from typing import Any

_SHORTEST_API_KEY = 6


def clean_vendor_key(value: Any) -> Any:
    """A key without the blanks around it. Raises where a copy brought along what no key has."""
    if not isinstance(value, str):
        return value
    key = value.strip()
    if any(not "!" <= character <= "~" for character in key):
        raise ValueError("must be one line of letters, digits and signs; copy it again, without invisible characters")
    return key or None


def clean_webhook_secret(value: Any) -> Any:
    """A secret of Standard Webhooks: `whsec_` and 24 to 64 bytes as base64."""
    secret = clean_vendor_key(value)
    if not isinstance(secret, str):
        return secret
    try:
        length = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except binascii.Error:
        length = 0
    if not secret.startswith("whsec_") or not 24 <= length <= 64:
        raise ValueError("must be whsec_ and then 24 to 64 random bytes as base64")
    return secret


def split_api_keys(text: str) -> dict[str, str]:
    """Secrets by the name of their owner, from `name:secret` pairs separated by commas."""
    keys: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, colon, secret = (part.strip() for part in pair.partition(":"))
        if not colon or not name or not secret:
            raise ValueError("must be name:secret pairs separated by commas")
        if name in keys:
            raise ValueError(f"names {name} twice")
        if len(secret) < _SHORTEST_API_KEY:
            raise ValueError(f"must give {name} a secret of at least {_SHORTEST_API_KEY} characters")
        if secret in keys.values():
            raise ValueError(f"must give {name} a secret that nobody else has")
        keys[name] = secret
    return keys
