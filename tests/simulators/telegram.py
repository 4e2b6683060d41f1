"""Telegram's Bot API as a server: one bot, people who write to it, and what they see in their chats."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from tests.simulators.faults import Faults, strike
from tests.simulators.server import Answer, Asked, Simulator, told

TOKEN = "123456:canary-token"


@dataclass
class Chat:
    """What a person sees."""

    texts: dict[int, list[str]] = field(default_factory=dict)
    """By message id, each text it had."""
    films: list[dict[str, str]] = field(default_factory=list)
    """What came with each film; `bytes` is its size."""

    @property
    def shown(self) -> list[str]:
        """The messages as they stand now."""
        return [texts[-1] for texts in list(self.texts.values())]


class TelegramSimulator(Simulator):
    """Keeps updates until they are confirmed by a higher offset, as the real one does.

    Faults by method (`getUpdates`, `sendVideo`, `file` …), see `faults.py`; `429:1` also says so in the body.
    """

    def __init__(self, *, port: int = 0, poll_seconds: float = 0.02) -> None:
        super().__init__(port=port)
        self.faults = Faults()
        self.chats: dict[int, Chat] = {}
        self.asked: list[str] = []
        """Methods, in order."""
        self._all: list[dict[str, Any]] = []
        self._updates: list[dict[str, Any]] = []
        self._files: dict[str, bytes] = {}
        self._numbers = itertools.count(1)
        self._poll_seconds = poll_seconds

    # ── what a person does ──

    def send_photo(self, chat_id: int, photo: bytes, *, caption: str = "", as_file: bool = False) -> int:
        """Returns the update's number."""
        number = next(self._numbers)
        self._files[f"small-{number}"] = b"a thumbnail"
        self._files[f"file-{number}"] = photo
        if as_file:
            content: dict[str, Any] = {
                "document": {"file_id": f"file-{number}", "file_name": "hills.jpg", "mime_type": "image/jpeg"}
            }
        else:
            sizes = (("small", 90, 67), ("file", 1280, 960))
            content = {"photo": [{"file_id": f"{name}-{number}", "width": w, "height": h} for name, w, h in sizes]}
        return self._update(number, chat_id, content | ({"caption": caption} if caption else {}))

    def send_text(self, chat_id: int, text: str) -> int:
        return self._update(next(self._numbers), chat_id, {"text": text})

    def again(self, number: int) -> None:
        """Forget that an update was confirmed, as after a crash before the confirmation."""
        self._updates = [update for update in self._all if update["update_id"] >= number]

    def chat(self, chat_id: int) -> Chat:
        return self.chats.setdefault(chat_id, Chat())

    # ── what the bot asks ──

    async def handle(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("/file")
        if not path.startswith(f"/bot{TOKEN}/"):
            return _refused(401, "Unauthorized")
        method = "file" if path != asked.path else path.rpartition("/")[2]
        self.asked.append(method)
        fault = self.faults.next(method)
        if fault.startswith("429:"):
            return _refused(429, "Too Many Requests", parameters={"retry_after": int(fault.removeprefix("429:"))})
        if fault in _DESCRIBED:
            return _refused(*_DESCRIBED[fault])
        if fault and (answer := await strike(fault)):
            return answer
        if method == "file":
            return Answer(200, self._files[path.rpartition("/")[2]], kind="application/octet-stream")
        methods = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "editMessageText": self._edit_text,
            "getFile": self._get_file,
            "sendVideo": self._send_video,
        }
        return await methods[method](asked)

    async def _get_me(self, asked: Asked) -> Answer:
        return _good({"id": 123456, "is_bot": True, "username": "films_bot"})

    async def _get_updates(self, asked: Asked) -> Answer:
        offset = asked.json()["offset"]
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        if not self._updates:
            await asyncio.sleep(self._poll_seconds)
        return _good(list(self._updates))

    async def _send_message(self, asked: Asked) -> Answer:
        said = asked.json()
        number = next(self._numbers)
        self.chat(said["chat_id"]).texts[number] = [said["text"]]
        return _good({"message_id": number})

    async def _edit_text(self, asked: Asked) -> Answer:
        said = asked.json()
        texts = self.chat(said["chat_id"]).texts.get(said["message_id"], [""])
        if texts[-1] == said["text"]:
            return _refused(400, "Bad Request: message is not modified")
        texts.append(said["text"])
        return _good({"message_id": said["message_id"]})

    async def _get_file(self, asked: Asked) -> Answer:
        return _good({"file_id": asked.json()["file_id"], "file_path": f"photos/{asked.json()['file_id']}"})

    async def _send_video(self, asked: Asked) -> Answer:
        form = message_from_bytes(b"Content-Type: " + asked.headers["content-type"].encode() + b"\r\n\r\n" + asked.body)
        about: dict[str, str] = {}
        for part in form.get_payload():
            assert not isinstance(part, str)
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            about |= {"bytes": str(len(content))} if name == "video" else {name: content.decode()}
        self.chat(int(about["chat_id"])).films.append(about)
        return _good({"message_id": next(self._numbers)})

    def _update(self, number: int, chat_id: int, content: dict[str, Any]) -> int:
        message = {"message_id": next(self._numbers), "chat": {"id": chat_id, "type": "private"}, **content}
        self._all.append({"update_id": number, "message": message})
        self._updates.append(self._all[-1])
        return number


_DESCRIBED = {
    "blocked": (403, "Forbidden: bot was blocked by the user"),
    "too_big": (400, "Bad Request: file is too big"),
    "conflict": (409, "Conflict: terminated by other getUpdates request"),
}


def _good(result: Any) -> Answer:
    return told({"ok": True, "result": result})


def _refused(status: int, description: str, **more: Any) -> Answer:
    return told({"ok": False, "error_code": status, "description": description, **more}, status)
