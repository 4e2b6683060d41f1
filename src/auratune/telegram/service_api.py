"""AuraTune's HTTP API as the bot uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

from auratune.providers.http import is_loopback, retry_after, tls
from auratune.telegram.errors import Refused, TryLater

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECONDS = 60.0
_NO_KEY = "The film service does not accept the bot's key; tell whoever runs this bot (TELEGRAM_SERVICE_KEY)."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a film is."""

    status: str
    line: str
    """For people, such as `Drawing the film: 62 %, about 11 s left`."""
    error: str

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.status in {"done", "error", "cancelled", "expired"}


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What is said along with a film."""

    title: str
    width: int
    height: int
    seconds: float
    size_bytes: int
    share_url: str


class ServiceApi:
    """The service at one address. Every method raises `TryLater`, and `Refused` with a sentence for people."""

    def __init__(self, base_url: str, key: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=base_url,
            headers={"authorization": f"Bearer {key}"} if key else {},
            verify=tls(),
            timeout=_SECONDS,
            trust_env=not is_loopback(base_url),
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def upload(self, photo: Path, name: str, options: Mapping[str, str], key: str) -> str:
        """Send a photo; returns the task's id, the same one however often it is sent with the same key."""
        with photo.open("rb") as file:
            files = {"file": (name, file, "application/octet-stream")}
            answer = await self._ask("POST", "/photos", files=files, data=options, headers={"idempotency-key": key})
        return str(answer["task_id"])

    async def progress(self, task_id: str) -> Progress:
        """How far the film is."""
        said = await self._ask("GET", f"/photos/{task_id}/status")
        left = said["eta_seconds"]
        line = f"{said['message'].rstrip('.… ')}: {said['progress']} %"
        if left is not None:
            line += f", about {left:.0f} s left"
        return Progress(said["status"], line, said["error_message"] or said["message"])

    async def facts(self, task_id: str) -> FilmFacts:
        """What is known of a finished film."""
        said = await self._ask("GET", f"/photos/{task_id}")
        shape = (said["width"] or 0, said["height"] or 0, said["duration_seconds"] or 0.0)
        return FilmFacts(said["title"], *shape, said["file_size"], said["share_url"])

    async def download(self, task_id: str, path: Path) -> None:
        """Fetch the film."""
        try:
            async with self._client.stream("GET", f"/photos/{task_id}/download", follow_redirects=True) as answer:
                if answer.status_code in {404, 410}:
                    raise Refused("The film was removed before it could be sent.")
                if not answer.is_success:
                    raise TryLater(f"the service does not give the film (status {answer.status_code})")
                with path.open("wb") as file:
                    async for piece in answer.aiter_bytes():
                        file.write(piece)
        except httpx2.TransportError as error:
            raise TryLater(f"the service cannot be reached ({type(error).__name__})") from None

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        try:
            answer = await self._client.request(method, path, **request)
            said = answer.json()
        except httpx2.TransportError as error:
            raise TryLater(f"the service cannot be reached ({type(error).__name__})") from None
        except ValueError:
            raise TryLater("the service's answer cannot be understood") from None
        if not isinstance(said, dict):
            raise TryLater("the service's answer cannot be understood")
        if answer.is_success:
            return said
        if answer.status_code in {401, 403}:
            raise Refused(_NO_KEY)
        if answer.status_code >= 500 or answer.status_code == 429 or said.get("retryable"):
            raise TryLater(f"the service says {said.get('code')}", retry_after(answer.headers) or 0.0)
        raise Refused(str(said.get("detail", "The film service declined this photo.")))
