"""The paid path through the whole service, against stand-ins for the vendors: what comes out, and what was paid.

One fault of each stage is tried here; `test_matrix` and `make chaos` try all kinds at the adapters.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.pipeline.service import FILM_SECONDS, RunningService
from tests.simulators.claude import ClaudeSimulator
from tests.simulators.elevenlabs import ElevenLabsSimulator
from tests.simulators.suno import Pace, SunoSimulator
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.xdist_group("paid path")  # one service for all tests
KEYS = {"CLAUDE_API_KEY": "canary-claude", "SUNO_API_KEY": "canary-suno", "ELEVENLABS_API_KEY": "canary-eleven"}
PACE = Pace(
    answer_seconds=0.3, streaming_after_seconds=1.0, complete_after_seconds=3.0, song_seconds=20.0, times_real_time=10.0
)


@dataclass
class PaidService:
    """The service and its vendors, for all tests of this module."""

    service: RunningService
    claude: ClaudeSimulator
    suno: SunoSimulator
    elevenlabs: ElevenLabsSimulator

    def finished(self, task_id: str) -> dict[str, Any]:
        self.service.wait_for(task_id, "done", "error")
        return dict(self.service.ask("GET", f"/photos/{task_id}")[1])

    @property
    def paid(self) -> tuple[int, int, int]:
        """How many calls Claude, Suno and ElevenLabs were paid for since the test began."""
        return len(self.claude.paid), len(self.suno.paid), len(self.elevenlabs.paid)


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaidService]:
    with (
        ClaudeSimulator(key=KEYS["CLAUDE_API_KEY"], answer_seconds=0.3) as claude,
        SunoSimulator(key=KEYS["SUNO_API_KEY"], pace=PACE) as suno,
        ElevenLabsSimulator(key=KEYS["ELEVENLABS_API_KEY"], answer_seconds=0.3) as elevenlabs,
    ):
        addresses = {
            "ANTHROPIC_BASE_URL": claude.base_url,
            "SUNO_BASE_URL": suno.base_url,
            "ELEVENLABS_BASE_URL": elevenlabs.base_url,
            "COMPOSERS": "suno,elevenlabs,embedded",
        }
        service = RunningService(tmp_path_factory.mktemp("paid"), KEYS | addresses | {"LOG_LEVEL": "DEBUG"})
        service.start()
        yield PaidService(service, claude, suno, elevenlabs)
        service.stop()


@pytest.fixture
def running(_running: PaidService) -> PaidService:
    for vendor in (_running.claude, _running.suno, _running.elevenlabs):
        vendor.paid.clear()
        vendor.faults.clear()
    return _running


@pytest.fixture
def photo(photo_file: Callable[..., Path], request: pytest.FixtureRequest) -> Path:
    """A photo that no other test sends: the same one again would be the same task."""
    return photo_file(640, 480, seed=zlib.crc32(request.node.name.encode()))


def test_one_photo_costs_one_call_and_one_song_and_says_who_made_what(running: PaidService, photo: Path) -> None:
    film = running.finished(running.service.upload(photo))
    assert (film["status"], film["words_by"], film["music_by"], film["notices"]) == ("done", "claude", "suno", [])
    assert running.paid == (1, 1, 0)
    assert sorted((call["vendor"], call["state"]) for call in film["receipt"]) == [("claude", "done"), ("suno", "done")]


def test_a_first_cut_can_be_watched_before_the_song_is_there_and_kept_as_the_film(
    running: PaidService, photo: Path
) -> None:
    # The best part of a song is chosen from all of it, which never comes.
    running.suno.faults.plan("clip", "never")
    service, task_id = running.service, running.service.upload(photo, "excerpt=best")

    def status() -> dict[str, Any]:
        return dict(service.ask("GET", f"/photos/{task_id}/status")[1])

    # It takes only the CPU time that nobody else wants, so on a busy machine it may take minutes.
    wait_until(lambda: status()["first_cut"], "the first cut is there", seconds=FILM_SECONDS)
    assert status()["status"] == "generating"
    first_cut = service.film(task_id)
    assert first_cut[4:8] == b"ftyp"
    kept = service.ask("POST", f"/photos/{task_id}/cancel")[1]
    assert (kept["status"], kept["music_by"], kept["first_cut"]) == ("done", "embedded", False)
    assert service.film(task_id) == first_cut
    assert running.paid == (1, 1, 0)


@pytest.mark.parametrize(
    ("route", "fault", "music_by", "songs_paid"),
    [
        ("generate", "reset_after", "elevenlabs", 1),
        ("clip", "error", "embedded", 1),
        ("stream", "drop", "suno", 1),
    ],
)
def test_a_vendor_that_fails_never_costs_a_film_or_a_second_song(
    running: PaidService, photo: Path, route: str, fault: str, music_by: str, songs_paid: int
) -> None:
    running.suno.faults.plan(route, fault)
    film = running.finished(running.service.upload(photo))
    assert (film["status"], film["music_by"]) == ("done", music_by)
    assert len(running.suno.paid) == songs_paid
    assert bool(film["notices"]) == (music_by != "suno")


@pytest.mark.slow
def test_a_film_that_fell_back_can_be_given_the_song_that_was_wanted(running: PaidService, photo: Path) -> None:
    running.suno.faults.plan("generate", "401")
    task_id = running.service.upload(photo)
    assert running.finished(task_id)["music_by"] == "elevenlabs"
    body = json.dumps({"music": "suno"}).encode()
    assert running.service.ask("POST", f"/photos/{task_id}/retry", body, "application/json")[0] == 200
    film = running.finished(task_id)
    assert (film["status"], film["music_by"]) == ("done", "suno")
    assert running.paid[:2] == (1, 1), "only what follows the song is made again"


@pytest.mark.slow
def test_killed_while_the_song_is_ordered_it_still_makes_a_film_and_pays_once(
    running: PaidService, photo: Path
) -> None:
    task_id = running.service.upload(photo)
    wait_until(lambda: running.suno.paid, "the song is ordered", seconds=FILM_SECONDS)
    running.service.kill()
    running.service.start()
    film = running.finished(task_id)
    assert film["status"] == "done"
    assert running.paid[:2] == (1, 1)


@pytest.mark.slow
def test_no_key_is_written_anywhere(running: PaidService, photo: Path) -> None:
    running.suno.faults.plan("clips", "500")
    running.finished(running.service.upload(photo))
    metrics_and_health = json.dumps(running.service.ask("GET", "/health")[1])
    written = _written(running.service.folder)
    assert written[running.service.log]
    for secret in KEYS.values():
        assert secret not in metrics_and_health
        assert [path.name for path, content in written.items() if secret.encode() in content] == []


def _written(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder, each read once: the service may be removing some."""
    found: dict[Path, bytes] = {}
    for parent, _, names in os.walk(folder):
        for path in (Path(parent) / name for name in names):
            with contextlib.suppress(FileNotFoundError):
                found[path] = path.read_bytes()
    return found
