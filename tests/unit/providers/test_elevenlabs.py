"""ElevenLabs: a song of exactly the film's length, with the time of each word, paid for once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.elevenlabs import ElevenLabsSimulator
from tests.simulators.faults import SILENT
from tests.unit.providers.conftest import Bench

from auratune.core.context import MemoryLedger
from auratune.core.errors import AuraTuneError, ProviderInvalidResponse, ProviderOutcomeUnknown, ProviderRefused
from auratune.core.song import TimedWord
from auratune.core.treatment import LyricLine, MusicBrief
from auratune.providers.elevenlabs.composer import ElevenLabsComposer, check
from auratune.providers.elevenlabs.composition_plan import body_of, fits, parts_of
from auratune.providers.multipart import parts
from auratune.providers.word_timing import lines_of, read_words, sung_lines
from auratune.tasks.budgets import SharedBudget
from auratune.tasks.database import Database
from auratune.tasks.schema.upgrade import upgrade

KEY = "canary-elevenlabs-key"


@pytest.fixture
def vendor() -> Iterator[ElevenLabsSimulator]:
    with ElevenLabsSimulator(key=KEY, answer_seconds=0.02) as simulator:
        yield simulator


def composer(vendor: ElevenLabsSimulator, bench: Bench, **options: Any) -> ElevenLabsComposer:
    given = {
        "key": KEY,
        "base_url": vendor.base_url,
        "deadline_seconds": 60.0,
        "on_request": bench.heard,
    }
    return ElevenLabsComposer(**(given | options))


@pytest.mark.parametrize("model", ["music_v1", "music_v2", "music_v2_5"])
def test_the_song_is_as_long_as_the_film_and_its_words_are_timed(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief, model: str
) -> None:
    maker = composer(vendor, bench, model=model)
    order = maker.order(bench.context(), brief)
    assert bench.store.exists(order.key)
    song = maker.collect(bench.context(), order)
    assert song.length_seconds == pytest.approx(10.0, abs=0.1)
    assert song.timing == "sung"
    assert [line.text for line in song.lines] == [line.text for line in brief.lyrics]
    starts = [line.start_seconds for line in song.lines]
    assert starts == sorted(starts)  # type: ignore[type-var]
    assert [word.text for word in song.lines[0].words] == brief.lyrics[0].text.split()
    assert vendor.paid[0]["seed"] == 7
    assert "music_length_ms" not in vendor.paid[0]
    assert bench.receipt() == ["elevenlabs done"]
    assert bench.outcomes == [("elevenlabs", "ok")]


def test_an_instrumental_song_has_no_lines(vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief) -> None:
    maker = composer(vendor, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), replace(brief, instrumental=True)))
    assert (song.lines, song.timing) == ((), "none")
    assert all(
        part["negative_styles"] == ["vocals", "singing"] for part in vendor.paid[0]["composition_plan"]["chunks"]
    )


@pytest.mark.parametrize("length_seconds", [5.0, 7.3, 10.0, 29.97, 30.0, 60.0])
@pytest.mark.parametrize("sections", [0, 1, 2, 5, 12])
def test_parts_add_up_to_the_film_to_the_millisecond(brief: MusicBrief, length_seconds: float, sections: int) -> None:
    names = ("intro", "verse", "chorus", "bridge", "outro")
    lyrics = tuple(LyricLine(f"line {index}", names[index % 5]) for index in range(sections))  # type: ignore[arg-type]
    plan = parts_of(replace(brief, length_seconds=length_seconds, lyrics=lyrics))
    assert sum(part.length_ms for part in plan) == round(length_seconds * 1000)
    assert all(3000 <= part.length_ms <= 120_000 for part in plan)
    assert [line for part in plan for line in part.lines] == [line.text for line in lyrics]


def test_a_plan_holds_no_more_and_no_longer_lines_than_the_vendor_takes(brief: MusicBrief) -> None:
    lyrics = tuple(LyricLine("la " * 200, "verse") for _ in range(50))
    plan = parts_of(replace(brief, lyrics=lyrics))
    assert all(len(part.lines) <= 30 and all(len(line) <= 200 for line in part.lines) for part in plan)


def test_running_the_stage_again_costs_nothing(vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief) -> None:
    first = composer(vendor, bench).order(bench.context(), brief)
    assert composer(vendor, bench).order(bench.context(), brief) == first
    assert len(vendor.paid) == 1


def test_a_song_that_was_kept_before_a_crash_is_used(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(MemoryLedger, "close", _die)
        with pytest.raises(SystemExit):
            composer(vendor, bench).order(bench.context(), brief)
    assert bench.receipt() == ["elevenlabs intent"]
    maker = composer(vendor, bench)
    assert maker.collect(bench.context(), maker.order(bench.context(), brief)).timing == "sung"
    assert bench.receipt() == ["elevenlabs done"]
    assert len(vendor.paid) == 1


def test_a_paid_song_that_is_gone_is_not_ordered_again_by_itself(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief
) -> None:
    maker = composer(vendor, bench)
    bench.store.delete(maker.order(bench.context(), brief).key)
    with pytest.raises(ProviderOutcomeUnknown):
        maker.order(bench.context(), brief)
    maker.order(bench.context(attempt=2), brief)
    assert len(vendor.paid) == 2


def _die(*_: object, **__: object) -> None:
    raise SystemExit


@pytest.mark.parametrize("fault", ["bad_prompt", "bad_plan"])
def test_what_the_vendor_suggests_instead_is_tried_once(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief, fault: str
) -> None:
    vendor.faults.plan("music", fault)
    maker = composer(vendor, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert song.length_seconds == pytest.approx(10.0, abs=0.1)
    assert bench.receipt() == ["elevenlabs refused", "elevenlabs done"]
    assert len(vendor.paid) == 1
    if fault == "bad_prompt":
        # Another song was made than the one with our words, so ours are not shown over it.
        assert song.lines == ()
        assert vendor.paid[0]["music_length_ms"] == 10_000
        assert "seed" not in vendor.paid[0]


@pytest.mark.parametrize("faults", [("bad_plan_bare",), ("bad_prompt", "bad_prompt"), ("bad_plan", "bad_plan")])
def test_a_second_refusal_or_one_without_a_suggestion_is_final(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief, faults: tuple[str, ...]
) -> None:
    vendor.faults.plan("music", *faults)
    with pytest.raises(ProviderRefused) as caught:
        composer(vendor, bench).order(bench.context(), brief)
    assert caught.value.code == "provider_content_refused"
    assert vendor.paid == []
    assert vendor.count("POST", "/v1/music/detailed") == len(faults)


def test_words_that_are_not_ours_are_shown_as_they_are_sung(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief
) -> None:
    vendor.faults.plan("music", "other_words")
    maker = composer(vendor, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert song.timing == "sung"
    assert " ".join(line.text for line in song.lines).split()[:3] == ["something", "else", "entirely"]


def test_without_word_times_our_lines_are_untimed(vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief) -> None:
    vendor.faults.plan("music", "no_words")
    maker = composer(vendor, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert song.timing == "none"
    assert [line.start_seconds for line in song.lines] == [None] * 4


@pytest.mark.parametrize(
    ("fault", "error", "code", "receipt", "paid"),
    [
        ("401", ProviderRefused, "provider_key_refused", "refused", 0),
        ("402", ProviderRefused, "provider_no_credit", "refused", 0),
        ("403", ProviderRefused, "provider_access_denied", "refused", 0),
        ("422", ProviderRefused, "provider_request_refused", "refused", 0),
        ("500", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 0),
        ("gateway_502", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 0),
        ("reset_before", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 0),
        ("reset_after", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 1),
        ("silence_after", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 1),
        ("cut_200", ProviderOutcomeUnknown, "provider_outcome_unknown", "done!", 1),
        ("drip_200", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 1),
        ("html_200", ProviderInvalidResponse, "song_not_audio", "done!", 1),
        ("garbage_200", ProviderInvalidResponse, "song_not_audio", "done!", 1),
        ("html_audio", ProviderInvalidResponse, "song_not_audio", "done!", 1),
    ],
)
def test_every_failure_is_told_apart_and_none_is_paid_twice(
    vendor: ElevenLabsSimulator,
    bench: Bench,
    brief: MusicBrief,
    fault: str,
    error: type[AuraTuneError],
    code: str,
    receipt: str,
    paid: int,
) -> None:
    vendor.faults.plan("music", fault)
    maker = composer(vendor, bench, deadline_seconds=5.0 if fault in SILENT else 60.0)
    bench.fails(lambda: maker.order(bench.context(), brief), error, code, f"elevenlabs {receipt}")
    assert (len(vendor.paid), vendor.count("POST", "/v1/music/detailed")) == (paid, 1)
    assert not [found for found in bench.store.objects("tasks") if found.key.endswith(".mp3")]


def test_a_busy_vendor_is_waited_for(vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief) -> None:
    vendor.faults.plan("music", "429:1")
    composer(vendor, bench).order(bench.context(), brief)
    assert bench.receipt() == ["elevenlabs refused", "elevenlabs done"]


def test_the_doctor_can_ask_without_paying(vendor: ElevenLabsSimulator) -> None:
    assert check(KEY, vendor.base_url) == (True, "ElevenLabs answers and accepts the key (plan: creator)")
    assert not check("wrong", vendor.base_url)[0]
    assert vendor.paid == []


def words(text: str, start: float = 0.0, step: float = 0.5) -> tuple[TimedWord, ...]:
    return tuple(
        TimedWord(word, start + index * step, start + index * step + 0.4) for index, word in enumerate(text.split())
    )


LYRICS = (LyricLine("Red house, keep the evening warm"), LyricLine("I’m late, but I am near"))


def test_words_are_matched_whatever_their_case_accents_and_marks() -> None:
    lines, timing = sung_lines(LYRICS, words("red HOUSE keep, the évening warm i'm late but i am near"))
    assert timing == "sung"
    assert [(line.start_seconds, line.end_seconds) for line in lines] == [(0.0, 2.9), (3.0, 5.9)]


def test_words_that_the_singer_added_or_swallowed_do_not_shift_the_rest() -> None:
    lines, timing = sung_lines(LYRICS, words("oh oh red house keep evening warm yeah i'm late i am near"))
    assert timing == "sung"
    assert lines[0].start_seconds == 1.0
    assert lines[1].start_seconds == 4.0


def test_a_line_that_is_not_heard_has_no_time() -> None:
    lines, timing = sung_lines(LYRICS, words("red house keep the evening warm"))
    assert timing == "sung"
    assert lines[1].start_seconds is None


def test_a_song_with_other_words_has_no_times_for_ours() -> None:
    assert sung_lines(LYRICS, words("nothing of all that was ever sung"))[1] == "none"
    assert [line.text for line in lines_of((*words("one two"), *words("three", start=9.0)))] == ["one two", "three"]


@pytest.mark.parametrize(
    "plain",
    [
        None,
        "words",
        [1, None],
        [{"word": 3}],
        [{"word": "a", "start_ms": "0", "end_ms": 1}],
        [{"word": "a"}],
        [{"word": "[Verse]", "start_ms": 0, "end_ms": 1}],
        [{"word": "x", "start_ms": -5, "end_ms": 1}],
        [{"word": "x", "start_ms": float("inf"), "end_ms": 1}],
    ],
)
def test_what_is_not_a_word_with_times_is_left_out(plain: Any) -> None:
    assert read_words(plain) == ()


def test_a_multipart_answer_is_taken_apart_without_its_boundaries() -> None:
    body = b"\r\n".join(
        (
            b"--b1",
            b"Content-Type: application/json",
            b"",
            b'{"a":1}',
            b"--b1",
            b"Content-Type: audio/mpeg",
            b"",
            b"ID3",
            b"--x",
            b"--b1--",
            b"",
        )
    )
    assert parts(body, "multipart/mixed; boundary=b1") == [
        ("application/json", b'{"a":1}'),
        ("audio/mpeg", b"ID3\r\n--x"),
    ]
    assert parts(body[:-10], "multipart/mixed; boundary=b1") == [("application/json", b'{"a":1}')]
    assert parts(body, "application/json") == []


def test_a_suggested_plan_must_still_last_as_long_as_the_film(brief: MusicBrief) -> None:
    plan = body_of(brief, "music_v2")["composition_plan"]
    assert fits(plan, brief)
    plan["chunks"][0]["duration_ms"] += 1
    assert not fits(plan, brief)
    assert not any(fits(other, brief) for other in (None, {}, {"chunks": [1]}, {"chunks": [{}]}, "plan"))


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("fault", ["bad_prompt", "bad_plan", "bad_plan_text"])
def test_a_suggestion_is_tried_once_whatever_form_it_comes_in(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief, status: int, fault: str
) -> None:
    vendor.declines_with = status
    vendor.faults.plan("music", fault)
    order = composer(vendor, bench).order(bench.context(), brief)
    assert bench.store.exists(order.key)
    assert bench.receipt() == ["elevenlabs refused", "elevenlabs done"]
    assert len(vendor.paid) == 1


@pytest.mark.parametrize(
    ("lacks", "code", "words"),
    [
        ("free_plan", "provider_plan_needed", "paid plans"),
        ("no_music_permission", "provider_permission_missing", "music_generation"),
    ],
)
def test_what_the_key_or_the_account_lacks_is_named_and_nothing_is_paid(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief, lacks: str, code: str, words: str
) -> None:
    vendor.lacks = lacks
    with pytest.raises(ProviderRefused, match=words) as caught:
        composer(vendor, bench).order(bench.context(), brief)
    assert caught.value.code == code
    assert bench.receipt() == ["elevenlabs refused"]


def test_a_key_for_music_only_passes_the_check(vendor: ElevenLabsSimulator) -> None:
    vendor.lacks = "no_user_permission"
    good, sentence = check(KEY, vendor.base_url)
    assert (good, "may not read the account" in sentence) == (True, True)
    vendor.lacks = "free_plan"
    assert not check(KEY, vendor.base_url)[0]


def test_a_plan_without_the_best_sound_gets_128_kbps(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief
) -> None:
    vendor.formats = ("mp3_44100_128",)
    composer(vendor, bench).order(bench.context(), brief)
    assert bench.receipt() == ["elevenlabs done"]
    assert len(vendor.paid) == 1


def test_marks_of_the_vendor_in_a_person_s_lyrics_are_made_safe(brief: MusicBrief) -> None:
    lines = ("[Chorus] here we go", "{whisper} hello {", "a [bracket] inside", "{}", "plain")
    part = parts_of(replace(brief, lyrics=tuple(LyricLine(line, "verse") for line in lines)))[0]
    assert part.lines == ("here we go", "whisper hello", "a (bracket) inside", "plain")


def test_more_films_than_the_plan_serves_at_once_wait_for_their_turn_in_whatever_process(
    vendor: ElevenLabsSimulator, bench: Bench, brief: MusicBrief, tmp_path: Path
) -> None:
    vendor._answer_seconds = 0.3
    with closing(Database(tmp_path)) as one, closing(Database(tmp_path)) as other, ThreadPoolExecutor(4) as pool:
        upgrade(one)
        makers = [composer(vendor, bench, budget=SharedBudget(database)) for database in (one, other)]
        orders = [pool.submit(makers[n % 2].order, bench.context(task_id=f"task-{n}"), brief) for n in range(4)]
        assert len({order.result().key for order in orders}) == 4
    assert {state for n in range(4) for state in bench.receipt(f"task-{n}")} == {"elevenlabs done"}
    assert ("elevenlabs", "provider_rate_limited") not in bench.outcomes
