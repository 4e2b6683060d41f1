"""How vendors are called over HTTP: timeouts, bounded answers, and what an answer, or the lack of one, means."""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from auratune.core.errors import (
    ProviderBusy,
    ProviderError,
    ProviderInvalidResponse,
    ProviderOutcomeUnknown,
    ProviderRefused,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from pathlib import Path

    from auratune.providers.vendor import Vendor

LONGEST_RETRY_AFTER_SECONDS = 900.0
MOST_ANSWER_BYTES = 8 * 1024 * 1024
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_CANNOT_BE_SENT = (httpx2.LocalProtocolError, httpx2.InvalidURL, UnicodeError)
"""A key or an address with a character that HTTP does not allow: the request never left."""
Explain = Callable[[int, Any], "ProviderError | None"]
"""What a failing status means at one vendor, by the JSON of its answer (None where it is no JSON)."""


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine: a simulator, never a vendor."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


@cache
def tls() -> ssl.SSLContext:
    """The trusted certificates, read once: reading them takes longer than many a request."""
    return httpx2.create_ssl_context()


def open_client(base_url: str, headers: Mapping[str, str], *, read_seconds: float = 30.0) -> httpx2.Client:
    """A client for one vendor. It follows no redirect: a key must not travel to another host."""
    return httpx2.Client(
        base_url=base_url,
        # As bytes, so that an odd key is refused by the vendor rather than by an encoder in here.
        headers=[(b"User-Agent", b"AuraTune"), (b"Accept", b"application/json")]
        + [(name.encode(), value.encode()) for name, value in headers.items()],
        timeout=httpx2.Timeout(read_seconds, connect=10.0, pool=10.0),
        follow_redirects=False,
        verify=tls(),
        trust_env=not is_loopback(base_url),
    )


def ask(
    client: httpx2.Client,
    method: str,
    path: str,
    *,
    vendor: Vendor,
    paid: bool = False,
    deadline_seconds: float = 60.0,
    most_bytes: int = MOST_ANSWER_BYTES,
    explain: Explain | None = None,
    **request: Any,
) -> Any:
    """One request, and its JSON answer. Never repeats anything.

    Raises the `ProviderError` that fits. For a paid request every failure that does not prove that nothing was made
    is `ProviderOutcomeUnknown`.
    """
    ends = time.monotonic() + deadline_seconds
    try:
        with client.stream(method, path, **request) as response:
            body = _read(response, ends, most_bytes)
    except (httpx2.RequestError, *_CANNOT_BE_SENT) as error:
        raise failure_of_transport(vendor, error, paid=paid) from None
    answer = read_json(body)
    if not response.is_success:
        explained = explain(response.status_code, answer) if explain else None
        raise explained or failure_of_status(vendor, response.status_code, response.headers, paid=paid)
    if answer is None:
        raise senseless(vendor, paid=paid)
    return answer


def fetch(
    client: httpx2.Client, url: str, target: Path, *, vendor: Vendor, most_bytes: int, deadline_seconds: float
) -> None:
    """Write what a trusted address holds to `target`. Raises the `ProviderError` that fits."""
    ends = time.monotonic() + deadline_seconds
    try:
        with client.stream("GET", url) as response, target.open("wb") as kept:
            if not response.is_success:
                raise failure_of_status(vendor, response.status_code, response.headers, paid=False)
            for piece in response.iter_bytes():
                kept.write(piece)
                if kept.tell() > most_bytes or time.monotonic() > ends:
                    raise httpx2.ReadTimeout("the file is too long or too slow", request=response.request)
    except (httpx2.RequestError, *_CANNOT_BE_SENT) as error:
        raise failure_of_transport(vendor, error, paid=False) from None


def failure_of_transport(vendor: Vendor, error: Exception, *, paid: bool) -> ProviderError:
    """What it means that no whole answer came."""
    if isinstance(error, _NOT_SENT):
        return unreachable(vendor)
    if isinstance(error, _CANNOT_BE_SENT):
        return cannot_be_sent(vendor)
    if paid:
        return outcome_unknown(vendor)
    if isinstance(error, httpx2.TimeoutException):
        return timed_out(vendor)
    return ProviderBusy(
        f"The connection to {vendor.title} broke; try again later.", provider=vendor.name, code="provider_unreachable"
    )


def failure_of_status(vendor: Vendor, status: int, headers: Mapping[str, str], *, paid: bool) -> ProviderError:
    """What an answer's status means. The vendor's own words are left out: they may hold anything."""
    title = vendor.title
    if 300 <= status < 400:
        return ProviderRefused(
            f"{title} sent the request on to another address, which was not followed; check its address in the "
            "settings.",
            provider=vendor.name,
            code="provider_redirected",
        )
    if status in _REFUSALS:
        code, sentence = _REFUSALS[status]
        return ProviderRefused(sentence.format(title=title), provider=vendor.name, code=code)
    if status == 429:
        return ProviderBusy(
            f"{title} allows no more requests just now; try again later.",
            provider=vendor.name,
            code="provider_rate_limited",
            retry_after_seconds=retry_after(headers),
        )
    if paid:
        return outcome_unknown(vendor)
    if status >= 500 or status in {408, 409, 425}:
        return ProviderBusy(
            f"{title} is out of order (status {status}); try again later.",
            provider=vendor.name,
            code="provider_overloaded",
            retry_after_seconds=retry_after(headers),
        )
    return senseless(vendor, paid=paid)


def unreachable(vendor: Vendor) -> ProviderBusy:
    """Nothing was sent."""
    return ProviderBusy(
        f"{vendor.title} could not be reached; try again later.", provider=vendor.name, code="provider_unreachable"
    )


def cannot_be_sent(vendor: Vendor) -> ProviderRefused:
    """Nothing was sent, and never will be with these settings."""
    return ProviderRefused(
        f"{vendor.title} could not be asked: its key or address holds a character that cannot be sent; check both in "
        "the settings.",
        provider=vendor.name,
        code="provider_key_refused",
    )


def outcome_unknown(vendor: Vendor) -> ProviderOutcomeUnknown:
    """A paid request went out and no clear answer came back."""
    return ProviderOutcomeUnknown(
        f"{vendor.title} was asked, but its answer was lost, so it may have charged for work that cannot be had. "
        "It was not asked again; ask for another try if you want that.",
        provider=vendor.name,
    )


def timed_out(vendor: Vendor) -> ProviderBusy:
    """Nothing was lost, only time."""
    return ProviderBusy(
        f"{vendor.title} took too long; try again later.", provider=vendor.name, code="provider_timed_out"
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the `Retry-After` header (a number or a date, RFC 9110), 0 to 900; None where it says none."""
    told = headers.get("retry-after", "").strip()
    if not told:
        return None
    seconds: float | None = None
    with suppress(ValueError, OverflowError):
        seconds = float(told)
    if seconds is None:
        with suppress(ValueError, TypeError, OverflowError):
            seconds = (parsedate_to_datetime(told).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    if seconds is None or seconds != seconds:
        return None
    return min(LONGEST_RETRY_AFTER_SECONDS, max(0.0, seconds))


_REFUSALS = {
    400: ("provider_request_refused", "{title} declined the request."),
    401: ("provider_key_refused", "{title} did not accept the key; check it in the settings."),
    402: ("provider_no_credit", "The {title} account has no credit left."),
    403: ("provider_access_denied", "{title} does not let this key do that."),
    404: ("provider_request_refused", "{title} does not know what was asked for; check its address in the settings."),
    405: ("provider_request_refused", "{title} declined the request; check its address in the settings."),
    413: ("provider_request_refused", "{title} declined the request because it was too large."),
    422: ("provider_request_refused", "{title} declined the request."),
}


def senseless(vendor: Vendor, *, paid: bool = False) -> ProviderError:
    """An answer that is none; of a paid request nobody knows then what it made."""
    if paid:
        return outcome_unknown(vendor)
    return ProviderInvalidResponse(f"The answer of {vendor.title} could not be understood.", provider=vendor.name)


def read_json(body: bytes) -> Any:
    """The JSON of an answer, in characters that can be kept anywhere; None where it is none."""
    with suppress(ValueError, RecursionError):
        return _storable(json.loads(body))
    return None


def _storable(plain: Any) -> Any:
    """The same JSON; halves of characters, which no database and no other JSON takes, become question marks."""
    if isinstance(plain, str):
        return plain.encode("utf-8", "replace").decode()
    if isinstance(plain, list):
        return [_storable(one) for one in plain]
    if isinstance(plain, dict):
        return {_storable(name): _storable(one) for name, one in plain.items()}
    return plain


def _read(response: httpx2.Response, ends: float, most_bytes: int) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > most_bytes or time.monotonic() > ends:
            raise httpx2.ReadTimeout("the answer is too long or too slow", request=response.request)
    return bytes(body)
