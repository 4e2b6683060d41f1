"""Addresses of services in settings: refused at start where no request could ever reach them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[A-Za-z0-9._~-]+|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._~-]+)?")
"""A name, or an IPv6 address as `urlsplit` gives it, without its brackets."""


def checked_address(value: str) -> str:
    """A base address as it is used: without blanks around it and without a slash at its end. Raises `ValueError`."""
    value = value.strip()
    if not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    if any(not "!" <= character <= "~" for character in value):
        raise ValueError("must be one address without blanks or invisible characters")
    if not _names_a_host(value):
        raise ValueError("must name a host, and a port up to 65535 where it names one")
    if "?" in value or "#" in value:
        raise ValueError("must end with a path: nothing with ? or # may follow")
    return value.rstrip("/")


def _names_a_host(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return bool(_HOST.fullmatch(parts.hostname or "")) and parts.port != 0
    except ValueError:
        return False
