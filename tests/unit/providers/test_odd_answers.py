"""Answers that no vendor should ever give: each is an error of ours that says something, and no paid song is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.simulators.elevenlabs import ElevenLabsSimulator
from tests.simulators.lyria import LyriaSimulator
from tests.simulators.server import Answer, Asked, Simulator, told
from tests.unit.providers.conftest import Bench

from auratune.core import serialization
from auratune.core.errors import ProviderError, ProviderInvalidResponse, ProviderOutcomeUnknown
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.treatment import MusicBrief
from auratune.providers.acestep.composer import AceStepComposer
from auratune.providers.claude.provider import Claude
from auratune.providers.content_filter import plain
from auratune.providers.elevenlabs.composer import ElevenLabsComposer
from auratune.providers.http import read_json
from auratune.providers.lyria.composer import LyriaComposer
from auratune.providers.openai_compatible.answer_text import json_in
from auratune.providers.openai_compatible.provider import OpenAICompatible
from auratune.providers.pay_once import buy, counts_of, reference_of
from auratune.providers.suno import SUNO
from auratune.providers.suno.clips import Clip
from auratune.providers.suno.composer import SunoComposer
from auratune.providers.vendor import Capabilities, ProviderConfig, Vendor
from auratune.providers.word_timing import read_words, sung_lines

KEY = "canary-key"
HALF = '"\\ud83d"'
"""Half of an emoji, as JSON may hold it and UTF-8 may not."""
DEEP = b"[" * 200_000
ANSWERS = {
    "packed in a way that it is not": Answer(200, b"not packed at all", headers={"Content-Encoding": "gzip"}),
    "later than there are days": Answer(429, b"{}", headers={"Retry-After": "Fri, 31 Dec 9999 23:59:59 -0100"}),
    "deeper than anybody reads": Answer(200, DEEP),
    "deeper than anybody reads, refused": Answer(401, DEEP),
    "no object": told(["x"]),
    "null": told(None),
    "a list where a text should be": told({"detail": {"status": ["x"], "message": {}}}, 400),
    "a number without end": Answer(200, b'{"id": 1e999, "usage": {"input_tokens": 1e999}, "data": 1e999}'),
    "a message of nothing": told({"id": "m", "type": "message", "content": [None, "x"], "stop_reason": ["end_turn"]}),
    "a message of odd blocks": told({"id": ["m"], "type": "message", "content": {"a": 1}, "stop_reason": "end_turn"}),
    "half of a character": Answer(200, f'{{"id": {HALF}, "data": {{"task_id": {HALF}}}}}'.encode()),
}


class Saying(Simulator):
    """Gives every request the same answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    async def handle(self, asked: Asked) -> Answer:
        return self.answer


def _claude(url: str, bench: Bench, photo: Photo, brief: MusicBrief) -> object:
    maker = Claude(key=KEY, base_url=url, deadline_seconds=1.5, on_request=bench.heard)
    return maker.analyze(bench.context(), photo, Options())


def _openai(url: str, bench: Bench, photo: Photo, brief: MusicBrief) -> object:
    given: dict[str, Any] = {"model": "m", "base_url": url, "key": KEY, "spends": True}
    return OpenAICompatible(**given, deadline_seconds=1.5).analyze(bench.context(), photo, Options())


def _elevenlabs(url: str, bench: Bench, photo: Photo, brief: MusicBrief) -> object:
    return ElevenLabsComposer(key=KEY, base_url=url, deadline_seconds=1.5).order(bench.context(), brief)


def _lyria(url: str, bench: Bench, photo: Photo, brief: MusicBrief) -> object:
    return LyriaComposer(key=KEY, base_url=url, deadline_seconds=1.5).order(bench.context(), brief)


def _acestep(url: str, bench: Bench, photo: Photo, brief: MusicBrief) -> object:
    return AceStepComposer(base_url=url, poll_seconds=0.01, deadline_seconds=2.0).order(bench.context(), brief)


def _suno(url: str, bench: Bench, photo: Photo, brief: MusicBrief) -> object:
    return SunoComposer(key=KEY, base_url=url, order_deadline_seconds=1.5).order(bench.context(), brief)


@pytest.mark.parametrize("ask", [_claude, _openai, _elevenlabs, _lyria, _acestep, _suno])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_whatever_is_answered_can_be_kept_or_is_an_error_of_ours(
    ask: Callable[..., object], answer: Answer, bench: Bench, photo: Photo, brief: MusicBrief
) -> None:
    with Saying(answer) as server:
        try:
            said = serialization.dumps(ask(server.url, bench, photo, brief)).decode()
        except ProviderError as error:
            said = error.message
    assert said
    assert KEY not in said
    assert all(call.reference.isprintable() for call in bench.calls())


