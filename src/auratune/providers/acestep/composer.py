"""ACE-Step: a song by a model on the operator's own machine; free, so it may be asked again."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from auratune.core.errors import ProviderBusy, ProviderError, ProviderInvalidResponse
from auratune.core.song import Song, SongRequest, SungLine
from auratune.providers.acestep import ACESTEP
from auratune.providers.audio_length import sound_length_seconds
from auratune.providers.downloads import MOST_BYTES, looks_like_sound
from auratune.providers.http import ask, fetch, open_client, timed_out
from auratune.providers.prompt_text import lyric_sheet, tag_line
from auratune.providers.vendor import CheckResult, ignore_request
from auratune.providers.waiting import rest, while_busy

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.treatment import MusicBrief
    from auratune.providers.vendor import OnRequest

RIGHTS = "Made by ACE-Step on a machine of your own; its licence (MIT) leaves the music to you."
NOTICE = "ACE-Step does not tell when a line is sung, so the times of the captions are estimated."
_SHORTEST_SECONDS, _LONGEST_SECONDS = 10.0, 600.0
_MOST_STYLE_CHARACTERS = 500
_MOST_ORDERS = 3
_MOST_SEED = 2**31 - 1
_QUEUED, _MADE = 0, 1


class AceStepComposer:
    """Orders one song, asks how it is doing, and fetches it from the same server."""

    vendor = ACESTEP
    name = ACESTEP.name

    def __init__(
        self,
        *,
        base_url: str,
        key: str = "",
        poll_seconds: float = 2.0,
        deadline_seconds: float = 420.0,
        answer_seconds: float = 30.0,
        on_request: OnRequest = ignore_request,
    ) -> None:
        """`deadline_seconds` is for waiting and fetching, `answer_seconds` for a single answer."""
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._poll_seconds = poll_seconds
        self._deadline_seconds = deadline_seconds
        self._answer_seconds = answer_seconds
        self._on_request = on_request

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        """Put the song into the server's queue. Raises `ProviderError`."""
        context.report(None, "Asking ACE-Step for a song…")
        reference = while_busy(
            context,
            lambda: self._release(brief),
            deadline_seconds=self._deadline_seconds / 4,
            pause_seconds=self._poll_seconds,
            note="ACE-Step is busy; waiting for a turn",
        )
        return SongRequest(music_by=self.name, brief=brief, reference=reference)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        """Wait for the song and keep it; one that the server has forgotten is ordered again.

        Raises `ProviderBusy`, `ProviderInvalidResponse`, `InvalidSong` or `StorageError`.
        """
        ends = time.monotonic() + self._deadline_seconds
        reference, orders = order.reference, 1
        while (path := self._path_of(context, reference, ends)) is None:
            if orders == _MOST_ORDERS:
                raise _failed("ACE-Step has forgotten the song.")
            reference, orders = self.order(context, order.brief).reference, orders + 1
        with context.output("acestep.mp3") as target, open_client(self._base_url, self._headers) as client:
            context.report(None, "Fetching the song of ACE-Step…")
            left = max(1.0, ends - time.monotonic())
            fetch(client, self._checked(path), target, vendor=ACESTEP, most_bytes=MOST_BYTES, deadline_seconds=left)
            with target.open("rb") as source:
                if not looks_like_sound(source.read(16)):
                    raise _senseless("sent something that is not sound", "song_not_audio")
            length = sound_length_seconds(context, target)
        lyrics = () if order.brief.instrumental else order.brief.lyrics
        return Song(
            key=context.key("acestep.mp3"),
            music_by=self.name,
            length_seconds=length,
            brief=order.brief,
            lines=tuple(SungLine(text=line.text, section=line.section) for line in lyrics),
            reference=reference,
            rights=RIGHTS,
            notices=(*order.notices, *((NOTICE,) if lyrics else ())),
        )

    def _release(self, brief: MusicBrief) -> str:
        lyrics = "" if brief.instrumental else lyric_sheet(brief.lyrics)
        tempo = round((brief.tempo_low_bpm + brief.tempo_high_bpm) / 2)
        body = {
            "prompt": tag_line(brief, _MOST_STYLE_CHARACTERS) or brief.style or "pop",
            "lyrics": lyrics or "[Instrumental]",
            "audio_duration": min(_LONGEST_SECONDS, max(_SHORTEST_SECONDS, brief.length_seconds)),
            **({"bpm": tempo} if 30 <= tempo <= 300 else {}),
            **({"key_scale": brief.key} if brief.key else {}),
            "time_signature": "4",
            "audio_format": "mp3",
            "batch_size": 1,
            "use_random_seed": False,
            "seed": brief.seed & _MOST_SEED,
            "use_format": False,
            "use_cot_caption": False,
        }
        found = self._ask("POST", "release_task", json=body)
        reference = found.get("task_id") if isinstance(found, dict) else None
        if not isinstance(reference, str) or not 0 < len(reference) <= 200 or not reference.isprintable():
            raise _senseless("sent an answer that could not be understood")
        return reference

    def _path_of(self, context: StageContext, reference: str, ends: float) -> str | None:
        """Where the song is, once it is made; None where the server does not know of it."""
        while time.monotonic() < ends:
            found = while_busy(
                context,
                lambda: self._ask("POST", "query_result", explain=_forgotten, json={"task_id_list": [reference]}),
                deadline_seconds=max(0.0, ends - time.monotonic()),
                pause_seconds=self._poll_seconds,
                note="ACE-Step does not answer; asking again",
            )
            entries = found if isinstance(found, list) else []
            about = next((one for one in entries if isinstance(one, dict) and one.get("task_id") == reference), None)
            if about is None:
                return None
            if about.get("status") == _MADE:
                return _file_in(about.get("result"))
            if about.get("status") != _QUEUED:
                raise ProviderBusy(
                    "ACE-Step could not make the song.",
                    provider=self.name,
                    code="provider_song_failed",
                    retryable=False,
                )
            rest(context, self._poll_seconds, "ACE-Step is composing")
        raise timed_out(ACESTEP)

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        """The `data` of an answer; None where there is none, or where `explain` says that a song is not known."""
        outcome = "ok"
        try:
            with open_client(self._base_url, self._headers, read_seconds=self._answer_seconds) as client:
                answer = ask(
                    client,
                    method,
                    path,
                    vendor=ACESTEP,
                    deadline_seconds=self._answer_seconds,
                    **request,
                )
        except _Unknown:
            return None
        except ProviderError as error:
            outcome = error.code
            raise
        finally:
            self._on_request(self.name, outcome)
        return answer.get("data") if isinstance(answer, dict) else None

    def _checked(self, path: str) -> str:
        """The address of a file on the server itself. Raises `ProviderInvalidResponse` for any other."""
        base = urlsplit(self._base_url)
        if path.startswith("/") and not path.startswith(("//", f"{base.path}/")):
            path = path[1:]  # behind a proxy the server does not know under which path it is reached
        with suppress(ValueError):
            url = urljoin(f"{self._base_url}/", path)
            if "\\" not in path and urlsplit(url)[:2] == base[:2]:
                return url
        raise _senseless("named a song address that is not its own", "unsafe_address")


