"""Claude's API as a server: it looks at no photo, and answers with one of a few film ideas, or as it is told to."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import uuid
from typing import Any

from PIL import Image
from tests.simulators.faults import AFTER_ACCEPTANCE, Faults, allowed, strike
from tests.simulators.server import Answer, Asked, Simulator, told

MODEL = "claude-sonnet-5-5"
IDEA: dict[str, Any] = {
    "caption": "A small red house under a pale sun at the foot of dark hills.",
    "subjects": [
        {
            "kind": "thing",
            "label": "red house",
            "left": 420,
            "top": 650,
            "right": 620,
            "bottom": 930,
            "importance": 0.9,
        },
        {"kind": "thing", "label": "sun", "left": 480, "top": 120, "right": 700, "bottom": 400, "importance": 0.6},
    ],
    "valence": 0.4,
    "arousal": 0.35,
    "title": "The Red House Waits",
    "lyrics": [
        {"section": "verse", "text": "Sun on the shoulder of the hill"},
        {"section": "verse", "text": "A kettle somewhere, standing still"},
        {"section": "verse", "text": "You left the little window lit"},
        {"section": "verse", "text": "And I came walking after it"},
        {"section": "chorus", "text": "Red house, keep the evening warm"},
        {"section": "chorus", "text": "I am late but I am near"},
        {"section": "chorus", "text": "Red house, carry me on home"},
        {"section": "chorus", "text": "All the roads are ending here"},
    ],
    "look": "golden",
    "mood_arc": "From a cool, wide quiet to the warmth behind one small window.",
    "style": "indie-folk",
    "genre_tags": ["indie folk", "warm", "acoustic guitar", "soft female voice"],
    "tempo_low_bpm": 88,
    "tempo_high_bpm": 100,
    "key": "G major",
    "energy_curve": [0.3, 0.35, 0.45, 0.5, 0.7, 0.85, 0.8, 0.5],
}
_MOST_BASE64 = 5 * 1024 * 1024


class ClaudeSimulator(Simulator):
    """Counts what is paid and checks what is sent.

    Faults of route `messages`, see `faults.py`, and: `overloaded` (529), `api_error` (500 in the API's own words),
    `no_credit` (402), `refusal`, `max_tokens`, `wrong_schema`, `empty`. `ideas` holds answers to give, in order,
    before the standard one: a dict, or any text.
    """

    def __init__(self, *, key: str = "", answer_seconds: float = 4.0, speed: float = 1.0, port: int = 0) -> None:
        super().__init__(port=port)
        self.faults = Faults()
        self.paid: list[dict[str, Any]] = []
        self.ideas: list[dict[str, Any] | str] = []
        self.images: list[tuple[tuple[int, int], int]] = []
        """Size in pixels and number of EXIF and comment fields of each picture that came."""
        self.lifecycle: dict[str, Any] = {"lifecycle": "active", "retires_at": None}
        self.redirect_to = ""
        """Where every message is sent on to, with 307."""
        self._keys = (key,) if key else ()
        self._answer_seconds = answer_seconds / speed

    @property
    def base_url(self) -> str:
        return self.url

    async def handle(self, asked: Asked) -> Answer:
        if not allowed(asked, "authorization", self._keys):
            return _error(401, "authentication_error")
        if asked.method == "GET" and asked.path.startswith("/v1/models/"):
            model = asked.path.removeprefix("/v1/models/")
            about = {"id": model, "type": "model", "display_name": model, "created_at": "2026-01-01T00:00:00Z"}
            about |= self.lifecycle
            return told(about) if model == MODEL else _error(404, "not_found_error")
        if (asked.method, asked.path) != ("POST", "/v1/messages"):
            return _error(404, "not_found_error")
        if self.redirect_to:
            return Answer(307, headers={"Location": self.redirect_to})
        fault = self.faults.next("messages")
        own = {
            "overloaded": (529, "overloaded_error"),
            "api_error": (500, "api_error"),
            "no_credit": (402, "billing_error"),
            "model_unknown": (404, "not_found_error"),
        }
        if fault in own:
            return _error(*own[fault])
        if fault == "429:1":
            return _error(429, "rate_limit_error", Retry_After="1")
        if fault and fault not in AFTER_ACCEPTANCE and (answer := await strike(fault)):
            return answer
        return await self._message(asked, fault)

    async def _message(self, asked: Asked, fault: str) -> Answer:
        body = asked.json()
        wrong = self._look_at(body)
        if wrong:
            return _error(400, "invalid_request_error", wrong)
        self.paid.append(body)
        await asyncio.sleep(self._answer_seconds)
        idea = self.ideas.pop(0) if self.ideas else in_pixels(IDEA, *self.images[-1][0])
        text = idea if isinstance(idea, str) else json.dumps(idea)
        stop = fault if fault in {"refusal", "max_tokens"} else "end_turn"
        text = {"refusal": "I can't help with that.", "max_tokens": text[: len(text) // 2]}.get(stop, text)
        text = {"wrong_schema": '{"answer": 42}', "empty": ""}.get(fault, text)
        good = told(
            {
                "id": f"msg_{uuid.uuid4().hex[:20]}",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": [{"type": "text", "text": text}] if text else [],
                "stop_reason": stop,
                "stop_sequence": None,
                "usage": {"input_tokens": 2600, "output_tokens": 620},
            },
            request_id="req_simulated",
        )
        return await strike(fault, good) or good

    def _look_at(self, body: dict[str, Any]) -> str:
        """What is wrong with a request; empty when it is as the API wants it."""
        if "temperature" in body or body.get("output_config", {}).get("format", {}).get("type") != "json_schema":
            return "unexpected parameters"
        picture = body["messages"][0]["content"][0]
        if picture.get("type") != "image":
            return "the image block must stand before the text"
        data = picture["source"]["data"]
        image = Image.open(io.BytesIO(base64.b64decode(data)))
        self.images.append((image.size, len(image.getexif()) + ("comment" in image.info)))
        if f"{image.width} x {image.height} pixels" not in body["messages"][0]["content"][1]["text"]:
            return "the size of the picture is not told, so boxes cannot be given in its pixels"
        if body["max_tokens"] < 8000:
            return "no room for thinking"
        return "image too large" if len(data) > _MOST_BASE64 or max(image.size) > 8000 else ""


def in_pixels(idea: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    """The idea with its boxes, which are in thousandths, in pixels of a picture of this size."""
    sizes = {"left": width, "right": width, "top": height, "bottom": height}
    subjects = [
        one | {side: round(one[side] * size / 1000) for side, size in sizes.items()} for one in idea["subjects"]
    ]
    return {**idea, "subjects": subjects}


def _error(status: int, kind: str, message: str = "planned", **headers: str) -> Answer:
    error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_simulated"}
    return told(error, status, **headers)