def test_a_rate_limit_with_an_impossible_date_still_proves_that_nothing_was_made(
    bench: Bench, photo: Photo, brief: MusicBrief
) -> None:
    with Saying(ANSWERS["later than there are days"]) as server, pytest.raises(ProviderError):
        _lyria(server.url, bench, photo, brief)
    assert set(bench.receipt()) == {"lyria refused"}


def test_a_song_whose_name_cannot_be_kept_is_kept_under_another(
    bench: Bench, brief: MusicBrief, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = LyriaSimulator._song

    def oddly_named(self: LyriaSimulator, body: dict[str, Any], fault: str) -> Answer:
        good = json.loads(bytes(song(self, body, fault).body))  # type: ignore[arg-type]
        return Answer(200, json.dumps({**good, "id": "\ud800\x00a"}).encode())

    monkeypatch.setattr(LyriaSimulator, "_song", oddly_named)
    with LyriaSimulator(key=KEY, song_seconds=10.0) as vendor:
        maker = LyriaComposer(key=KEY, base_url=vendor.base_url)
        made = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert (bench.receipt(), made.reference, made.timing) == (["lyria done"], "?a", "sung")
    serialization.dumps(made)


def test_a_song_that_came_with_unreadable_words_is_used_without_their_times(
    bench: Bench, brief: MusicBrief, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auratune.providers.elevenlabs.client.read_json", lambda content: read_json(DEEP))
    with ElevenLabsSimulator(key=KEY, answer_seconds=0.02) as vendor:
        maker = ElevenLabsComposer(key=KEY, base_url=vendor.base_url)
        made = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert (bench.receipt(), made.timing) == (["elevenlabs done"], "none")


def test_words_that_cannot_be_written_down_lose_what_is_odd_about_them(brief: MusicBrief) -> None:
    told_words = [
        {"word": word, "start_ms": 500 * at, "end_ms": 500 * at + 400}
        for at, word in enumerate(["Sun\ud83d", "on\x00", "\u202ethe", "shoulder" * 1000])
    ]
    words = read_words(told_words)
    assert [word.text for word in words] == ["Sun", "on", "the", ("shoulder" * 1000)[:80]]
    serialization.dumps([words, sung_lines(brief.lyrics, words)[0]])


def test_halves_of_characters_become_question_marks_wherever_they_stand() -> None:
    assert read_json(b'{"a\\ud83d": ["b\\udc00", {"c": "\\ud83d\\ude00"}, 1]}') == {"a?": ["b?", {"c": "😀"}, 1]}
    assert read_json(b"{") is None
    assert read_json(DEEP) is None


@pytest.mark.parametrize(
    ("named", "kept"),
    [("msg_1", "msg_1"), ("a\ud800\x00b\n", "ab"), ("x" * 200, "x" * 100), ("", "unnamed"), ([], "unnamed")],
)
def test_a_reference_can_always_be_kept(named: Any, kept: str) -> None:
    assert reference_of(named) == kept


def test_only_counts_that_can_be_counts_are_kept() -> None:
    told_counts = {"a": 12, "b": 1e999, "c": float("nan"), "d": -1, "e": 10**400, "f": None, "g": "7", "h": [1]}
    assert counts_of(told_counts) == {"a": 12.0}


@pytest.mark.parametrize("duration", [10**400, float("inf"), float("nan"), -1, "40", None])
def test_one_odd_clip_does_not_end_the_poll_that_all_songs_hang_on(duration: object) -> None:
    clip = Clip.read({"id": "c", "status": "streaming", "metadata": {"duration": duration}})
    assert clip is not None
    assert clip.duration_seconds is None


@pytest.mark.parametrize("reference", ["", "song-1"])
def test_a_fault_of_ours_in_reading_an_answer_is_told_as_what_it_means_for_the_money(
    bench: Bench, reference: str
) -> None:
    def call(receipt: Any) -> object:
        receipt.reference = reference
        return {}["nothing"]

    expected = ProviderInvalidResponse if reference else ProviderOutcomeUnknown
    with pytest.raises(expected):
        buy(bench.context(), SUNO, "music", {}, call, deadline_seconds=60.0, on_request=bench.heard)
    assert bench.receipt() == ["suno done!" if reference else "suno intent"]


def test_endless_thoughts_and_piled_up_accents_are_read_at_once() -> None:
    endless = "<think>" * 25_000
    assert json_in(endless + '{"a": 1}') == '{"a": 1}'
    assert json_in('<think>{"no": 1}</think> {"a": 1} <think>}</think>') == '{"a": 1}'
    assert len(plain("a" + "\u0301\u0323" * 100_000, 90)) <= 90


def test_a_check_that_fails_in_an_unforeseen_way_is_a_sentence() -> None:
    def check(config: ProviderConfig) -> Any:
        raise ZeroDivisionError

    vendor = Vendor(name="odd", title="Odd", capabilities=Capabilities(), check=check)
    assert vendor.checked(ProviderConfig()) == (
        False,
        "Odd answered in a way that could not be understood (ZeroDivisionError)",
    )
