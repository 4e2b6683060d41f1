"""ElevenLabs Music: a song of exactly the film's length, with our lyrics, and the time of each sung word."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from auratune.core.errors import ProviderError
from auratune.providers.content_filter import is_a_slur, names_an_address
from auratune.providers.elevenlabs import ELEVENLABS
from auratune.providers.elevenlabs.client import FORMATS, FormatRefused, Suggested, call, compose
from auratune.providers.elevenlabs.composition_plan import body_of, body_of_prompt, fits
from auratune.providers.one_call import Made, OneCallComposer
from auratune.providers.vendor import CheckResult, ignore_request
from auratune.providers.word_timing import lines_of, read_words, sung_lines

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.ports import Budget
    from auratune.core.song import LineTiming, SungLine
    from auratune.core.treatment import MusicBrief
    from auratune.providers.pay_once import Receipt
    from auratune.providers.vendor import OnRequest

BASE_URL = "https://api.elevenlabs.io"
MODEL = "music_v2_5"


class ElevenLabsComposer(OneCallComposer):
    """Songs by ElevenLabs Music."""

    def __init__(
        self,
        *,
        key: str,
        base_url: str | None = None,
        model: str = MODEL,
        deadline_seconds: float = 120.0,
        budget: Budget | None = None,
        on_request: OnRequest = ignore_request,
    ) -> None:
        """See `OneCallComposer`."""
        api = MusicApi(key, base_url or BASE_URL, model)
        super().__init__(api, deadline_seconds=deadline_seconds, budget=budget, on_request=on_request)


class MusicApi:
    """Requests with a key to one model."""

    vendor = ELEVENLABS
    rights = "Made by ElevenLabs Music; its terms and the plan of the account decide how the music may be used."

    def __init__(self, key: str, base_url: str, model: str) -> None:
        self._key, self._base_url, self._model = key, base_url, model

    def request(self, context: StageContext, brief: MusicBrief) -> dict[str, Any]:
        """A call with a plan."""
        del context
        import_module(self.vendor.sdk)  # the SDK takes seconds to load, which must not count as the vendor's time
        return body_of(brief, self._model)

    def instead(self, brief: MusicBrief, error: Exception) -> dict[str, Any] | None:
        """A call with the plan or the prompt that the vendor suggested."""
        if not isinstance(error, Suggested):
            return None
        plan, prompt = error.instead.get("composition_plan_suggestion"), error.instead.get("prompt_suggestion")
        if fits(plan, brief):
            return {**body_of(brief, self._model), "composition_plan": plan}
        if isinstance(prompt, str) and prompt.strip():
            return body_of_prompt(brief, self._model, prompt)
        return None

    def send(self, body: dict[str, Any], receipt: Receipt, seconds: float) -> Made:
        """Make the call; a plan of the account that has no 192 kbps gets 128."""
        for output_format in FORMATS:
            try:
                return call(
                    lambda client, wanted=output_format: compose(client, body, wanted, receipt),  # type: ignore[misc]
                    key=self._key,
                    base_url=self._base_url,
                    deadline_seconds=seconds,
                    paid=True,
                )
            except FormatRefused:
                if output_format == FORMATS[-1]:
                    raise
        raise AssertionError("unreachable: the last format returns or raises")

    def lines(
        self, brief: MusicBrief, answer: dict[str, Any], song_seconds: float
    ) -> tuple[tuple[SungLine, ...], LineTiming]:
        """Our lines where they can be heard, else the words that are."""
        del song_seconds
        if brief.instrumental or not brief.lyrics:
            return (), "none"
        words = read_words(answer.get("words"))
        lines, timing = sung_lines(brief.lyrics, words)
        if timing == "sung" or (not words and answer.get("ours", True)):
            return lines, timing
        heard = lines_of(words)
        if not heard or any(names_an_address(line.text) or is_a_slur(line.text) for line in heard):
            return (), "none"
        return heard, "sung"


def check(key: str, base_url: str | None = None) -> CheckResult:
    """Whether the key works, in a sentence; costs nothing."""
    try:
        found = call(
            lambda client: client.user.subscription.get(request_options={"max_retries": 0}),
            key=key,
            base_url=base_url or BASE_URL,
            deadline_seconds=20.0,
        )
    except ProviderError as error:
        if error.code == "provider_permission_missing" and "user_read" in error.message:
            return True, "ElevenLabs accepts the key; it may not read the account, so its plan and credit are unknown"
        return False, error.message
    if found.tier == "free":
        return False, "ElevenLabs accepts the key, but music needs a paid plan and this account has none"
    return True, f"ElevenLabs answers and accepts the key (plan: {found.tier})"
