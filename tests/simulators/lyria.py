"""Google Lyria's interactions API as a server: a clip of half a minute, with the second of each line as text."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import uuid
from typing import Any

from tests.simulators.faults import AFTER_ACCEPTANCE, Faults, allowed, strike
from tests.simulators.server import Answer, Asked, Simulator, told
from tests.simulators.sound import song_mp3

MODEL = "lyria-3-clip-preview"


class LyriaSimulator(Simulator):
    """Counts what is paid and checks what is sent.

    Faults of route `interactions`, see `faults.py`, and: `blocked`, `no_billing`, `no_free_tier`, `quota` (as Google
    words them), `no_audio` (200 without sound), `failed` (200 with that status), `old_form` (`outputs` instead of
    `steps`), `no_times`, `other_words`, `wild_times`, `description_first`, `silent_song`, `noise`, `bad_base64`.
    """

    def __init__(
        self,
        *,
        key: str = "",
        answer_seconds: float = 12.0,
        speed: float = 1.0,
        port: int = 0,
        song_seconds: float = 30.0,
    ) -> None:
        super().__init__(port=port)
        self.faults = Faults()
        self.paid: list[dict[str, Any]] = []
        self._keys = (key,) if key else ()
        self._answer_seconds = answer_seconds / speed
        self._song_seconds = song_seconds

    @property
    def base_url(self) -> str:
        return self.url

    async def handle(self, asked: Asked) -> Answer:
        if not allowed(asked, "x-goog-api-key", self._keys):
            return _error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
        if asked.method == "GET" and asked.path.startswith("/v1beta/models/"):
            model = asked.path.rpartition("/")[2]
            return told({"name": f"models/{model}"}) if model == MODEL else _error(404, "NOT_FOUND", "no such model")
        if (asked.method, asked.path) != ("POST", "/v1beta/interactions"):
            return _error(404, "NOT_FOUND", "no such method")
        fault = self.faults.next("interactions")
        if fault in _ERRORS:
            return _error(*_ERRORS[fault])
        if fault and fault not in AFTER_ACCEPTANCE and (answer := await strike(fault)):
            return answer
        body = asked.json()
        if wrong := _wrong(asked, body):
            return _error(400, "INVALID_ARGUMENT", wrong)
        self.paid.append(body)
        await asyncio.sleep(self._answer_seconds)
        good = self._song(body, fault)
        return await strike(fault, good) or good

    def _song(self, body: dict[str, Any], fault: str) -> Answer:
        seconds = self._song_seconds
        if fault == "no_audio":
            parts: list[dict[str, Any]] = [{"type": "text", "text": "I made a song for you."}]
        else:
            sound = base64.b64encode(
                song_mp3(seconds, kind={"silent_song": "silence", "noise": "noise"}.get(fault, "song"))
            ).decode()
            sound = "***" if fault == "bad_base64" else sound
            parts = [{"type": "audio", "data": sound, "mime_type": "audio/mpeg"}]
            words = _timed(body["input"][0]["text"], seconds, fault)
            about = (
                "Caption: a gentle song\n[[A0]]\n[0.0:] An erratic intro of plucked strings\n"
                f"mosic: 4.5 bpm: 120.0 duration_secs: {seconds}"
            )
            texts = [about, words] if fault == "description_first" else [words, about]
            parts += [{"type": "text", "text": text} for text in texts]
        status = "failed" if fault == "failed" else "completed"
        answer: dict[str, Any] = {"id": f"v1_{uuid.uuid4().hex}", "status": status}
        if fault == "failed":
            parts = []
        if fault == "old_form":
            return told({**answer, "outputs": parts})
        return told({**answer, "steps": [{"type": "model_output", "content": parts}]})


_ERRORS = {
    "model_unknown": (404, "NOT_FOUND", "no such model"),
    "blocked": (400, "INVALID_ARGUMENT", "The prompt was blocked by a safety filter."),
    "no_billing": (400, "FAILED_PRECONDITION", "Enable billing."),
    "no_free_tier": (429, "RESOURCE_EXHAUSTED", "Quota exceeded for metric, limit: 0"),
    "quota": (429, "RESOURCE_EXHAUSTED", "Quota exceeded"),
}


def _wrong(asked: Asked, body: dict[str, Any]) -> str:
    if asked.headers.get("api-revision") != "2026-05-20":
        return "unknown revision"
    kinds = [part.get("type") for part in body.get("input", [])]
    return "" if body.get("model") and kinds in (["text"], ["text", "image"]) else "unexpected input"


def _timed(prompt: str, seconds: float, fault: str) -> str:
    sheet = prompt.partition("Lyrics:\n")[2]
    lines = [line for line in sheet.splitlines() if line and not line.startswith("[")]
    if fault == "other_words":
        lines = ["Something else entirely", "Nothing you have asked for"]
    step = seconds / max(1, len(lines))
    told_lines = ["[[A0]]"]
    for index, line in enumerate(lines):
        second = index * step if fault != "wild_times" else seconds * 2 - index
        told_lines.append(f"[:] {line}" if fault == "no_times" else f"[{second:.1f}:] {re.sub('[.,]', '', line)} (ooh)")
    return "\n".join(told_lines)


def _error(code: int, status: str, message: str) -> Answer:
    return Answer(code, json.dumps({"error": {"code": code, "message": message, "status": status}}).encode())
