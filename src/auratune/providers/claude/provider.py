"""Claude's messages API: a photo and our words in, a structured answer out."""

from __future__ import annotations

import math
from importlib import import_module
from typing import TYPE_CHECKING, Any

from auratune.core.errors import ProviderBusy, ProviderError, ProviderInvalidResponse, ProviderRefused
from auratune.providers.claude import CLAUDE
from auratune.providers.http import (
    cannot_be_sent,
    failure_of_status,
    failure_of_transport,
    is_loopback,
    outcome_unknown,
    retry_after,
)
from auratune.providers.pay_once import counts_of, reference_of
from auratune.providers.vendor import CheckResult, ignore_request
from auratune.providers.words.answer import Answer
from auratune.providers.words.prompt import SYSTEM, request_text
from auratune.providers.words.writer import Boxes, ModelWriter, Picture, Reply, fit, no_sense

if TYPE_CHECKING:
    from collections.abc import Callable

    from anthropic import Anthropic, AnthropicError

    from auratune.core.options import Options
    from auratune.providers.pay_once import Receipt
    from auratune.providers.vendor import OnRequest

BASE_URL = "https://api.anthropic.com"
MODEL = "claude-sonnet-5-5"
_MOST_TOKENS = 16_000
"""Thinking counts too: an answer takes under 1,000, the rest is room for it."""
_TOKEN_PX = 28
_STANDARD, _HIGH_RESOLUTION = (1568, 1568), (2576, 4784)
"""Longest edge in pixels and most tokens of a picture, by the model's tier; a larger one is shrunk on the other side,
and boxes would then be in pixels that we do not know."""
_HIGH_RESOLUTION_MODELS = ("claude-opus-5", "claude-sonnet-5")
_MODELS_WITHOUT_EFFORT = ("claude-haiku-4", "claude-sonnet-4", "claude-3")


class Claude(ModelWriter):
    """Claude as vision model and songwriter."""

    def __init__(
        self,
        *,
        key: str,
        base_url: str | None = None,
        model: str = MODEL,
        effort: str = "low",
        deadline_seconds: float = 60.0,
        on_request: OnRequest = ignore_request,
    ) -> None:
        """`effort` may be empty or `none`, which leaves it to the model."""
        client = MessagesApi(key, base_url or BASE_URL, model, effort, deadline_seconds)
        super().__init__(client, deadline_seconds=deadline_seconds, on_request=on_request)


