"""Google Lyria: a sung song in one call, with the second at which each line begins."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from auratune.core.errors import ProviderError, ProviderInvalidResponse, ProviderRefused, StorageError
from auratune.providers.downloads import MOST_BYTES, looks_like_sound
from auratune.providers.http import ask, open_client
from auratune.providers.lyria import LYRIA
from auratune.providers.lyria.timed_lyrics import read_times, timed_lines
from auratune.providers.one_call import Made, OneCallComposer
from auratune.providers.pay_once import reference_of
from auratune.providers.prompt_text import lyric_sheet
from auratune.providers.vendor import CheckResult, ignore_request

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.song import LineTiming, SungLine
    from auratune.core.treatment import MusicBrief
    from auratune.providers.pay_once import Receipt
    from auratune.providers.vendor import OnRequest

BASE_URL = "https://generativelanguage.googleapis.com"
MODEL = "lyria-3-clip-preview"
_REVISION = "2026-05-20"
_MOST_ANSWER_BYTES = MOST_BYTES * 3 // 2
"""Sound comes as base64, which is a third longer."""
_ENCODE = "auratune.vision.thumbnail:encode_small"
_PHOTO_EDGE_PX = 768
_CLIP_USD, _SONG_USD = 0.04, 0.08


class LyriaComposer(OneCallComposer):
    """Songs by Lyria."""

    def __init__(
        self,
        *,
        key: str,
        base_url: str | None = None,
        model: str = MODEL,
        send_photo: bool = False,
        deadline_seconds: float = 180.0,
        on_request: OnRequest = ignore_request,
    ) -> None:
        """`send_photo` shows the model the photo, in small; without it only words leave this machine."""
        api = InteractionsApi(key, base_url or BASE_URL, model, send_photo=send_photo)
        super().__init__(api, deadline_seconds=deadline_seconds, on_request=on_request)


class InteractionsApi:
    """Requests with a key to one model."""

    vendor = LYRIA
    rights = "Made by Google Lyria, with an inaudible watermark (SynthID); Google's terms decide how it may be used."

    def __init__(self, key: str, base_url: str, model: str, *, send_photo: bool = False) -> None:
        self._headers = {"x-goog-api-key": key, "Api-Revision": _REVISION}
        self._base_url, self._model, self._send_photo = base_url, model, send_photo

    def request(self, context: StageContext, brief: MusicBrief) -> dict[str, Any]:
        """The song in words, and the photo where that is allowed and there is one."""
        parts: list[dict[str, Any]] = [{"type": "text", "text": prompt_of(brief)}]
        if self._send_photo and brief.photo_key:
            with suppress(StorageError), context.store.fetch(brief.photo_key) as path:
                image = context.run_in_subprocess(_ENCODE, str(path), _PHOTO_EDGE_PX)
                parts.append({"type": "image", "data": image, "mime_type": "image/jpeg"})
        return {"model": self._model, "input": parts}

    def instead(self, brief: MusicBrief, error: Exception) -> dict[str, Any] | None:
        """Lyria suggests nothing."""
        del brief, error
        return None

    def send(self, body: dict[str, Any], receipt: Receipt, seconds: float) -> Made:
        """Make the call. An answer without sound counts as made: nobody says whether it is charged."""
        with open_client(self._base_url, self._headers, read_seconds=seconds) as client:
            answer = ask(
                client,
                "POST",
                "v1beta/interactions",
                vendor=LYRIA,
                paid=True,
                deadline_seconds=seconds,
                most_bytes=_MOST_ANSWER_BYTES,
                explain=self._explain,
                json=body,
            )
        about: dict[str, Any] = answer if isinstance(answer, dict) else {}
        receipt.reference = reference_of(about.get("id"))
        receipt.units = {"songs": 1.0, "usd": _CLIP_USD if "clip" in self._model else _SONG_USD}
        contents = _contents(about)
        audio = next((sound for part in contents if (sound := _sound(part))), b"")
        if not looks_like_sound(audio):
            raise ProviderInvalidResponse("Lyria answered without a song.", provider=LYRIA.name, code="song_not_audio")
        texts = [text for part in contents if (text := _text(part.get("text")))]
        return Made(receipt.reference, audio, {"texts": texts[:10]})

    def lines(
        self, brief: MusicBrief, answer: dict[str, Any], song_seconds: float
    ) -> tuple[tuple[SungLine, ...], LineTiming]:
        """Our lines, timed where Lyria tells lines that are like them."""
        if brief.instrumental or not brief.lyrics:
            return (), "none"
        texts = answer.get("texts")
        told = [read_times(text, song_seconds) for text in texts] if isinstance(texts, list) else []
        # One text holds the lyrics, another describes the sound; their order is not promised.
        tries = [timed_lines(brief.lyrics, times, song_seconds) for times in (*told, [])]
        return max(tries, key=lambda found: sum(line.start_seconds is not None for line in found[0]))

    def has_model(self) -> None:
        """Ask about the model; free. Raises `ProviderError`."""
        with open_client(self._base_url, self._headers, read_seconds=20.0) as client:
            ask(client, "GET", f"v1beta/models/{self._model}", vendor=LYRIA, explain=self._explain)

    def _explain(self, status: int, answer: Any) -> ProviderError | None:
        about = answer.get("error") if isinstance(answer, dict) else None
        told: dict[str, Any] = about if isinstance(about, dict) else {}
        message = _text(told.get("message")).lower()
        if status == 404 and told:
            return _refused(
                f"Lyria does not know the model {self._model}; set LYRIA_MODEL to one it has.", "provider_model_unknown"
            )
        if status == 400 and "api key" in message:
            return _refused("Lyria did not accept the key; check it in the settings.", "provider_key_refused")
        if told.get("status") == "FAILED_PRECONDITION" or "limit: 0" in message:
            return _refused("Lyria works only with a Google account that has billing set up.", "provider_no_credit")
        if status == 400 and any(word in message for word in ("safety", "blocked", "prohibited", "copyright")):
            return _refused("Lyria declined the words of the song.", "provider_content_refused")
        return None


def prompt_of(brief: MusicBrief) -> str:
    """Style, tempo, key and length in words, then the lyrics as they are to be sung."""
    tempo = round((brief.tempo_low_bpm + brief.tempo_high_bpm) / 2)
    about = [", ".join(brief.genre_tags), f"{tempo} BPM", f"key of {brief.key}" if brief.key else ""]
    about.append(f"a song of {round(brief.length_seconds)} seconds that begins at once")
    sheet = "" if brief.instrumental else lyric_sheet(brief.lyrics)
    if not sheet:
        return ". ".join(filter(None, (*about, "Instrumental only, no vocals"))) + "."
    return ". ".join(filter(None, (*about, "Clear lead vocals; sing exactly these words"))) + f".\n\nLyrics:\n{sheet}"


def check(key: str, base_url: str | None = None, *, model: str = MODEL) -> CheckResult:
    """Whether the key works and the model is there, in a sentence; costs nothing."""
    try:
        InteractionsApi(key, base_url or BASE_URL, model).has_model()
    except ProviderError as error:
        return False, error.message
    return (
        True,
        f"Lyria answers, accepts the key and has the model {model}; whether billing is on shows with the first song",
    )


def _contents(about: dict[str, Any]) -> list[dict[str, Any]]:
    """All parts of an answer in either form that the API uses."""
    steps = about.get("steps") or [{"content": about.get("outputs")}]
    parts: list[dict[str, Any]] = []
    for step in steps if isinstance(steps, list) else []:
        content = step.get("content") if isinstance(step, dict) else None
        parts += [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    return parts


def _sound(part: dict[str, Any]) -> bytes:
    data, kind = part.get("data"), _text(part.get("mime_type"))
    if not isinstance(data, str) or not (part.get("type") == "audio" or kind.startswith("audio/")):
        return b""
    with suppress(binascii.Error, ValueError):
        return base64.b64decode(data, validate=True)
    return b""


def _refused(message: str, code: str) -> ProviderRefused:
    return ProviderRefused(message, provider=LYRIA.name, code=code)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
