"""`POST /chat/completions` with a picture and a strict JSON schema: what all such servers have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from auratune.core.errors import ProviderError, ProviderInvalidResponse, ProviderRefused
from auratune.providers.http import ask, is_loopback, open_client
from auratune.providers.openai_compatible import OPENAI
from auratune.providers.openai_compatible.answer_text import json_in, strict_schema
from auratune.providers.pay_once import counts_of, reference_of
from auratune.providers.vendor import CheckResult, ignore_request
from auratune.providers.words.answer_reading import read_answer
from auratune.providers.words.prompt import SYSTEM, request_text
from auratune.providers.words.writer import Boxes, ModelWriter, Picture, Reply, fit, no_sense

if TYPE_CHECKING:
    from auratune.core.options import Options
    from auratune.providers.pay_once import Receipt
    from auratune.providers.vendor import OnRequest

LONG_EDGE_PX = 1024
"""Small models have little room: a larger picture would push the words out of what they can read."""
DEADLINE_SECONDS = 180.0
"""The first call loads the model, which may take minutes."""
_MOST_TOKENS = 8000
_BOXES: tuple[tuple[str, Boxes], ...] = (
    ("claude", "pixels"),
    ("gemini", "thousandths"),
    ("qwen3-vl", "thousandths"),
    ("qwen3.5", "thousandths"),
)
"""How families tell where something is; all others keep the boxes that are measured here."""


class OpenAICompatible(ModelWriter):
    """A model behind such an API as vision model and songwriter."""

    def __init__(
        self,
        *,
        model: str,
        base_url: str,
        key: str = "",
        deadline_seconds: float = DEADLINE_SECONDS,
        spends: bool | None = None,
        on_request: OnRequest = ignore_request,
    ) -> None:
        """`deadline_seconds` covers all tries of one photo. `spends` None: see `_is_free`."""
        super().__init__(
            ChatApi(model, base_url, key, deadline_seconds, spends=spends),
            deadline_seconds=deadline_seconds,
            on_request=on_request,
            note=f"{model} is looking at the photo; its first answer may take three minutes, while it is loaded",
        )


class ChatApi:
    """Requests to one model of one server."""

    def __init__(
        self, model: str, base_url: str, key: str, deadline_seconds: float, *, spends: bool | None = None
    ) -> None:
        self._model, self._base_url, self._deadline_seconds = model, base_url, deadline_seconds
        self._headers = {"Authorization": f"Bearer {key or 'none'}"}
        self._spends = not _is_free(base_url) if spends is None else spends
        capabilities = replace(OPENAI.capabilities, spends=self._spends)
        self.vendor = replace(OPENAI, title=_title(base_url), capabilities=capabilities)

    @property
    def boxes(self) -> Boxes:
        """By the family of the model."""
        name = self._model.lower()
        return next((boxes for family, boxes in _BOXES if family in name), "none")

    def prepare(self) -> None:
        """Nothing takes time."""

    def size_to_send(self, width_px: int, height_px: int) -> tuple[int, int]:
        """At most 1024 pixels."""
        return fit(width_px, height_px, LONG_EDGE_PX)

    def request(self, picture: Picture, options: Options) -> dict[str, Any]:
        """The body of a call."""
        unit = {
            "pixels": f"pixels of this picture, which is {picture.width_px} x {picture.height_px} pixels large",
            "thousandths": "thousandths of the picture's width and height, 0 to 1000",
            "none": "",
        }[self.boxes]
        image = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{picture.base64}"}}
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": [image, {"type": "text", "text": request_text(options, unit)}]},
            ],
            # `json_object` would be refused by LM Studio.
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "film", "strict": True, "schema": strict_schema()},
            },
            **_extras(self._base_url),
        }

    def send(self, request: dict[str, Any], receipt: Receipt) -> Reply:
        """Make the call; where it is free, a useless answer is asked for once more."""
        reply = self._once(request, receipt)
        if self._spends:
            return reply
        try:
            read_answer(reply.text, self.vendor)
        except ProviderInvalidResponse:
            again = [
                *request["messages"],
                {"role": "assistant", "content": reply.text[:4000]},
                {
                    "role": "user",
                    "content": "That was not JSON in the form of the schema. Answer with that JSON alone.",
                },
            ]
            return self._once({**request, "messages": again}, receipt)
        return reply

    def model_names(self) -> list[str]:
        """The models that the server names; free. Raises `ProviderError`."""
        with open_client(self._base_url, self._headers, read_seconds=20.0) as client:
            answer = ask(client, "GET", "models", vendor=self.vendor, deadline_seconds=20.0)
        listed = answer.get("data") if isinstance(answer, dict) else None
        return [str(one.get("id")) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []

    def _once(self, request: dict[str, Any], receipt: Receipt) -> Reply:
        with open_client(self._base_url, self._headers, read_seconds=self._deadline_seconds) as client:
            answer = ask(
                client,
                "POST",
                "chat/completions",
                vendor=self.vendor,
                paid=self._spends,
                deadline_seconds=self._deadline_seconds,
                explain=self._explain,
                json=request,
            )
        about: dict[str, Any] = answer if isinstance(answer, dict) else {}
        receipt.reference = reference_of(about.get("id"))
        receipt.units = _units(about.get("usage"))
        return Reply(self._text_of(about), receipt.reference, receipt.units)

    def _text_of(self, answer: dict[str, Any]) -> str:
        """The answer's text; why it ended is looked at first."""
        choices = answer.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        message = choice.get("message")
        message = message if isinstance(message, dict) else {}
        if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
            raise ProviderRefused(
                f"{self.vendor.title} declined to write about this photo.",
                provider=OPENAI.name,
                code="provider_content_refused",
            )
        if choice.get("finish_reason") == "length":
            raise no_sense(self.vendor, "sent an answer that was cut off before its end", "provider_answer_cut")
        content = message.get("content")
        if not isinstance(content, str) or not content.strip():
            thought = message.get("reasoning") or message.get("reasoning_content")
            hint = f"; {self._model} only thought, so take its -instruct form" if thought else ""
            raise no_sense(self.vendor, f"sent an answer without words{hint}")
        return json_in(content)

    def _explain(self, status: int, answer: Any) -> ProviderError | None:
        about = answer[0] if isinstance(answer, list) and answer else answer
        # A page without an error of the API's own means that there is no API at this address.
        if status != 404 or not isinstance(about, dict) or not ("error" in about or about.get("object") == "error"):
            return None
        pull = f"; `ollama pull {self._model}` brings it" if _is_ollama(self._base_url) else ""
        return ProviderRefused(
            f"{self.vendor.title} does not have the model {self._model}{pull or ', or OPENAI_BASE_URL is wrong'}.",
            provider=OPENAI.name,
            code="provider_model_unknown",
        )