class _Unknown(ProviderError):
    """The server does not know of that song."""


def _forgotten(status: int, answer: Any) -> ProviderError | None:
    del answer
    return _Unknown("ACE-Step does not know of that song.", provider=ACESTEP.name) if status == 404 else None


def check(base_url: str, key: str = "") -> CheckResult:
    """Whether the server answers, in a sentence."""
    composer = AceStepComposer(base_url=base_url, key=key, answer_seconds=10.0)
    try:
        models = composer._ask("GET", "v1/models")
    except ProviderError as error:
        return False, error.message
    if models is None:
        return False, "something answers there, but not as ACE-Step does; check ACESTEP_URL"
    return True, "ACE-Step answers"


def _file_in(result: Any) -> str:
    """The path of the first file in a result, which is a text of JSON."""
    files: Any = result
    if isinstance(result, str):
        with suppress(ValueError, RecursionError):
            files = json.loads(result)
    first = files[0] if isinstance(files, list) and files else None
    path = first.get("file") if isinstance(first, dict) else None
    if not isinstance(path, str) or not 0 < len(path) <= 2000:
        raise _senseless("sent an answer that could not be understood")
    return path


def _failed(message: str) -> ProviderBusy:
    return ProviderBusy(message, provider=ACESTEP.name, code="provider_song_failed", retryable=False)


def _senseless(what: str, code: str = "provider_made_no_sense") -> ProviderInvalidResponse:
    return ProviderInvalidResponse(f"ACE-Step {what}.", provider=ACESTEP.name, code=code)
