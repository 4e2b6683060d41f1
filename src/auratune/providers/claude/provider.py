"""Claude looks at the photo and writes title, lyrics, look and music brief, all in one paid call."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from auratune.core.errors import AuraTuneError, ProviderBusy, ProviderError, ProviderInvalidResponse, ProviderRefused
from auratune.core.scene import Scene
from auratune.providers.claude import CLAUDE
from auratune.providers.http import failure_of_status, failure_of_transport, outcome_unknown, retry_after
from auratune.providers.measuring import LIMITS, measure
from auratune.providers.pay_once import paid_already, paying
from auratune.providers.saved_responses import SavedResponse, find_response, save_response
from auratune.providers.vendor import ignore_request
from auratune.providers.waiting import Pending, while_busy
from auratune.providers.words.answer import Answer
from auratune.providers.words.answer_reading import adapted, read_answer, to_scene
from auratune.providers.words.prompt import SYSTEM, request_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from anthropic import Anthropic, AnthropicError

    from auratune.core.context import StageContext
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.treatment import Treatment
    from auratune.providers.vendor import OnRequest

BASE_URL = "https://api.anthropic.com"
MODEL = "claude-sonnet-5-5"
LONG_EDGE_PX = 1568
"""Larger pictures are scaled down on the other side anyway."""
_MOST_TOKENS = 6000
_ANSWER = "claude.json"
_ENCODE = "auratune.vision.thumbnail:encode_small"


class Claude:
    """Observer and writer in one: `observe` pays for both, and leaves the treatment in the scene for `write`."""

    name = CLAUDE.name
    vendor = CLAUDE

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
        """`deadline_seconds` covers all tries of one photo; `effort` may be empty for models that take none."""
        self._key = key
        self._base_url = base_url or BASE_URL
        self._model = model
        self._effort = effort
        self._deadline_seconds = deadline_seconds
        self._on_request = on_request

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        """Measure the photo here, have it seen and written about there, and join both.

        The answer is kept as `photos/<task id>.claude.json`: a task pays once, however often this stage runs. Raises
        `ProviderBusy`, `ProviderRefused`, `ProviderInvalidResponse`, `ProviderOutcomeUnknown`, `StorageError`,
        `SubprocessFailed`.
        """
        with context.store.fetch(photo.key) as path:
            measuring = Pending(lambda: measure(context, photo))
            text = self._kept_text(context) or self._ask(context, str(path), options)
            measured = measuring.wait(context, LIMITS.wall_seconds)
        return to_scene(read_answer(text), measured, photo, options)

    def write(self, context: StageContext, photo: Photo, scene: Scene, options: Options) -> Treatment:
        """The treatment that came with the scene, adapted to the wishes; asks nobody.

        Raises `ProviderRefused` for a scene that someone else has seen.
        """
        del context, photo
        if scene.draft is None:
            raise ProviderRefused(
                "Claude has not seen this photo, so it has nothing to write.",
                provider=self.name,
                code="provider_no_draft",
            )
        return adapted(scene.draft, options)

    def _kept_text(self, context: StageContext) -> str:
        """The answer that this task has already paid for; empty where Claude may be asked."""
        kept = find_response(context, _ANSWER, CLAUDE)
        done = paid_already(context, CLAUDE)
        if done is None:
            return ""
        if kept and kept.belongs_to(done):
            return str(kept.answer)
        if done.attempt == context.attempt:
            raise outcome_unknown(CLAUDE)
        return ""

    def _ask(self, context: StageContext, path: str, options: Options) -> str:
        context.report(None, "Claude is looking at the photo…")
        # The SDK takes more than a second to load, so that is done while a child encodes the picture.
        loading = Pending(lambda: import_module("anthropic"))
        image = context.run_in_subprocess(_ENCODE, path, LONG_EDGE_PX, limits=LIMITS)
        loading.wait(context, LIMITS.wall_seconds)
        request = self._request(image, options)
        return while_busy(
            context,
            lambda: self._pay(context, request),
            deadline_seconds=self._deadline_seconds,
            most=3,
            pause_seconds=1.0,
            note="Claude is busy; waiting for a turn",
        )

    def _request(self, image: str, options: Options) -> dict[str, Any]:
        from anthropic import transform_schema  # takes 1.3 s and 75 MB, so only where there is a key

        output: dict[str, Any] = {"format": {"type": "json_schema", "schema": transform_schema(Answer)}}
        if self._effort:
            output["effort"] = self._effort
        picture = {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": image}}
        return {
            "model": self._model,
            "max_tokens": _MOST_TOKENS,
            "system": SYSTEM,
            "messages": [{"role": "user", "content": [picture, {"type": "text", "text": request_text(options)}]}],
            "output_config": output,
        }

    def _pay(self, context: StageContext, request: dict[str, Any]) -> str:
        outcome = "ok"
        try:
            with paying(context, CLAUDE, "words", request) as receipt:
                call = Pending(
                    lambda: self.call(
                        lambda client: client.messages.create(**request, timeout=self._deadline_seconds), paid=True
                    )
                )
                message = call.wait(context, self._deadline_seconds)
                receipt.reference = _text(getattr(message, "id", "")) or "unnamed"
                receipt.units = _units(message)
                text = _text_of(message)
                read_answer(text)
                save_response(
                    context,
                    _ANSWER,
                    SavedResponse(number=receipt.number, reference=receipt.reference, units=receipt.units, answer=text),
                )
                return text
        except TimeoutError:
            outcome = "provider_outcome_unknown"
            raise outcome_unknown(CLAUDE) from None
        except AuraTuneError as error:
            outcome = error.code
            raise
        finally:
            self._on_request(self.name, outcome)

    def call(self, request: Callable[[Anthropic], Any], *, paid: bool) -> Any:
        """Make one request. The SDK's own retries are off: they repeat a call whose answer was lost, and pay twice."""
        import anthropic  # takes 1.3 s and 75 MB, so only where there is a key

        try:
            with anthropic.Anthropic(api_key=self._key, base_url=self._base_url, max_retries=0) as client:
                return request(client)
        except anthropic.AnthropicError as error:
            raise self._failure(error, paid=paid) from None
        except ValueError:
            raise ProviderInvalidResponse("Claude's answer could not be read.", provider=self.name) from None

    def _failure(self, error: AnthropicError, *, paid: bool) -> ProviderError:
        import anthropic  # loaded already where an error of it can arise

        if isinstance(error, anthropic.APIStatusError):
            if error.status_code == 404:
                return ProviderRefused(
                    f"Claude does not know the model {self._model}; set CLAUDE_MODEL to one it has.",
                    provider=self.name,
                    code="provider_model_unknown",
                )
            # Its own words about a failure of its own prove that no message was made, and such calls are not charged.
            # A gateway's page proves nothing.
            if error.status_code >= 500 and error.type in {"overloaded_error", "api_error"}:
                return ProviderBusy(
                    "Claude is overloaded; try again later.",
                    provider=self.name,
                    code="provider_overloaded",
                    retry_after_seconds=retry_after(error.response.headers),
                )
            return failure_of_status(CLAUDE, error.status_code, error.response.headers, paid=paid)
        if isinstance(error, anthropic.APIConnectionError):
            return failure_of_transport(CLAUDE, error.__cause__ or error, paid=paid)  # type: ignore[arg-type]
        return ProviderInvalidResponse("Claude's answer could not be read.", provider=self.name)