def check(model: str, base_url: str, key: str = "") -> CheckResult:
    """Whether the server answers and has the model, in a sentence; costs nothing."""
    api = ChatApi(model, base_url, key, 20.0)
    try:
        names = api.model_names()
    except ProviderError as error:
        return False, error.message
    if names and not {model, f"{model}:latest"} & {name.removeprefix("models/") for name in names}:
        pull = f"; `ollama pull {model}` brings it" if _is_ollama(base_url) else f"; it has {', '.join(names[:5])}"
        return False, f"{api.vendor.title} answers, but does not have the model {model}{pull}"
    return True, f"{api.vendor.title} answers and has the model {model}"


def _title(base_url: str) -> str:
    host = urlsplit(base_url).hostname or ""
    known = {"api.openai.com": "OpenAI", "openrouter.ai": "OpenRouter", "generativelanguage.googleapis.com": "Gemini"}
    if _is_ollama(base_url):
        return "Ollama"
    return known.get(host, f"The model at {host}")


def _is_free(base_url: str) -> bool:
    """A server on this machine, or Ollama on another one: from a container, the host's has a name."""
    return is_loopback(base_url) or (_is_ollama(base_url) and urlsplit(base_url).hostname != "ollama.com")


def _is_ollama(base_url: str) -> bool:
    parts = urlsplit(base_url)
    return parts.port == 11434 or parts.hostname == "ollama.com"


def _extras(base_url: str) -> dict[str, Any]:
    """What only some servers understand."""
    host = urlsplit(base_url).hostname
    if _is_ollama(base_url):
        return {"reasoning_effort": "none"}
    if host == "openrouter.ai":
        return {"provider": {"require_parameters": True}}
    return {"max_completion_tokens": _MOST_TOKENS} if host == "api.openai.com" else {}


def _units(usage: Any) -> dict[str, float]:
    told = usage if isinstance(usage, dict) else {}
    return counts_of({"input_tokens": told.get("prompt_tokens"), "output_tokens": told.get("completion_tokens")})
