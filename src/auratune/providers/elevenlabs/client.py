"""Requests to ElevenLabs through its SDK, and what its answers mean."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from auratune.core.errors import ProviderError, ProviderInvalidResponse, ProviderRefused
from auratune.providers.downloads import MOST_BYTES, looks_like_sound
from auratune.providers.elevenlabs import ELEVENLABS
from auratune.providers.http import failure_of_status, is_loopback, outcome_unknown, timed_out, unreachable
from auratune.providers.multipart import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx
    from elevenlabs.client import ElevenLabs

FORMAT = "mp3_44100_192"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """What came with the answer to an order."""

    reference: str
    audio: bytes
    words: Any
    """`[{word, start_ms, end_ms}]` where the vendor told, as it came."""


class Suggested(ProviderRefused):
    """The vendor declined, made nothing, and told what it would take instead."""

    def __init__(self, instead: dict[str, Any]) -> None:
        super().__init__("ElevenLabs declined the song.", provider="elevenlabs", code="provider_content_refused")
        self.instead = instead


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
        except httpx.TransportError as error:
            raise _broken(error, paid=paid) from None
        except ValueError:
            raise _senseless("sent an answer that could not be understood") from None


def compose(client: ElevenLabs, body: dict[str, Any], on_made: Callable[[str], None]) -> Made:
    """Have a song composed. `on_made` hears its id as soon as the answer begins: from then on it is paid for."""
    # The SDK's own method drops the seed and leaves the closing boundary in the sound; this is the layer below it.
    with client.music.with_raw_response.compose_detailed(**body, output_format=FORMAT, with_timestamps=True) as answer:
        reference = str(answer.headers.get("song-id") or "unnamed")[:100]
        on_made(reference)
        return _read(reference, _collected(answer.data), answer.headers.get("content-type", ""))


def _failure(error: Any, *, paid: bool) -> ProviderError:
    detail = error.body.get("detail") if isinstance(error.body, dict) else None
    about: dict[str, Any] = detail if isinstance(detail, dict) else {}
    status, data = about.get("status"), about.get("data")
    if error.status_code == 422 and status in {"bad_prompt", "bad_composition_plan"}:
        return Suggested(data if isinstance(data, dict) else {})
    if status == "quota_exceeded":
        return failure_of_status(ELEVENLABS, 402, {}, paid=paid)
    return failure_of_status(ELEVENLABS, error.status_code or 500, error.headers or {}, paid=paid)


def _broken(error: httpx.TransportError, *, paid: bool) -> ProviderError:
    import httpx

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


def _read(reference: str, body: bytes, kind: str) -> Made:
    audio, words = b"", None
    for content_type, content in parts(body, kind):
        if content_type == "application/json":
            with suppress(ValueError, AttributeError):
                words = json.loads(content).get("words_timestamps")
        elif not audio:
            audio = content
    if not looks_like_sound(audio):
        raise _senseless("sent something that is not sound", "song_not_audio")
    return Made(reference, audio, words)


def _senseless(what: str, code: str = "provider_made_no_sense") -> ProviderInvalidResponse:
    return ProviderInvalidResponse(f"ElevenLabs {what}.", provider="elevenlabs", code=code)