def check(key: str, base_url: str | None = None, *, model: str = MODEL) -> tuple[bool, str]:
    """Whether the key works and the model is there, in a sentence; costs nothing."""
    claude = Claude(key=key, base_url=base_url, model=model)
    try:
        claude.call(lambda client: client.models.retrieve(model, timeout=20.0), paid=False)
    except ProviderError as error:
        return False, error.message
    return True, f"Claude answers, accepts the key and has the model {model}"


def _text_of(message: Any) -> str:
    """The answer's text; why it stopped is looked at first."""
    stop = getattr(message, "stop_reason", None)
    if stop == "refusal":
        raise ProviderRefused(
            "Claude declined to write about this photo.", provider="claude", code="provider_content_refused"
        )
    if stop in {"max_tokens", "model_context_window_exceeded"}:
        raise ProviderInvalidResponse(
            "Claude's answer was cut off before its end.", provider="claude", code="provider_answer_cut"
        )
    blocks = getattr(message, "content", None)
    texts = [block.text for block in blocks if getattr(block, "type", "") == "text"] if isinstance(blocks, list) else []
    if stop not in {"end_turn", "stop_sequence"} or not all(isinstance(text, str) for text in texts) or not texts:
        raise ProviderInvalidResponse("Claude's answer held no words.", provider="claude")
    return "".join(texts)


def _units(message: Any) -> dict[str, float]:
    units: dict[str, float] = {}
    for name in ("input_tokens", "output_tokens"):
        with suppress(TypeError, ValueError):
            units[name] = float(getattr(getattr(message, "usage", None), name, None) or 0)
    return {name: count for name, count in units.items() if count}


def _text(value: Any) -> str:
    return value[:100] if isinstance(value, str) else ""
