"""Suno: a sung song in custom mode, started on while it is still streaming."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auratune.core.errors import (
    AuraTuneError,
    InvalidSong,
    ProviderBusy,
    ProviderError,
    ProviderInvalidResponse,
)
from auratune.core.song import Song, SongRequest, SungLine
from auratune.music.song_stream import read_opening
from auratune.providers.audio_length import sound_length_seconds
from auratune.providers.downloads import Downloads, in_blocks
from auratune.providers.http import is_loopback
from auratune.providers.judging import LONGEST_LEAD_SECONDS, leading_silence
from auratune.providers.pay_once import Receipt, buy, mark_failed, paid_already
from auratune.providers.prompt_text import lyric_sheet, tag_line
from auratune.providers.suno import SUNO
from auratune.providers.suno.api import BASE_URL, SunoApi
from auratune.providers.suno.clips import POLL_SECONDS, Clip, ClipWatch, failed
from auratune.providers.vendor import ignore_request
from auratune.providers.waiting import rest, while_busy
from auratune.retrying import retry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from auratune.core.context import StageContext
    from auratune.core.ports import Budget
    from auratune.core.treatment import MusicBrief
    from auratune.providers.vendor import OnRequest

GENERATIONS_A_MINUTE = 55
FETCHES_A_MINUTE = 90
"""The vendor's limits are 60 and 100; the rest is room for clocks that differ."""
CREDITS_A_SONG = 5.0
MOST_TAG_CHARACTERS = 100
RIGHTS = "Made by Suno; its terms and the plan of the account decide how the music may be used."
OPENING_MARGIN_SECONDS = 2.0
_HELD_BACK_SECONDS = 0.06
"""A decoder gives two frames less than a cut stream holds: 52 ms."""
_SHORTFALL_SECONDS = 1.0
_STREAM_STALL_SECONDS = 20.0
_LONGEST_LISTEN_SECONDS = 180.0
_DOWNLOAD_TRIES = 4
_WORTH_ANOTHER_DOWNLOAD = {"provider_download_failed", "song_not_audio", "song_not_found", InvalidSong.code}
_log = logging.getLogger(__name__)


