"""ACE-Step: a song from a server of one's own; free, so it is asked again, and fetched from that server only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.simulators.acestep import AceStepSimulator
from tests.simulators.server import Answer, Asked, told
from tests.unit.providers.conftest import Bench

from auratune.core.errors import AuraTuneError, ProviderInvalidResponse, TaskCancelled
from auratune.core.song import Song
from auratune.core.treatment import MusicBrief
from auratune.providers.acestep.composer import NOTICE, AceStepComposer, check


@pytest.fixture
def server() -> Iterator[AceStepSimulator]:
    with AceStepSimulator(song_seconds=0.2) as simulator:
        yield simulator


def composer(server: AceStepSimulator, bench: Bench, **options: Any) -> AceStepComposer:
    given = {"base_url": server.base_url, "poll_seconds": 0.05, "deadline_seconds": 20.0, "on_request": bench.heard}
    return AceStepComposer(**(given | options))


def made(server: AceStepSimulator, bench: Bench, brief: MusicBrief, **options: Any) -> Song:
    maker = composer(server, bench, **options)
    return maker.collect(bench.context(), maker.order(bench.context(), brief))


def test_the_song_is_as_long_as_the_film_and_its_lines_are_estimated(
    server: AceStepSimulator, bench: Bench, brief: MusicBrief
) -> None:
    song = made(server, bench, brief)
    assert song.length_seconds == pytest.approx(10.0, abs=0.1)
    assert [line.text for line in song.lines] == [line.text for line in brief.lyrics]
    assert (song.timing, song.notices) == ("none", (NOTICE,))
    assert bench.receipt() == []
    order = server.orders[0]
    assert (order["batch_size"], order["seed"], order["audio_format"]) == (1, 7, "mp3")
    assert order["lyrics"].startswith("[Verse]")


def test_an_instrumental_asks_for_no_words(server: AceStepSimulator, bench: Bench, brief: MusicBrief) -> None:
    song = made(server, bench, replace(brief, instrumental=True))
    assert (server.orders[0]["lyrics"], song.lines, song.notices) == ("[Instrumental]", (), ())


@pytest.mark.parametrize("fault", ["forgotten", "404"])
def test_a_song_that_the_server_forgot_is_ordered_again(
    server: AceStepSimulator, bench: Bench, brief: MusicBrief, fault: str
) -> None:
    server.faults.plan("query", fault)
    assert made(server, bench, brief).music_by == "acestep"
    assert len(server.orders) == 2


def test_a_server_that_always_forgets_is_given_up(server: AceStepSimulator, bench: Bench, brief: MusicBrief) -> None:
    server.faults.plan("query", "forgotten", times=20)
    with pytest.raises(AuraTuneError, match="forgotten"):
        made(server, bench, brief)
    assert len(server.orders) <= 4


@pytest.mark.parametrize(
    ("route", "fault", "code"),
    [
        ("release", "400", "provider_request_refused"),
        ("release", "401", "provider_key_refused"),
        ("query", "failed", "provider_song_failed"),
        ("query", "elsewhere", "unsafe_address"),
        ("query", "bad_result", "provider_made_no_sense"),
        ("audio", "html_200", "song_not_audio"),
        ("audio", "empty_200", "song_not_audio"),
        ("audio", "404", "provider_request_refused"),
    ],
)
def test_every_failure_is_told_apart(
    server: AceStepSimulator, bench: Bench, brief: MusicBrief, route: str, fault: str, code: str
) -> None:
    server.faults.plan(route, fault)
    with pytest.raises(AuraTuneError) as caught:
        made(server, bench, brief)
    assert caught.value.code == code


class BehindProxy(AceStepSimulator):
    """A server that its callers reach under `/acestep`, which it does not know of itself."""

    async def handle(self, asked: Asked) -> Answer:
        if not asked.path.startswith("/acestep/"):
            return told({"detail": "no such service"}, 404)
        return await super().handle(replace(asked, path=asked.path.removeprefix("/acestep")))


def test_a_server_behind_a_proxy_is_asked_for_its_files_there_too(bench: Bench, brief: MusicBrief) -> None:
    with BehindProxy(song_seconds=0.2) as server:
        assert made(server, bench, brief, base_url=f"{server.base_url}/acestep").music_by == "acestep"


@pytest.mark.parametrize("path", ["http://[::1", "//127.0.0.1:9/x", "http://127.0.0.1@evil/x", "..\\x"])
def test_a_file_that_is_not_on_the_server_is_not_fetched(path: str) -> None:
    maker = AceStepComposer(base_url="http://127.0.0.1:8001")
    with pytest.raises(ProviderInvalidResponse) as caught:
        maker._checked(path)
    assert caught.value.code == "unsafe_address"


def test_cancelling_ends_the_wait(bench: Bench, brief: MusicBrief) -> None:
    def cancel(fraction: float | None, note: str = "") -> None:
        raise TaskCancelled("stopped")

    with AceStepSimulator(song_seconds=3600) as server:
        maker = composer(server, bench)
        order = maker.order(bench.context(), brief)
        with pytest.raises(TaskCancelled):
            maker.collect(replace(bench.context(), report=cancel), order)


def test_the_doctor_can_ask(server: AceStepSimulator) -> None:
    assert check(server.base_url) == (True, "ACE-Step answers")
    assert "reached" in check("http://127.0.0.1:9")[1]
    assert check(f"{server.base_url}/v1") == (
        False,
        "ACE-Step does not know what was asked for; check its address in the settings.",
    )
    with AceStepSimulator(key="a-key") as locked:
        assert check(locked.base_url, "a-key")[0]
        assert not check(locked.base_url)[0]
