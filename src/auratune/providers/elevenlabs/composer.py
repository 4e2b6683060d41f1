"""ElevenLabs Music: a song of exactly the film's length, with our lyrics, and the time of each sung word."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from auratune.core.errors import AuraTuneError, ProviderError
from auratune.core.song import Song, SongRequest
from auratune.providers.audio_length import sound_length_seconds
from auratune.providers.content_filter import is_a_slur, names_an_address
from auratune.providers.elevenlabs import ELEVENLABS
from auratune.providers.elevenlabs.client import Made, Suggested, call, compose
from auratune.providers.elevenlabs.composition_plan import body_of, body_of_prompt, fits
from auratune.providers.http import outcome_unknown
from auratune.providers.pay_once import paid_already, paying
from auratune.providers.saved_responses import SavedResponse, find_response, save_response
from auratune.providers.vendor import ignore_request
from auratune.providers.waiting import Pending, while_busy
from auratune.providers.word_timing import lines_of, read_words, sung_lines

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.song import LineTiming, SungLine
    from auratune.core.treatment import MusicBrief
    from auratune.providers.pay_once import Receipt
    from auratune.providers.vendor import OnRequest

BASE_URL = "https://api.elevenlabs.io"
MODEL = "music_v2_5"
_SOUND, _WORDS = "elevenlabs.mp3", "elevenlabs.json"
RIGHTS = "Made by ElevenLabs Music; its terms and the plan of the account decide how the music may be used."


class ElevenLabsComposer:
    """Orders and receives the song in one call; `order` therefore keeps the sound before it returns."""

    name = ELEVENLABS.name
    vendor = ELEVENLABS

    def __init__(
        self,
        *,
        key: str,
        base_url: str | None = None,
        model: str = MODEL,
        deadline_seconds: float = 120.0,
        on_request: OnRequest = ignore_request,
    ) -> None:
        """`deadline_seconds` covers an order with all its tries: composing takes as long as the answer does."""
        self._key = key
        self._base_url = base_url or BASE_URL
        self._model = model
        self._deadline_seconds = deadline_seconds
        self._on_request = on_request

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        """Have the song made, and keep it as `music/<task id>.elevenlabs.mp3` with its words beside it.

        Pays at most once in each attempt of the task. When the vendor declines the words and suggests others, that is
        tried once: declining proves that nothing was made. Raises `ProviderBusy`, `ProviderRefused`,
        `ProviderInvalidResponse`, `ProviderOutcomeUnknown`, `StorageError`.
        """
        kept = find_response(context, _WORDS, ELEVENLABS)
        done = paid_already(context, ELEVENLABS)
        if done and kept and kept.belongs_to(done) and context.store.exists(context.key(_SOUND)):
            return self._ordered(context, brief, done.reference)
        if done and done.attempt == context.attempt:
            raise outcome_unknown(ELEVENLABS)
        ends = time.monotonic() + self._deadline_seconds
        try:
            reference = self._patiently(context, body_of(brief, self._model), ends)
        except Suggested as suggested:
            reference = self._patiently(context, self._second_body(brief, suggested), ends)
        return self._ordered(context, brief, reference)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        """The song that came with the order, as a `Song` with its lines; spends nothing, fetches nothing.

        Raises `StorageError` when it is gone, and `InvalidSong` when it is no MP3.
        """
        with context.store.fetch(order.key) as path:
            length = sound_length_seconds(context, path)
        kept = find_response(context, _WORDS, ELEVENLABS)
        told = kept.answer if kept and kept.reference == order.reference else None
        lines, timing = _lines(order.brief, told if isinstance(told, dict) else {})
        return Song(
            key=order.key,
            music_by=self.name,
            length_seconds=length,
            brief=order.brief,
            lines=lines,
            timing=timing,
            reference=order.reference,
            rights=RIGHTS,
            notices=order.notices,
        )

    def _ordered(self, context: StageContext, brief: MusicBrief, reference: str) -> SongRequest:
        return SongRequest(music_by=self.name, brief=brief, reference=reference, key=context.key(_SOUND))

    def _second_body(self, brief: MusicBrief, suggested: Suggested) -> dict[str, Any]:
        plan, prompt = suggested.instead.get("composition_plan_suggestion"), suggested.instead.get("prompt_suggestion")
        if fits(plan, brief):
            return {**body_of(brief, self._model), "composition_plan": plan}
        if isinstance(prompt, str) and prompt.strip():
            return body_of_prompt(brief, self._model, prompt)
        raise suggested

    def _patiently(self, context: StageContext, body: dict[str, Any], ends: float) -> str:
        context.report(None, "ElevenLabs is composing…")
        return while_busy(
            context,
            lambda: self._pay(context, body, max(1.0, ends - time.monotonic())),
            # What is left after waiting must do for composing.
            deadline_seconds=(ends - time.monotonic()) / 2,
            most=4,
            note="ElevenLabs is busy; waiting for a turn",
        )

    def _pay(self, context: StageContext, body: dict[str, Any], seconds: float) -> str:
        outcome = "ok"
        try:
            with paying(context, ELEVENLABS, "music", body) as receipt:
                making = Pending(lambda: self._compose(body, receipt, seconds))
                made = making.wait(context, seconds, "ElevenLabs is composing")
                self._keep(context, made, receipt, ours="composition_plan" in body)
                return made.reference
        except TimeoutError:
            outcome = "provider_outcome_unknown"
            raise outcome_unknown(ELEVENLABS) from None
        except AuraTuneError as error:
            outcome = error.code
            raise
        finally:
            self._on_request(self.name, outcome)

    def _keep(self, context: StageContext, made: Made, receipt: Receipt, *, ours: bool) -> None:
        """The sound first, then the words: where the words are, the sound is too."""
        with context.output(_SOUND) as path:
            path.write_bytes(made.audio)
        kept = SavedResponse(
            number=receipt.number,
            reference=made.reference,
            units=receipt.units,
            answer={"words": made.words, "ours": ours},
        )
        save_response(context, _WORDS, kept)

    def _compose(self, body: dict[str, Any], receipt: Receipt, seconds: float) -> Made:
        def on_made(reference: str) -> None:
            receipt.reference = reference

        return call(
            lambda client: compose(client, body, on_made),
            key=self._key,
            base_url=self._base_url,
            deadline_seconds=seconds,
            paid=True,
        )


def check(key: str, base_url: str | None = None) -> tuple[bool, str]:
    """Whether the key works, in a sentence; costs nothing."""
    try:
        found = call(
            lambda client: client.user.subscription.get(),
            key=key,
            base_url=base_url or BASE_URL,
            deadline_seconds=20.0,
        )
    except ProviderError as error:
        return False, error.message
    return True, f"ElevenLabs answers and accepts the key (plan: {getattr(found, 'tier', 'unknown')})"


def _lines(brief: MusicBrief, told: dict[str, Any]) -> tuple[tuple[SungLine, ...], LineTiming]:
    """What is sung and when: our lines where they can be heard, else the words that are."""
    if brief.instrumental or not brief.lyrics:
        return (), "none"
    words = read_words(told.get("words"))
    lines, timing = sung_lines(brief.lyrics, words)
    if timing == "sung" or (not words and told.get("ours", True)):
        return lines, timing
    heard = lines_of(words)
    if not heard or any(names_an_address(line.text) or is_a_slur(line.text) for line in heard):
        return (), "none"
    return heard, "sung"