class SunoComposer:
    """Orders one song, waits for it with one poll for all tasks, and keeps its opening or all of it."""

    name = SUNO.name
    vendor = SUNO

    def __init__(
        self,
        *,
        key: str,
        base_url: str = BASE_URL,
        budget: Budget | None = None,
        on_request: OnRequest = ignore_request,
        poll_seconds: float = POLL_SECONDS,
        order_deadline_seconds: float = 100.0,
        collect_deadline_seconds: float = 420.0,
        answer_seconds: float = 60.0,
        stall_seconds: float = 60.0,
    ) -> None:
        """`order_deadline_seconds` is for getting a turn, `collect_deadline_seconds` for waiting and fetching.

        `answer_seconds` is how long one answer may take, `stall_seconds` how long a download may stand still.
        """
        self._answer_seconds = answer_seconds
        self._api = SunoApi(key, base_url, answer_seconds=answer_seconds)
        self._budget = budget
        self._on_request = on_request
        self._order_deadline_seconds = order_deadline_seconds
        self._collect_deadline_seconds = collect_deadline_seconds
        self._poll_seconds = poll_seconds
        self._downloads = Downloads(SUNO, allow_loopback=is_loopback(base_url), stall_seconds=stall_seconds)
        self._streams = replace(self._downloads, stall_seconds=min(stall_seconds, _STREAM_STALL_SECONDS))
        self._watch = ClipWatch(self._fetch_clips, poll_seconds=poll_seconds, allowance=self._fetch_allowance)

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        """Ask for one song; at most one that is paid for in each attempt of the task.

        Raises `ProviderBusy`, `ProviderRefused`, or `ProviderOutcomeUnknown` when an answer was lost.
        """
        done = paid_already(context, SUNO)
        if done is None:
            ends = time.monotonic() + self._order_deadline_seconds
            reference = while_busy(
                context,
                lambda: self._generate(context, self._request(brief), ends),
                deadline_seconds=self._order_deadline_seconds,
                pause_seconds=self._poll_seconds,
                note="Suno is busy; waiting for a turn",
            )
        else:
            reference = done.reference
        return SongRequest(music_by=self.name, brief=brief, reference=reference)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        """Wait for the song and keep it; spends nothing and may be repeated.

        Unless the whole song is wanted, its opening is taken from the live stream as soon as the film's length is in
        hand; if that fails, the complete file is waited for. Raises `ProviderBusy`, `ProviderRefused`,
        `ProviderInvalidResponse` or `InvalidSong`; the order's reference stays good for another try, except after
        an `error`
        that Suno itself reports.
        """
        ends = time.monotonic() + self._collect_deadline_seconds
        if not order.brief.whole_song:
            clip = self._wait(context, order, ("streaming", "complete"), ends)
            if clip.status == "streaming":
                opening = self._take_opening(context, clip, order, ends)
                if opening:
                    return opening
        return retry(
            lambda: self._take_whole(context, self._wait(context, order, ("complete",), ends), order),
            attempts=_DOWNLOAD_TRIES,
            retry_if=lambda error: isinstance(error, AuraTuneError) and error.code in _WORTH_ANOTHER_DOWNLOAD,
            pause_seconds=lambda failures, _: self._poll_seconds * failures,
            deadline_seconds=ends - time.monotonic(),
            sleep=lambda seconds: rest(context, seconds, "Fetching Suno's song again"),
        )

    def _request(self, brief: MusicBrief) -> dict[str, Any]:
        sheet = "" if brief.instrumental else lyric_sheet(brief.lyrics)
        body: dict[str, Any] = {"tags": tag_line(brief, MOST_TAG_CHARACTERS), "make_instrumental": not sheet}
        if sheet:
            body["prompt"] = sheet
        return body

    def _generate(self, context: StageContext, body: dict[str, Any], ends: float) -> str:
        self._await_turn(context, ends)
        context.report(None, "Asking Suno for a song…")

        def call(receipt: Receipt) -> str:
            receipt.reference = self._api.generate(body)
            receipt.units = {"credits": CREDITS_A_SONG}
            return receipt.reference

        return buy(
            context,
            SUNO,
            "music",
            body,
            call,
            deadline_seconds=self._answer_seconds,
            on_request=self._on_request,
            note="Asking Suno for a song…",
        )

    def _await_turn(self, context: StageContext, ends: float) -> None:
        while self._budget and (seconds := self._budget.take("suno.generate", GENERATIONS_A_MINUTE)) > 0:
            if time.monotonic() + seconds > ends:
                raise ProviderBusy(
                    "Too many films want a song of Suno just now; try again later.",
                    provider=self.name,
                    code="provider_rate_limited",
                )
            rest(context, seconds, "Waiting for a turn with Suno")

    def _fetch_allowance(self) -> float:
        return self._budget.take("suno.clips", FETCHES_A_MINUTE) if self._budget else 0.0

    def _fetch_clips(self, ids: tuple[str, ...]) -> list[Clip]:
        try:
            clips = self._api.clips(ids)
        except ProviderError as error:
            self._on_request(self.name, error.code)
            raise
        self._on_request(self.name, "ok")
        return clips

    def _wait(self, context: StageContext, order: SongRequest, statuses: tuple[str, ...], ends: float) -> Clip:
        clip = self._watch.wait(
            context,
            order.reference,
            lambda clip: clip.status == "error" or (clip.status in statuses and bool(clip.audio_url)),
            deadline_seconds=ends - time.monotonic(),
            note="Suno is composing",
        )
        if clip.status == "error":
            mark_failed(context, SUNO, order.reference)
            raise failed(clip)
        return clip

    def _take_opening(self, context: StageContext, clip: Clip, order: SongRequest, ends: float) -> Song | None:
        try:
            with context.output("suno.mp3") as path:
                length, lead = self._listen_in(context, clip, order, path, ends)
            return replace(_song(order, context.key("suno.mp3"), length), leading_silence_seconds=lead)
        except (ProviderError, InvalidSong) as error:
            _log.warning("Suno's live stream could not be used (%s); waiting for the whole song", error.code)
            return None

    def _listen_in(
        self, context: StageContext, clip: Clip, order: SongRequest, path: Path, ends: float
    ) -> tuple[float, float]:
        """Write the opening of the live stream to `path`; return its seconds, and those of silence at its start.

        Raises `InvalidSong` or `ProviderError`.
        """

        def open_at(offset: int) -> Iterator[bytes]:
            context.report(None, "Suno is playing; listening in…")
            return in_blocks(self._streams.read(context, clip.audio_url, offset), offset)

        def read(seconds: float) -> float:
            opening = read_opening(
                open_at,
                str(path),
                seconds=seconds + OPENING_MARGIN_SECONDS,
                most_seconds=max(0.0, min(_LONGEST_LISTEN_SECONDS, ends - time.monotonic())),
                broken=(ProviderBusy,),
                wait=lambda pause: rest(context, pause),
            )
            if opening.seconds - _HELD_BACK_SECONDS < seconds:
                raise InvalidSong("The stream ended before the film would.", code="song_too_short")
            return opening.seconds - _HELD_BACK_SECONDS

        wanted = order.brief.length_seconds
        length = read(wanted)
        lead = leading_silence(context, path, wanted)
        # The film begins with the first sound, so as much more is needed.
        return (read(wanted + lead) if lead > LONGEST_LEAD_SECONDS else length), lead

    def _take_whole(self, context: StageContext, clip: Clip, order: SongRequest) -> Song:
        context.report(None, "Fetching Suno's song…")
        with context.output("suno.mp3") as path:
            self._downloads.save(context, clip.audio_url, path)
            length = _checked_length(context, path, clip, order)
        return _song(order, context.key("suno.mp3"), length)


def check(key: str, base_url: str | None = None) -> tuple[bool, str]:
    """Whether the key works, in a sentence, found by asking for a clip that does not exist; costs nothing."""
    try:
        SunoApi(key, base_url).clips(("00000000-0000-4000-8000-000000000000",))
    except ProviderError as error:
        return False, error.message
    return True, "Suno answers and accepts the key"


def _song(order: SongRequest, key: str, length_seconds: float) -> Song:
    lines = () if order.brief.instrumental else order.brief.lyrics
    return Song(
        key=key,
        music_by=SunoComposer.name,
        length_seconds=length_seconds,
        brief=order.brief,
        lines=tuple(SungLine(text=line.text, section=line.section) for line in lines),
        reference=order.reference,
        rights=RIGHTS,
        notices=order.notices,
    )


def _checked_length(context: StageContext, path: Path, clip: Clip, order: SongRequest) -> float:
    length = sound_length_seconds(context, path)
    told = clip.duration_seconds
    if told and length < 0.9 * told and length < order.brief.length_seconds + OPENING_MARGIN_SECONDS:
        raise ProviderBusy(
            "Suno's song broke off before its end; try again later.", provider="suno", code="provider_download_failed"
        )
    if length < order.brief.length_seconds - _SHORTFALL_SECONDS:
        raise ProviderInvalidResponse(
            "Suno made a song that is shorter than the film.", provider="suno", code="song_too_short"
        )
    return length
