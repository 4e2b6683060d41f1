"""Addresses at which other devices reach the service, and QR codes that a phone opens them by."""

from __future__ import annotations

import io
import ipaddress
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import segno

from auratune.web.dependencies import base_url, dependencies_of

if TYPE_CHECKING:
    from fastapi import Request

    from auratune.settings import Settings

_EVERY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104 -- compared, not bound
_SOMEWHERE = ("192.0.2.1", 9)
"""An address of documentation (RFC 5737). Nothing is sent there: the system only chooses which address it would use."""
_IN_A_CONTAINER = ("/.dockerenv", "/run/.containerenv")


def lan_address() -> str:
    """This machine's IPv4 address in its network; empty where it has none.

    Empty in a container too: its own address means nothing outside of its host.
    """
    if any(Path(mark).exists() for mark in _IN_A_CONTAINER):
        return ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)
        except OSError:
            return ""
        address = str(probe.getsockname()[0])
    return "" if _is_loopback(address) else address


def address_for_phones(settings: Settings) -> str:
    """The service's address for other devices, without a slash at its end; empty where they cannot reach it."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    if settings.is_local:
        return ""
    host = lan_address() if settings.host in _EVERY_ADDRESS else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}" if host else ""


def link_for_phones(request: Request, path: str) -> str | None:
    """A path's address that a phone can open; None where the service cannot be reached from one."""
    settings = dependencies_of(request).settings
    is_called_here = not settings.public_url and _is_loopback(request.url.hostname or "")
    base = address_for_phones(settings) if is_called_here else base_url(request)
    return f"{base}{path}" if base else None


def print_address(settings: Settings, key: str) -> None:
    """Print where a phone finds the page, with a QR code on a terminal; nothing where it cannot be reached."""
    base = address_for_phones(settings)
    if not base:
        return
    address = f"{base}/app#key={key}" if key else f"{base}/app"
    sys.stderr.write(f"  On a phone: {address}\n")
    if sys.stderr.isatty():
        segno.make_qr(address, error="l").terminal(sys.stderr, border=2, compact=True)
    sys.stderr.flush()


def qr_svg(address: str) -> bytes:
    """A QR code as SVG, dark on light, with the address as its title."""
    drawing = io.BytesIO()
    segno.make_qr(address, error="m").save(drawing, kind="svg", omitsize=True, light="white", title=address)
    return drawing.getvalue()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