class MessagesApi:
    """Requests with a key to one model."""

    vendor = CLAUDE
    boxes: Boxes = "pixels"

    def __init__(self, key: str, base_url: str, model: str, effort: str, deadline_seconds: float) -> None:
        self._key, self._base_url, self._model = key, base_url, model
        self._effort = "" if effort == "none" or model.startswith(_MODELS_WITHOUT_EFFORT) else effort
        self._deadline_seconds = deadline_seconds

    def prepare(self) -> None:
        """Load the SDK: 1.3 s and 75 MB, so only where there is a key."""
        import_module(self.vendor.sdk)

    def size_to_send(self, width_px: int, height_px: int) -> tuple[int, int]:
        """The largest size that the model looks at without shrinking it."""
        edge, most_tokens = _HIGH_RESOLUTION if self._model.startswith(_HIGH_RESOLUTION_MODELS) else _STANDARD
        while True:
            width, height = fit(width_px, height_px, edge)
            if math.ceil(width / _TOKEN_PX) * math.ceil(height / _TOKEN_PX) <= most_tokens:
                return width, height
            edge -= _TOKEN_PX // 2

    def request(self, picture: Picture, options: Options) -> dict[str, Any]:
        """The body of a call."""
        from anthropic import transform_schema

        output: dict[str, Any] = {"format": {"type": "json_schema", "schema": transform_schema(Answer)}}
        if self._effort:
            output["effort"] = self._effort
        image = {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": picture.base64}}
        unit = f"pixels of this picture, which is {picture.width_px} x {picture.height_px} pixels large"
        return {
            "model": self._model,
            "max_tokens": _MOST_TOKENS,
            "system": SYSTEM,
            "messages": [{"role": "user", "content": [image, {"type": "text", "text": request_text(options, unit)}]}],
            "output_config": output,
        }

    def send(self, request: dict[str, Any], receipt: Receipt) -> Reply:
        """Make the call."""
        message = self.call(lambda client: client.messages.create(**request, timeout=self._deadline_seconds), paid=True)
        receipt.reference = "unnamed"
        if not isinstance(message, import_module("anthropic.types").Message):
            raise no_sense(CLAUDE, "sent an answer that could not be read")
        receipt.reference, receipt.units = reference_of(message.id), _units(message.usage)
        return Reply(_text_of(message), receipt.reference, receipt.units)

    def call(self, request: Callable[[Anthropic], Any], *, paid: bool) -> Any:
        """Make one request. The SDK's own retries are off: they repeat a call whose answer was lost, and pay twice.

        Redirects are not followed: photo and key would travel to another host.
        """
        import anthropic

        transport = anthropic.DefaultHttpxClient(follow_redirects=False, trust_env=not is_loopback(self._base_url))
        try:
            with anthropic.Anthropic(
                api_key=self._key, base_url=self._base_url, max_retries=0, http_client=transport
            ) as client:
                return request(client)
        except anthropic.AnthropicError as error:
            raise self._failure(error, paid=paid) from None
        except UnicodeError:
            raise cannot_be_sent(CLAUDE) from None
        except (ValueError, RecursionError):
            raise _unreadable(paid=paid) from None

    def _failure(self, error: AnthropicError, *, paid: bool) -> ProviderError:
        import anthropic  # loaded already where an error of it can arise

        if isinstance(error, anthropic.APIStatusError):
            if error.status_code == 404 and error.type is not None:
                wrong = "" if self._base_url == BASE_URL else ", or correct ANTHROPIC_BASE_URL"
                return ProviderRefused(
                    f"Claude does not know the model {self._model}; set CLAUDE_MODEL to one it has{wrong}.",
                    provider=CLAUDE.name,
                    code="provider_model_unknown",
                )
            # Its own words about a failure of its own prove that no message was made, and such calls are not charged.
            # A gateway's page proves nothing.
            if error.status_code >= 500 and error.type in {"overloaded_error", "api_error"}:
                return ProviderBusy(
                    "Claude is overloaded; try again later.",
                    provider=CLAUDE.name,
                    code="provider_overloaded",
                    retry_after_seconds=retry_after(error.response.headers),
                )
            return failure_of_status(CLAUDE, error.status_code, error.response.headers, paid=paid)
        if isinstance(error, anthropic.APIConnectionError):
            return failure_of_transport(CLAUDE, error.__cause__ or error, paid=paid)  # type: ignore[arg-type]
        return _unreadable(paid=paid)


def check(key: str, base_url: str | None = None, *, model: str = MODEL) -> CheckResult:
    """Whether the key works and the model is there, in a sentence; costs nothing."""
    api = MessagesApi(key, base_url or BASE_URL, model, "", 20.0)
    try:
        about = api.call(lambda client: client.models.retrieve(model, timeout=20.0), paid=False)
    except ProviderError as error:
        return False, error.message
    plain: dict[str, Any] = about.model_dump() if hasattr(about, "model_dump") else {}
    lifecycle, ends = plain.get("lifecycle"), str(plain.get("retires_at") or "")[:10]
    if lifecycle == "retired":
        return False, f"the model {model} is retired; set CLAUDE_MODEL to a newer one"
    if lifecycle == "deprecated":
        soon = f" on {ends}" if ends else " soon"
        return True, f"Claude answers, but the model {model} retires{soon}; set CLAUDE_MODEL to a newer one"
    return True, f"Claude answers, accepts the key and has the model {model}"


def _unreadable(*, paid: bool) -> ProviderError:
    """The error for an answer that is no JSON: whether anything was made stays unknown."""
    return outcome_unknown(CLAUDE) if paid else no_sense(CLAUDE, "sent an answer that could not be read")


def _text_of(message: Any) -> str:
    """The answer's text; why it stopped is looked at first."""
    if message.stop_reason == "refusal":
        raise ProviderRefused(
            "Claude declined to write about this photo.", provider=CLAUDE.name, code="provider_content_refused"
        )
    # Tuples: a stop reason may be anything, also what no set can hold.
    if message.stop_reason in ("max_tokens", "model_context_window_exceeded"):
        raise no_sense(CLAUDE, "sent an answer that was cut off before its end", "provider_answer_cut")
    blocks = message.content if isinstance(message.content, list) else []
    texts = [getattr(block, "text", None) for block in blocks if getattr(block, "type", "") == "text"]
    if message.stop_reason not in ("end_turn", "stop_sequence") or not texts:
        raise no_sense(CLAUDE, "sent an answer without words")
    if not all(isinstance(text, str) for text in texts):
        raise ProviderInvalidResponse("Claude's answer could not be read.", provider=CLAUDE.name)
    return "".join(map(str, texts))


def _units(usage: Any) -> dict[str, float]:
    return counts_of({name: getattr(usage, name, None) for name in ("input_tokens", "output_tokens")})
