"""Suno's API as two calls: order a song, and ask how clips are doing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from auratune.core.errors import ProviderInvalidResponse
from auratune.providers.http import ask, open_client, outcome_unknown
from auratune.providers.suno import SUNO
from auratune.providers.suno.clips import Clip

if TYPE_CHECKING:
    import httpx2

BASE_URL = "https://studio-api.prod.suno.com/api/v2/external/hackmit"
_CLIP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class SunoApi:
    """Requests with a key. Each has a connection of its own.

    A pooled one may have been closed by the other side meanwhile, and an order that is lost that way cannot be told
    from one that was paid for.
    """

    def __init__(self, key: str, base_url: str | None = None, *, answer_seconds: float = 60.0) -> None:
        self._headers = {"Authorization": f"Bearer {key}"}
        self._base_url = base_url or BASE_URL
        self._answer_seconds = answer_seconds

    def generate(self, body: dict[str, Any]) -> str:
        """Order a song, and pay for it; the clip's id.

        Raises `ProviderBusy` or `ProviderRefused` where nothing was made, else `ProviderOutcomeUnknown`: without an id
        in the answer the song may exist all the same.
        """
        with self._client() as client:
            answer = ask(
                client,
                "POST",
                "generate",
                vendor=SUNO,
                paid=True,
                deadline_seconds=self._answer_seconds,
                json=body,
            )
        found = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(found, str) or not _CLIP_ID.fullmatch(found):
            raise outcome_unknown(SUNO)
        return found

    def clips(self, ids: tuple[str, ...]) -> list[Clip]:
        """What Suno tells of these clips; unknown ones are missing. Free. Raises `ProviderError`."""
        with self._client() as client:
            answer = ask(
                client,
                "GET",
                "clips",
                vendor=SUNO,
                deadline_seconds=self._answer_seconds,
                params={"ids": ",".join(ids)},
            )
        if not isinstance(answer, list):
            raise ProviderInvalidResponse("Suno's list of songs could not be understood.", provider="suno")
        return [clip for clip in map(Clip.read, answer) if clip]

    def _client(self) -> httpx2.Client:
        return open_client(self._base_url, self._headers, read_seconds=self._answer_seconds)
