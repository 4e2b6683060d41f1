"""A server with an OpenAI-compatible API and one vision model, as Ollama, LM Studio or OpenRouter would be."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import uuid
from typing import Any

from PIL import Image
from tests.simulators.claude import IDEA, in_pixels
from tests.simulators.faults import AFTER_ACCEPTANCE, Faults, allowed, strike
from tests.simulators.server import Answer, Asked, Simulator, told

MODEL = "qwen3-vl:8b-instruct"


class OpenAICompatibleSimulator(Simulator):
    """Counts what is answered and checks what is sent.

    Faults of route `chat`, see `faults.py`, and: `not_pulled` (404), `refusal`, `content_filter`, `length`,
    `only_thought`, `fenced`, `chatty`, `wrong_schema`, `text_error` (an error that is a text).
    `ideas` holds answers to give, in order.
    """

    def __init__(
        self, *, key: str = "", answer_seconds: float = 3.0, speed: float = 1.0, port: int = 0, model: str = MODEL
    ) -> None:
        super().__init__(port=port)
        self.faults = Faults()
        self.model = model
        self.paid: list[dict[str, Any]] = []
        """Every request that was answered; a real server of that kind may charge for it."""
        self.ideas: list[dict[str, Any] | str] = []
        self._keys = (key,) if key else ()
        self._answer_seconds = answer_seconds / speed

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    async def handle(self, asked: Asked) -> Answer:
        if not allowed(asked, "authorization", self._keys):
            return told({"error": {"message": "Incorrect API key", "type": "invalid_request_error", "code": None}}, 401)
        if (asked.method, asked.path) == ("GET", "/v1/models"):
            return told({"object": "list", "data": [{"id": self.model, "object": "model"}]})
        if (asked.method, asked.path) != ("POST", "/v1/chat/completions"):
            return told({"error": "not found"}, 404)
        fault = self.faults.next("chat")
        if fault == "not_pulled":
            return told({"error": {"message": f"model '{self.model}' not found", "type": "api_error"}}, 404)
        if fault == "text_error":
            return told({"error": "the runner process has terminated"}, 500)
        if fault and fault not in AFTER_ACCEPTANCE and (answer := await strike(fault)):
            return answer
        body = asked.json()
        if wrong := _wrong(body):
            return told({"error": {"message": wrong, "type": "invalid_request_error"}}, 400)
        self.paid.append(body)
        await asyncio.sleep(self._answer_seconds)
        good = self._answer(body, fault)
        return await strike(fault, good) or good

    def _answer(self, body: dict[str, Any], fault: str) -> Answer:
        idea = self.ideas.pop(0) if self.ideas else _boxed(body)
        text = idea if isinstance(idea, str) else json.dumps(idea)
        text = {
            "fenced": f"```json\n{text}\n```",
            "chatty": f"Sure, here is your film:\n{text}\nEnjoy!",
            "wrong_schema": '{"answer": 42}',
            "length": text[: len(text) // 2],
            "only_thought": "",
        }.get(fault, text)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if fault == "refusal":
            message |= {"content": None, "refusal": "I can't help with that."}
        if fault == "only_thought":
            message["reasoning"] = "The picture shows a house…"
        stop = fault if fault in {"length", "content_filter"} else "stop"
        return told(
            {
                "id": f"chatcmpl-{uuid.uuid4().hex[:12]}",
                "object": "chat.completion",
                "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": stop}],
                "usage": {"prompt_tokens": 1800, "completion_tokens": 600, "total_tokens": 2400},
            }
        )


def _picture(body: dict[str, Any]) -> Image.Image:
    url = body["messages"][1]["content"][0]["image_url"]["url"]
    return Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/jpeg;base64,"))))


def _boxed(body: dict[str, Any]) -> dict[str, Any]:
    return in_pixels(IDEA, *_picture(body).size) if "claude" in body["model"] else IDEA


def _wrong(body: dict[str, Any]) -> str:
    form = body.get("response_format", {})
    schema = form.get("json_schema", {}).get("schema", {})
    if form.get("type") != "json_schema" or form["json_schema"].get("strict") is not True:
        return "'response_format.type' must be 'json_schema' or 'text'"
    if not _is_strict(schema):
        return "additionalProperties must be false and all properties required"
    return "image too large" if max(_picture(body).size) > 1024 else ""


def _is_strict(node: Any) -> bool:
    if not isinstance(node, dict):
        return True
    if "properties" in node and (
        node.get("additionalProperties") is not False or set(node["required"]) != set(node["properties"])
    ):
        return False
    return all(_is_strict(one) for one in (*node.get("properties", {}).values(), node.get("items")))
