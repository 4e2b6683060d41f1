"""A composer whose one call orders the song and brings it: the answer is kept before the order counts as placed."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from auratune.core.errors import ProviderBusy
from auratune.core.song import Song, SongRequest
from auratune.providers.audio_length import sound_length_seconds
from auratune.providers.http import outcome_unknown
from auratune.providers.pay_once import Receipt, buy, paid_already
from auratune.providers.saved_responses import find_response, save_response
from auratune.providers.waiting import rest, while_busy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auratune.core.context import StageContext
    from auratune.core.ports import Budget
    from auratune.core.song import LineTiming, SungLine
    from auratune.core.treatment import MusicBrief
    from auratune.providers.vendor import OnRequest, Vendor

_TURN_SECONDS = 0.5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """What came with the answer to an order."""

    reference: str
    audio: bytes
    answer: dict[str, Any]
    """Plain JSON: what tells the lines and their times."""


class SongApi(Protocol):
    """A vendor's call."""

    vendor: Vendor
    rights: str

    def request(self, context: StageContext, brief: MusicBrief) -> dict[str, Any]:
        """The body of the call."""
        ...

    def instead(self, brief: MusicBrief, error: Exception) -> dict[str, Any] | None:
        """Another body, where the vendor declined the first one, made nothing, and told what it would take."""
        ...

    def send(self, body: dict[str, Any], receipt: Receipt, seconds: float) -> Made:
        """Make the call; fill in the receipt as soon as the answer begins. Raises `ProviderError`."""
        ...

    def lines(
        self, brief: MusicBrief, answer: dict[str, Any], song_seconds: float
    ) -> tuple[tuple[SungLine, ...], LineTiming]:
        """What is sung and when."""
        ...


class OneCallComposer:
    """Orders and receives a song in one call."""

    def __init__(
        self, api: SongApi, *, deadline_seconds: float, on_request: OnRequest, budget: Budget | None = None
    ) -> None:
        """`deadline_seconds` covers an order with all its tries: composing takes as long as the answer does.

        A lease for a vendor that serves few requests at the same time is waited for as long again.
        """
        self.vendor = api.vendor
        self.name = api.vendor.name
        self._api = api
        self._deadline_seconds = deadline_seconds
        self._on_request = on_request
        self._budget = budget

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        """Have the song made, and keep it with what was told about it beside it.

        Pays at most once in each attempt of the task. When the vendor declines the words and suggests others, that is
        tried once: declining proves that nothing was made. Raises `ProviderBusy`, `ProviderRefused`,
        `ProviderInvalidResponse`, `ProviderOutcomeUnknown`, `StorageError`.
        """
        saved = find_response(context, self.vendor)
        done = paid_already(context, self.vendor)
        if done and saved and saved.belongs_to(done) and context.store.head(_sound_of(saved.key)):
            return self._ordered(brief, done.reference, _sound_of(saved.key))
        if done and done.attempt == context.attempt:
            raise outcome_unknown(self.vendor)
        with self._lease(context):
            ends = time.monotonic() + self._deadline_seconds
            try:
                made = self._patiently(context, self._api.request(context, brief), ends)
            except Exception as error:
                body = self._api.instead(brief, error)
                if body is None:
                    raise
                made = self._patiently(context, body, ends)
        return self._ordered(brief, *made)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        """The song that came with the order, as a `Song` with its lines; spends nothing, fetches nothing.

        Raises `StorageError` when it is gone, and `InvalidSong` when it is no sound.
        """
        with context.store.fetch(order.key) as path:
            length = sound_length_seconds(context, path)
        saved = find_response(context, self.vendor)
        answer = saved.answer if saved and saved.reference == order.reference else None
        lines, timing = self._api.lines(order.brief, answer if isinstance(answer, dict) else {}, length)
        return Song(
            key=order.key,
            music_by=self.name,
            length_seconds=length,
            brief=order.brief,
            lines=lines,
            timing=timing,
            reference=order.reference,
            rights=self._api.rights,
            notices=order.notices,
        )

    def _ordered(self, brief: MusicBrief, reference: str, key: str) -> SongRequest:
        return SongRequest(music_by=self.name, brief=brief, reference=reference, key=key)

    def _patiently(self, context: StageContext, body: dict[str, Any], ends: float) -> tuple[str, str]:
        context.report(None, f"{self.vendor.title} is composing…")
        return while_busy(
            context,
            lambda: self._buy(context, body, ends),
            # What is left after waiting must do for composing.
            deadline_seconds=(ends - time.monotonic()) / 2,
            most=4,
            note=f"{self.vendor.title} is busy; waiting for a turn",
        )

    def _buy(self, context: StageContext, body: dict[str, Any], ends: float) -> tuple[str, str]:
        seconds = max(1.0, ends - time.monotonic())

        def call(receipt: Receipt) -> tuple[str, str]:
            made = self._api.send(body, receipt, seconds)
            # The sound first, then the words: where the words are, the sound is too.
            sound = _sound_of(receipt.answer_name)
            with context.output(sound) as path:
                path.write_bytes(made.audio)
            save_response(context, receipt, made.answer)
            return made.reference, context.key(sound)

        return buy(
            context,
            self.vendor,
            "music",
            body,
            call,
            deadline_seconds=seconds,
            on_request=self._on_request,
            note=f"{self.vendor.title} is composing",
        )

    @contextmanager
    def _lease(self, context: StageContext) -> Iterator[None]:
        """Wait until fewer of our requests are under way, in all processes, than the vendor serves at the same time."""
        at_once = self.vendor.capabilities.concurrency
        if self._budget is None or not at_once:
            yield
            return
        ends = time.monotonic() + self._deadline_seconds
        while not (lease := self._budget.lease(f"{self.name}.songs", at_once, self._deadline_seconds)):
            if time.monotonic() > ends:
                raise ProviderBusy(
                    f"Too many films want a song of {self.vendor.title} just now; try again later.",
                    provider=self.name,
                    code="provider_rate_limited",
                )
            rest(context, _TURN_SECONDS, f"Waiting for a turn with {self.vendor.title}")
        try:
            yield
        finally:
            try:
                self._budget.release(lease)
            except Exception:  # noqa: BLE001 -- the song is there; the lease ends by itself
                _log.exception("The lease for %s could not be released", self.vendor.title)


def _sound_of(answer: str) -> str:
    """The sound is beside the answer."""
    return answer.removesuffix(".json") + ".mp3"
