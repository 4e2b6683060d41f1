"""Suno: one paid order a task, one poll for all, and a song as early as it can be had."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.contexts import a_context
from tests.simulators.faults import SILENT
from tests.simulators.suno import Pace, SunoSimulator
from tests.unit.providers.conftest import Bench
from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.core.context import StageContext
from auratune.core.errors import (
    AuraTuneError,
    ProviderBusy,
    ProviderError,
    ProviderInvalidResponse,
    ProviderOutcomeUnknown,
    ProviderRefused,
    TaskCancelled,
)
from auratune.core.song import SongRequest
from auratune.core.treatment import LyricLine, MusicBrief
from auratune.music.mp3 import FrameScanner
from auratune.providers.judging import judged
from auratune.providers.prompt_text import lyric_sheet, tag_line
from auratune.providers.suno import composer as suno_module
from auratune.providers.suno.api import SunoApi
from auratune.providers.suno.clips import POLL_SECONDS, Clip, ClipWatch
from auratune.providers.suno.composer import SunoComposer, check
from auratune.tasks.budgets import SharedBudget
from auratune.tasks.database import Database
from auratune.tasks.schema.upgrade import upgrade

KEY = "canary-suno-key"
SPEED = 20.0
PACE = Pace(answer_seconds=0.2, streaming_after_seconds=6, complete_after_seconds=16, song_seconds=40)
LIVE_PACE = replace(PACE, complete_after_seconds=6000)
"""Of a song that is only to be had as a live stream, however late it is asked for."""


@pytest.fixture
def suno() -> Iterator[SunoSimulator]:
    with SunoSimulator(key=KEY, pace=PACE, speed=SPEED) as simulator:
        yield simulator


@pytest.fixture
def live_suno() -> Iterator[SunoSimulator]:
    with SunoSimulator(key=KEY, pace=LIVE_PACE, speed=SPEED) as simulator:
        yield simulator


def composer(suno: SunoSimulator, bench: Bench, **options: object) -> SunoComposer:
    given = {
        "key": KEY,
        "base_url": suno.base_url,
        "poll_seconds": 0.1,
        "order_deadline_seconds": 90.0,
        "collect_deadline_seconds": 120.0,
        "answer_seconds": 60.0,
        "stall_seconds": 60.0,
        "on_request": bench.heard,
    }
    return SunoComposer(**(given | options))  # type: ignore[arg-type]


def test_an_order_carries_lyrics_and_tags_in_custom_mode(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    composer(suno, bench).order(bench.context(), brief)
    assert suno.paid == [
        {
            "tags": "indie folk, warm, acoustic guitar, 92 bpm, G major",
            "make_instrumental": False,
            "prompt": "[Verse]\nSun on the shoulder of the hill\nA kettle somewhere, standing still\n\n"
            "[Chorus]\nRed house, keep the evening warm\nI am late but I am near",
        }
    ]


def test_an_instrumental_order_holds_no_lyrics(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    composer(suno, bench).order(bench.context(), replace(brief, instrumental=True))
    assert suno.paid[0]["make_instrumental"] is True
    assert "prompt" not in suno.paid[0]


def test_tags_end_at_a_tag_however_many_there_are(brief: MusicBrief) -> None:
    many = replace(brief, genre_tags=tuple(f"tag number {index:02d}" for index in range(20)))
    line = tag_line(many, 100)
    assert len(line) <= 100
    assert set(line.split(", ")) <= {*many.genre_tags, "92 bpm", "G major"}
    assert len(tag_line(replace(brief, genre_tags=("x" * 300, "folk")), 100)) < 100


def test_long_lyrics_end_after_a_whole_line() -> None:
    sheet = lyric_sheet(tuple(LyricLine(f"line {index} of a very long song indeed", "verse") for index in range(300)))
    assert len(sheet) <= 3000
    assert sheet.endswith("song indeed")


def test_the_song_is_taken_from_the_live_stream_long_before_it_is_complete(
    live_suno: SunoSimulator, bench: Bench, brief: MusicBrief
) -> None:
    maker = composer(live_suno, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert song.music_by == "suno"
    assert brief.length_seconds <= song.length_seconds < 20
    assert live_suno.count("GET", f"/sound/live/{song.reference}.mp3") == 1
    assert live_suno.count("GET", f"/sound/whole/{song.reference}.mp3") == 0
    assert [line.text for line in song.lines] == [line.text for line in brief.lyrics]
    assert bench.receipt() == ["suno done"]
    with bench.store.fetch(song.key) as path:
        scanner = FrameScanner()
        scanner.feed(path.read_bytes())
        assert scanner.seconds == pytest.approx(song.length_seconds, abs=0.1)


def test_the_best_excerpt_needs_the_whole_song(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    maker = composer(suno, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), replace(brief, whole_song=True)))
    assert song.length_seconds == pytest.approx(40, abs=0.2)
    assert suno.count("GET", f"/sound/live/{song.reference}.mp3") == 0


@pytest.mark.parametrize("fault", ["drop", "reset_before", "500"])
def test_a_stream_that_breaks_is_read_on(live_suno: SunoSimulator, bench: Bench, brief: MusicBrief, fault: str) -> None:
    live_suno.faults.plan("stream", fault)
    maker = composer(live_suno, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert song.length_seconds < 20
    assert live_suno.count("GET", f"/sound/live/{song.reference}.mp3") == 2


@pytest.mark.parametrize("fault", ["html_200", "empty_200"])
def test_a_stream_that_is_no_song_gives_way_to_the_complete_file(
    suno: SunoSimulator, bench: Bench, brief: MusicBrief, fault: str
) -> None:
    suno.faults.plan("stream", fault, times=9)
    maker = composer(suno, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert song.length_seconds == pytest.approx(40, abs=0.2)


@pytest.mark.parametrize("fault", ["500", "404", "html_200", "cut_200", "truncated", "reset_before", "empty_200"])
def test_a_complete_file_that_comes_broken_is_fetched_again(
    suno: SunoSimulator, bench: Bench, brief: MusicBrief, fault: str
) -> None:
    suno.faults.plan("audio", fault)
    maker = composer(suno, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), replace(brief, whole_song=True)))
    assert song.length_seconds == pytest.approx(40, abs=0.2)
    assert len(suno.paid) == 1


def test_a_paid_song_that_cannot_be_fetched_now_can_be_collected_later(
    suno: SunoSimulator, bench: Bench, brief: MusicBrief
) -> None:
    suno.faults.plan("audio", "html_200", times=4)
    maker = composer(suno, bench)
    order = maker.order(bench.context(), replace(brief, whole_song=True))
    with pytest.raises(ProviderError):
        maker.collect(bench.context(), order)
    assert not list(bench.store.objects("tasks"))
    assert bench.receipt() == ["suno done"]
    again = maker.order(bench.context(attempt=2), replace(brief, whole_song=True))
    assert again.reference == order.reference
    assert maker.collect(bench.context(attempt=2), again).length_seconds == pytest.approx(40, abs=0.2)
    assert len(suno.paid) == 1


@pytest.mark.parametrize("fault", ["500", "429:1", "429", "garbage_200", "html_200", "reset_before", "empty_200"])
def test_a_poll_that_fails_loses_no_song(suno: SunoSimulator, bench: Bench, brief: MusicBrief, fault: str) -> None:
    suno.faults.plan("clips", fault)
    maker = composer(suno, bench)
    assert maker.collect(bench.context(), maker.order(bench.context(), brief)).music_by == "suno"
    assert len(suno.paid) == 1


@pytest.mark.parametrize(
    ("fault", "error", "state", "paid"),
    [
        ("401", ProviderRefused, "refused", 0),
        ("403", ProviderRefused, "refused", 0),
        ("400", ProviderRefused, "refused", 0),
        ("500", ProviderOutcomeUnknown, "intent", 0),
        ("gateway_502", ProviderOutcomeUnknown, "intent", 0),
        ("reset_before", ProviderOutcomeUnknown, "intent", 0),
        ("reset_after", ProviderOutcomeUnknown, "intent", 1),
        ("garbage_200", ProviderOutcomeUnknown, "intent", 1),
        ("html_200", ProviderOutcomeUnknown, "intent", 1),
        ("cut_200", ProviderOutcomeUnknown, "intent", 1),
        ("silence_after", ProviderOutcomeUnknown, "intent", 1),
    ],
)
def test_an_order_is_never_repeated_unless_the_answer_proves_that_nothing_was_made(
    suno: SunoSimulator, bench: Bench, brief: MusicBrief, fault: str, error: type[AuraTuneError], state: str, paid: int
) -> None:
    suno.faults.plan("generate", fault)
    maker = composer(suno, bench, answer_seconds=1.0 if fault in SILENT else 60.0)
    with pytest.raises(error):
        maker.order(bench.context(), brief)
    assert bench.receipt() == [f"suno {state}"]
    # Who gives up a silent vendor may do so before the vendor has read the order.
    wait_until(lambda: len(suno.paid) >= paid, "the order has arrived")
    assert len(suno.paid) == paid
    assert suno.count("POST", "/api/v2/external/hackmit/generate") == 1
    if state == "intent":
        with pytest.raises(ProviderOutcomeUnknown):
            maker.order(bench.context(), brief)
        assert suno.count("POST", "/api/v2/external/hackmit/generate") == 1


def test_a_rate_limit_is_waited_out_as_long_as_suno_asks(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    suno.faults.plan("generate", "429:1", "429")
    began = time.monotonic()
    composer(suno, bench).order(bench.context(), brief)
    assert time.monotonic() - began > 1
    assert bench.receipt() == ["suno refused", "suno refused", "suno done"]
    assert bench.outcomes == [("suno", "provider_rate_limited")] * 2 + [("suno", "ok")]


def test_an_order_gives_up_when_suno_asks_for_more_patience_than_there_is(
    suno: SunoSimulator, bench: Bench, brief: MusicBrief
) -> None:
    suno.faults.plan("generate", "429:600")
    with pytest.raises(ProviderBusy):
        composer(suno, bench).order(bench.context(), brief)


def test_a_service_that_is_not_there_costs_nothing(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    maker = composer(suno, bench, base_url="http://127.0.0.1:9/api", order_deadline_seconds=0.1)
    with pytest.raises(ProviderBusy) as caught:
        maker.order(bench.context(), brief)
    assert caught.value.code == "provider_unreachable"
    assert bench.receipt() == ["suno refused"]


@pytest.mark.parametrize(
    ("outcome", "error", "code"),
    [("error", ProviderBusy, "provider_song_failed"), ("moderation", ProviderRefused, "provider_content_refused")],
)
def test_a_clip_that_ends_in_an_error_says_so_with_its_type(
    suno: SunoSimulator, bench: Bench, brief: MusicBrief, outcome: str, error: type[ProviderError], code: str
) -> None:
    suno.faults.plan("clip", outcome)
    maker = composer(suno, bench)
    with pytest.raises(error) as caught:
        maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert caught.value.code == code
    assert "fail" in caught.value.message
    assert bench.receipt() == ["suno done!"]


def test_a_clip_that_never_completes_ends_at_the_deadline(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    suno.faults.plan("clip", "never")
    maker = composer(suno, bench, collect_deadline_seconds=1.5)
    with pytest.raises(ProviderBusy) as caught:
        maker.collect(bench.context(), maker.order(bench.context(), replace(brief, whole_song=True)))
    assert caught.value.code == "provider_timed_out"


def test_a_song_that_is_shorter_than_the_film_is_not_taken(
    suno: SunoSimulator, bench: Bench, brief: MusicBrief
) -> None:
    maker = composer(suno, bench)
    with pytest.raises(ProviderInvalidResponse) as caught:
        maker.collect(bench.context(), maker.order(bench.context(), replace(brief, length_seconds=60.0)))
    assert caught.value.code == "song_too_short"


def test_an_address_on_the_inside_is_not_followed(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    suno.faults.plan("clip", "http://169.254.169.254/latest/meta-data/")
    maker = composer(suno, bench)
    with pytest.raises(ProviderError) as caught:
        maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert caught.value.code == "unsafe_address"
    assert "169" not in caught.value.message


def test_a_refused_key_ends_the_wait(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    maker = composer(suno, bench, key="wrong")
    with pytest.raises(ProviderRefused):
        maker.collect(bench.context(), SongRequest(music_by="suno", brief=brief, reference="clip-1"))


def test_a_cancelled_task_stops_waiting_at_once(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    maker = composer(suno, bench)
    order = maker.order(bench.context(), brief)

    def cancel(fraction: float | None, note: str = "") -> None:
        raise TaskCancelled("stopped")

    with pytest.raises(TaskCancelled):
        maker.collect(a_context(bench.store, ledger=bench.ledger, report=cancel), order)
    assert suno.count("GET", "/api/v2/external/hackmit/clips") <= 1


def test_two_hundred_waiting_tasks_share_one_poll() -> None:
    polls: list[tuple[float, int]] = []
    interval = 0.1

    def fetch(ids: tuple[str, ...]) -> list[Clip]:
        polls.append((time.monotonic(), len(ids)))
        together = sum(count == 200 for _, count in polls)
        return [Clip(one, "complete" if together >= 3 else "queued") for one in ids]

    watch = ClipWatch(fetch, poll_seconds=interval)
    with ThreadPoolExecutor(200) as pool:
        waits = [
            pool.submit(watch.wait, a_context(), f"clip-{index}", lambda clip: clip.is_final, deadline_seconds=60.0)
            for index in range(200)
        ]
        assert {wait.result().status for wait in waits} == {"complete"}
    # One request at a time and never sooner than the interval: at the real five seconds that is twelve a minute.
    assert all(later - earlier >= interval * 0.99 for (earlier, _), (later, _) in pairwise(polls))
    assert POLL_SECONDS >= 60 / 12


def test_more_clips_than_one_request_holds_take_turns() -> None:
    asked: list[tuple[str, ...]] = []
    waiting: set[int] = set()
    everyone = threading.Event()

    def fetch(ids: tuple[str, ...]) -> list[Clip]:
        everyone.wait(DEADLINE_SECONDS)
        asked.append(ids)
        return [Clip(one, "complete") for one in ids]

    def wait(index: int) -> Clip:
        def report(fraction: float | None, note: str = "") -> None:
            waiting.add(index)
            if len(waiting) == 450:
                everyone.set()

        return watch.wait(a_context(report=report), f"clip-{index}", lambda clip: clip.is_final, deadline_seconds=60.0)

    watch = ClipWatch(fetch, poll_seconds=0.2)
    with ThreadPoolExecutor(450) as pool:
        waits = [pool.submit(wait, index) for index in range(450)]
        assert all(wait.result() for wait in waits)
    assert max(len(ids) for ids in asked) <= 200
    assert len(asked) <= 5


def test_the_poller_rests_when_nobody_waits_and_wakes_for_the_next() -> None:
    watch = ClipWatch(lambda ids: [Clip(one, "complete") for one in ids], poll_seconds=0.05)
    for _ in range(2):
        watch.wait(a_context(), "clip-1", lambda clip: clip.is_final, deadline_seconds=60.0)
        wait_until(
            lambda: not [thread for thread in threading.enumerate() if thread.name == "suno-clips"], "the poller rests"
        )


def test_the_poller_waits_as_long_as_suno_asks() -> None:
    polls: list[float] = []

    def fetch(ids: tuple[str, ...]) -> list[Clip]:
        polls.append(time.monotonic())
        if len(polls) == 1:
            raise ProviderBusy("later", provider="suno", retry_after_seconds=0.6)
        return [Clip(one, "complete") for one in ids]

    ClipWatch(fetch, poll_seconds=0.02).wait(a_context(), "clip-1", lambda clip: clip.is_final, deadline_seconds=60.0)
    assert polls[1] - polls[0] >= 0.6


def test_the_poller_survives_a_surprise() -> None:
    calls: list[int] = []

    def fetch(ids: tuple[str, ...]) -> list[Clip]:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("a surprise")
        return [Clip(one, "complete") for one in ids]

    assert ClipWatch(fetch, poll_seconds=0.02).wait(
        a_context(), "clip-1", lambda clip: clip.is_final, deadline_seconds=60.0
    )


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def rest(self, context: StageContext, seconds: float, note: str = "") -> None:
        self.now += seconds


def test_five_hundred_queued_orders_stay_within_sunos_limit_in_every_minute(
    bench: Bench, brief: MusicBrief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    database = Database(tmp_path)
    upgrade(database)
    made: list[float] = []

    def generate(self: SunoApi, body: dict[str, Any]) -> str:
        made.append(clock.now)
        return f"clip-{len(made)}"

    monkeypatch.setattr(suno_module, "rest", clock.rest)
    monkeypatch.setattr(SunoApi, "generate", generate)
    maker = SunoComposer(key=KEY, base_url="http://127.0.0.1:9", budget=SharedBudget(database, clock=clock))
    for index in range(500):
        maker.order(bench.context(f"task-{index}"), brief)
    assert len(made) == 500
    database.close()
    busiest = max(sum(start <= at < start + 60 for at in made) for start in made)
    assert 50 <= busiest <= 55


def test_every_request_takes_from_the_shared_budget(suno: SunoSimulator, bench: Bench, brief: MusicBrief) -> None:
    taken: list[tuple[str, int]] = []

    class Open:
        def take(self, name: str, per_minute: int) -> float:
            taken.append((name, per_minute))
            return 0.0

    maker = composer(suno, bench, budget=Open())
    maker.collect(bench.context(), maker.order(bench.context(), brief))
    polls = suno.count("GET", "/api/v2/external/hackmit/clips")
    assert taken.count(("suno.generate", 55)) == len(suno.paid) == 1
    assert polls <= taken.count(("suno.clips", 90)) == len(taken) - 1 <= polls + 1


def test_the_doctor_can_ask_without_paying(suno: SunoSimulator) -> None:
    assert check(KEY, suno.base_url)[0] is True
    good, sentence = check("wrong", suno.base_url)
    assert (good, "wrong" in sentence, "key" in sentence) == (False, False, True)
    assert check(KEY, "http://127.0.0.1:9")[0] is False
    assert suno.paid == []


def test_an_opening_that_begins_with_silence_is_read_on_until_a_whole_film_is_in_hand(
    bench: Bench, brief: MusicBrief
) -> None:
    pace = replace(LIVE_PACE, silent_seconds=4.0)
    with SunoSimulator(key=KEY, pace=pace, speed=SPEED) as vendor:
        maker = composer(vendor, bench)
        song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert song.length_seconds >= brief.length_seconds + 4.0 - 0.2
    assert judged(bench.context(), song).length_seconds >= brief.length_seconds - 0.2
