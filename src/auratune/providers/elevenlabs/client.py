"""Requests to ElevenLabs through its SDK, and what its answers mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from auratune.core.errors import ProviderError, ProviderInvalidResponse, ProviderRefused
from auratune.providers.downloads import MOST_BYTES, looks_like_sound
from auratune.providers.elevenlabs import ELEVENLABS
from auratune.providers.http import (
    cannot_be_sent,
    failure_of_status,
    is_loopback,
    outcome_unknown,
    read_json,
    timed_out,
    unreachable,
)
from auratune.providers.multipart import parts
from auratune.providers.one_call import Made
from auratune.providers.pay_once import reference_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx
    from elevenlabs.client import ElevenLabs

    from auratune.providers.pay_once import Receipt

FORMATS = ("mp3_44100_192", "mp3_44100_128")
"""The second one is what every plan of the vendor allows."""
_USD_A_MINUTE = 0.15
T = TypeVar("T")


class Suggested(ProviderRefused):
    """The vendor declined, made nothing, and told what it would take instead."""

    def __init__(self, instead: dict[str, Any]) -> None:
        super().__init__("ElevenLabs declined the song.", provider="elevenlabs", code="provider_content_refused")
        self.instead = instead


class FormatRefused(ProviderRefused):
    """The plan of the account does not allow that sound quality."""


def call(
    request: Callable[[ElevenLabs], T], *, key: str, base_url: str, deadline_seconds: float, paid: bool = False
) -> T:
    """Make one request; nothing is repeated. Raises the `ProviderError` that fits, `Suggested` among them."""
    import httpx  # the SDK's own client library, not ours
    from elevenlabs.client import ElevenLabs
    from elevenlabs.core.api_error import ApiError

    timeout = httpx.Timeout(deadline_seconds, connect=10.0)
    # No redirects: the key is in a header that would travel along to another host.
    with httpx.Client(timeout=timeout, follow_redirects=False, trust_env=not is_loopback(base_url)) as transport:
        client = ElevenLabs(api_key=key, base_url=base_url, timeout=deadline_seconds, httpx_client=transport)
        try:
            return request(client)
        except ApiError as error:
            raise _failure(error, paid=paid) from None
        except httpx.RequestError as error:
            raise _broken(error, paid=paid) from None
        except UnicodeError:
            raise cannot_be_sent(ELEVENLABS) from None
        except (ValueError, RecursionError):
            raise _senseless("sent an answer that could not be understood") from None


def compose(client: ElevenLabs, body: dict[str, Any], output_format: str, receipt: Receipt) -> Made:
    """Have a song composed. The receipt has its id as soon as the answer begins: from then on it is paid for."""
    # The SDK's own method drops the seed and leaves the closing boundary in the sound; this is the layer below it.
    with client.music.with_raw_response.compose_detailed(
        **body, output_format=output_format, with_timestamps=True
    ) as answer:
        receipt.units = {"usd": round(_USD_A_MINUTE * _length_ms(body) / 60_000, 4)}
        receipt.reference = reference_of(answer.headers.get("song-id"))
        audio, words = _read(_collected(answer.data), answer.headers.get("content-type", ""))
        return Made(receipt.reference, audio, {"words": words, "ours": "composition_plan" in body})


def _length_ms(body: dict[str, Any]) -> float:
    plan = body.get("composition_plan") or {}
    parts = plan.get("chunks") or plan.get("sections") or []
    return float(body.get("music_length_ms") or sum(part["duration_ms"] for part in parts))


def _failure(error: Any, *, paid: bool) -> ProviderError:
    detail = error.body.get("detail") if isinstance(error.body, dict) else None
    about: dict[str, Any] = detail if isinstance(detail, dict) else {}
    status, message = str(about.get("status") or ""), str(about.get("message") or "")
    if error.status_code in {400, 422} and status in {"bad_prompt", "bad_composition_plan"}:
        return Suggested(_suggestions(about.get("data")))
    if status == "output_format_not_allowed":
        return FormatRefused(
            "The ElevenLabs plan does not allow this sound quality.",
            provider="elevenlabs",
            code="provider_access_denied",
        )
    if status == "missing_permissions":
        named = re.search(r"\b[a-z]+_[a-z_]+\b", message)
        return ProviderRefused(
            f"The ElevenLabs key lacks the permission {named[0] if named else 'for music'}; give it to the key there.",
            provider="elevenlabs",
            code="provider_permission_missing",
        )
    if status == "limited_access":
        return ProviderRefused(
            "ElevenLabs makes music for paid plans only; this account has none.",
            provider="elevenlabs",
            code="provider_plan_needed",
        )
    if status == "quota_exceeded":
        return failure_of_status(ELEVENLABS, 402, {}, paid=paid)
    if status in {"too_many_concurrent_requests", "system_busy"}:
        return failure_of_status(ELEVENLABS, 429, error.headers or {}, paid=paid)
    return failure_of_status(ELEVENLABS, error.status_code or 500, error.headers or {}, paid=paid)


def _suggestions(data: Any) -> dict[str, Any]:
    """What the vendor would take instead; it may tell a plan as JSON or as a text of JSON."""
    found: dict[str, Any] = dict(data) if isinstance(data, dict) else {}
    plan = found.get("composition_plan_suggestion")
    if isinstance(plan, str):
        found["composition_plan_suggestion"] = read_json(plan.encode("utf-8", "replace")) or plan
    return found


def _broken(error: httpx.RequestError, *, paid: bool) -> ProviderError:
    import httpx

    if isinstance(error, httpx.LocalProtocolError):
        return cannot_be_sent(ELEVENLABS)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol):
        return unreachable(ELEVENLABS)
    return outcome_unknown(ELEVENLABS) if paid else timed_out(ELEVENLABS)


def _collected(pieces: Iterator[bytes]) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MOST_BYTES:
            raise _senseless("sent a song that is too large", "song_too_large")
    return bytes(body)


def _read(body: bytes, kind: str) -> tuple[bytes, Any]:
    audio, words = b"", None
    for content_type, content in parts(body, kind):
        if content_type == "application/json":
            about = read_json(content)
            words = about.get("words_timestamps") if isinstance(about, dict) else words
        elif not audio:
            audio = content
    if not looks_like_sound(audio):
        raise _senseless("sent something that is not sound", "song_not_audio")
    return audio, words


def _senseless(what: str, code: str = "provider_made_no_sense") -> ProviderInvalidResponse:
    return ProviderInvalidResponse(f"ElevenLabs {what}.", provider="elevenlabs", code=code)
