"""Telegram's Bot API (core.telegram.org/bots/api): its methods that the bot needs, and what its errors mean."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2

from auratune.core.errors import InvalidSetting
from auratune.providers.http import is_loopback, tls
from auratune.telegram.errors import ChatGone, Refused, TryLater

if TYPE_CHECKING:
    from pathlib import Path

MOST_PHOTO_BYTES = 20 * 1024 * 1024
"""The largest file that a bot may fetch."""
MOST_FILM_BYTES = 50 * 1024 * 1024
"""The largest file that a bot may send."""
POLL_SECONDS = 50
_SPARE_SECONDS = 20.0
_UPLOAD_SECONDS = 300.0
_TOO_LARGE = "This picture is larger than a bot may fetch (20 MB); send a smaller one."
_LONGEST_TEXT = 4096
_LONGEST_CAPTION = 1024


class BotApi:
    """One bot. The token is part of every address, so no address may reach a log."""

    def __init__(self, token: str, base_url: str) -> None:
        self._token = token
        self._client = httpx2.AsyncClient(
            base_url=base_url, verify=tls(), timeout=_SPARE_SECONDS, trust_env=not is_loopback(base_url)
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def check(self) -> str:
        """The bot's user name. Raises `InvalidSetting` for a wrong token."""
        return str((await self._call("getMe"))["username"])

    async def updates(self, offset: int) -> list[dict[str, Any]]:
        """New messages from an update's number on, as soon as there are some. What is before it is forgotten."""
        answer = await self._call(
            "getUpdates",
            {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": ["message"]},
            seconds=POLL_SECONDS + _SPARE_SECONDS,
        )
        return [update for update in answer if isinstance(update, dict)]

    async def send(self, chat_id: int, text: str, *, reply_to: int = 0) -> int:
        """Send a message, as an answer to another one where that is named; returns its id."""
        sent = await self._call("sendMessage", {"chat_id": chat_id, "text": text[:_LONGEST_TEXT], **_reply(reply_to)})
        return int(sent["message_id"])

    async def edit(self, chat_id: int, message_id: int, text: str) -> None:
        """Put another text into a message that the bot sent; nothing happens when it cannot be changed any more."""
        try:
            await self._call(
                "editMessageText", {"chat_id": chat_id, "message_id": message_id, "text": text[:_LONGEST_TEXT]}
            )
        except Refused:
            # The person removed it, or it has this text already.
            return

    async def download(self, file_id: str, path: Path) -> None:
        """Fetch a file that was sent to the bot. Raises `Refused` when it is too large, or gone."""
        about = await self._call("getFile", {"file_id": file_id})
        try:
            async with self._client.stream("GET", f"/file/bot{self._token}/{about['file_path']}") as answer:
                if not answer.is_success:
                    raise TryLater(f"Telegram does not give the file (status {answer.status_code})")
                with path.open("wb") as file:
                    async for piece in answer.aiter_bytes():
                        file.write(piece)
                        if file.tell() > MOST_PHOTO_BYTES:
                            raise Refused(_TOO_LARGE)
        except httpx2.TransportError as error:
            raise TryLater(f"Telegram cannot be reached ({type(error).__name__})") from None

    async def send_video(
        self, chat_id: int, path: Path, *, caption: str, width: int, height: int, seconds: float, reply_to: int
    ) -> None:
        """Send a film as an answer to the photo."""
        about = {
            "chat_id": str(chat_id),
            "caption": caption[:_LONGEST_CAPTION],
            "width": str(width),
            "height": str(height),
            "duration": str(round(seconds)),
            "supports_streaming": "true",
            **{name: json.dumps(value) for name, value in _reply(reply_to).items()},
        }
        with path.open("rb") as film:
            files = {"video": ("film.mp4", film, "video/mp4")}
            await self._call("sendVideo", data=about, files=files, seconds=_UPLOAD_SECONDS)

    async def _call(
        self, method: str, body: dict[str, Any] | None = None, *, seconds: float = _SPARE_SECONDS, **request: Any
    ) -> Any:
        if body is not None:
            request["json"] = body
        try:
            answer = await self._client.post(f"/bot{self._token}/{method}", timeout=seconds, **request)
            said = answer.json()
        except httpx2.TransportError as error:
            raise TryLater(f"Telegram cannot be reached ({type(error).__name__})") from None
        except ValueError:
            raise TryLater("Telegram's answer cannot be understood") from None
        if not isinstance(said, dict) or answer.status_code >= 500:
            raise TryLater(f"Telegram is out of order (status {answer.status_code})")
        if said.get("ok") is True:
            return said.get("result")
        raise _failure(answer.status_code, said)


def _failure(status: int, said: dict[str, Any]) -> Exception:
    """What an error means. Telegram's own words are left out of what people read: they are for programmers."""
    if status in {401, 404}:
        return InvalidSetting("TELEGRAM_TOKEN is not one that Telegram knows; copy it again from @BotFather.")
    if status == 429:
        asked = said.get("parameters", {}).get("retry_after", 1)
        return TryLater("Telegram allows no more requests just now", float(asked))
    if status == 409:
        return TryLater("another process reads this bot's messages; only one may")
    description = str(said.get("description", ""))
    if status == 403 or "chat not found" in description:
        return ChatGone("the chat is closed to the bot")
    if "file is too big" in description:
        return Refused(_TOO_LARGE)
    return Refused("Telegram did not take the bot's answer; send the photo again.")


def _reply(message_id: int) -> dict[str, Any]:
    if not message_id:
        return {}
    return {"reply_parameters": {"message_id": message_id, "allow_sending_without_reply": True}}
