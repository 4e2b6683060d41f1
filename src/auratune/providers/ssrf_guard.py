"""Which addresses on the internet may be called: public ones only, checked after resolving, and then pinned.

A vendor's answer, or someone who can change it, names the address of a song; whoever sends a photo names the address of
a webhook. Without these checks both could make the service call into its own network: a database, a router, the
metadata service of a cloud.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from auratune.core.errors import ProviderInvalidResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    Resolve = Callable[[str, int], list[str]]
    IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_URL = 4096
_SOON_SECONDS = 3.0
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # a cloud's host service on a public-looking address
        "192.0.0.0/24",  # protocol assignments; one cloud's metadata service lives here
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b::/96",  # IPv4 behind a translator: the inner address decides, so none of it is fetched
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo carries an IPv4 address inside
        "2002::/16",  # so does 6to4
        "::/96",  # and so did IPv4-compatible IPv6
        "3fff::/20",  # for documentation alone
    )
)


@dataclass(frozen=True, slots=True)
class CheckedAddress:
    """A checked URL: connect to `pinned_url`, whose host is the checked address, and speak to `host`."""

    url: str
    pinned_url: str
    host: str
    host_header: str


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, as the system resolves it; numbers in any notation count as names. May be empty."""
    with suppress(OSError, UnicodeError):
        return list(
            dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        )
    return []


def resolve_soon(host: str, port: int) -> list[str]:
    """`resolve`, with nothing found when that takes too long: whoever chose the name must not hold our threads."""
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.extend(resolve(host, port)), daemon=True)
    thread.start()
    thread.join(_SOON_SECONDS)
    return list(found)


class UnsafeAddress(Exception):
    """The address must not be called. It says no more: whoever chose the address could write into our logs."""


def check(url: str, *, vendor: str, allow_loopback: bool = False, resolve: Resolve = resolve) -> CheckedAddress:
    """Check the address of a song: https on its own port only, public only.

    `allow_loopback` admits http and any port on this machine, for simulators. Raises `ProviderInvalidResponse` with
    code `unsafe_address` otherwise.
    """
    try:
        return pin(url, allow_loopback=allow_loopback, resolve=resolve)
    except UnsafeAddress:
        raise ProviderInvalidResponse(
            "The vendor named a song address that is not on the public internet; it was not fetched.",
            provider=vendor,
            code="unsafe_address",
        ) from None


def pin(
    url: str,
    *,
    allow_loopback: bool = False,
    allow_private: bool = False,
    any_port: bool = False,
    resolve: Resolve = resolve,
) -> CheckedAddress:
    """Check where a URL leads, and pin it to the address that was checked, so that a second look-up cannot differ.

    https only, on port 443 unless `any_port`, and every address of the name must be public. `allow_loopback` admits
    http and any port on this machine, `allow_private` everywhere. Raises `UnsafeAddress` otherwise.
    """
    parts = _split(url)
    host = parts.hostname or ""
    usual_port = 443 if parts.scheme == "https" else 80
    port = parts.port or usual_port
    addresses = _numbers(resolve(host, port))
    if not addresses:
        raise UnsafeAddress
    here = allow_loopback and all(address.is_loopback for address in addresses)
    public = parts.scheme == "https" and (port == 443 or any_port) and all(map(is_public, addresses))
    if not (here or public or allow_private):
        raise UnsafeAddress
    chosen = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])
    query = f"?{parts.query}" if parts.query else ""
    name = f"[{host}]" if ":" in host else host
    return CheckedAddress(
        url=url,
        pinned_url=f"{parts.scheme}://{chosen}:{port}{parts.path or '/'}{query}",
        host=host,
        host_header=name if port == usual_port else f"{name}:{port}",
    )


def is_public(address: IPAddress) -> bool:
    """Whether an address is one of the open internet, also where it wraps another one."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)
    )


def _split(url: str) -> SplitResult:
    # Control characters, spaces and backslashes are read differently by different parsers, so none are let in.
    if len(url) > LONGEST_URL or any(ord(letter) <= 32 or ord(letter) >= 127 or letter == "\\" for letter in url):
        raise UnsafeAddress
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnsafeAddress from None
    named = parts.scheme in {"http", "https"} and parts.hostname and "%" not in (parts.hostname or "")
    if not named or parts.username is not None or parts.password is not None or port == 0:
        raise UnsafeAddress
    return parts


def _numbers(found: list[str]) -> list[IPAddress]:
    addresses: list[IPAddress] = []
    for text in found:
        try:
            addresses.append(ipaddress.ip_address(text.partition("%")[0]))
        except ValueError:
            return []
    return addresses
