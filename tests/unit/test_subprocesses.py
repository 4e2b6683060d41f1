"""Heavy work happens in a child that reports, obeys limits, and never outlives its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.waiting import wait_until

from auratune.core.errors import AuraTuneError, InvalidPhoto, SubprocessFailed, TaskCancelled
from auratune.core.photo import Photo
from auratune.core.ports import Limits
from auratune.subprocesses import SubprocessPool

JOBS = "subprocess_jobs"
PHOTO = Photo(key="k", width_px=2, height_px=3, content_hash="aa", seed=1)


@pytest.fixture(autouse=True)
def _jobs_can_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def test_values_go_in_and_come_back_as_they_are() -> None:
    assert SubprocessPool().run(f"{JOBS}:enlarge", PHOTO, 3).width_px == 6


def test_progress_of_the_child_reaches_the_caller() -> None:
    heard: list[tuple[float | None, str]] = []

    def note(fraction: float | None, text: str = "") -> None:
        heard.append((fraction, text))

    assert SubprocessPool().run(f"{JOBS}:count", 4, report=note) == "counted"
    told = [entry for entry in heard if entry[0] is not None]
    assert told == [(0.25, "step 1"), (0.5, "step 2"), (0.75, "step 3"), (1.0, "step 4")]


def test_a_known_error_crosses_with_its_code() -> None:
    with pytest.raises(InvalidPhoto) as caught:
        SubprocessPool().run(f"{JOBS}:refuse")
    assert (caught.value.code, caught.value.message) == ("photo_too_dark", "Too dark to see.")


def test_an_unknown_error_crosses_without_its_text() -> None:
    with pytest.raises(AuraTuneError) as caught:
        SubprocessPool().run(f"{JOBS}:stumble")
    assert "secret" not in caught.value.message
    assert "/home" not in caught.value.message


def test_a_child_that_dies_is_told_apart_and_may_be_tried_again() -> None:
    with pytest.raises(SubprocessFailed) as caught:
        SubprocessPool().run(f"{JOBS}:die")
    assert caught.value.code == "work_died"
    assert caught.value.retryable


def test_a_child_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    before = psutil.Process().children()
    with pytest.raises(SubprocessFailed) as caught:
        SubprocessPool().run(f"{JOBS}:sleep_and_tell", str(tmp_path / "pid"), limits=Limits(wall_seconds=0.5))
    assert caught.value.code == "work_took_too_long"
    assert psutil.Process().children() == before


def test_a_child_that_wants_too_much_memory_is_refused_it() -> None:
    with pytest.raises(SubprocessFailed, match="memory"):
        SubprocessPool().run(f"{JOBS}:eat_memory", limits=Limits(memory_mib=1024))


def test_cancelling_ends_the_child(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def stop(fraction: float | None, words: str = "") -> None:
        del fraction, words
        if note.exists() and note.read_text():
            raise TaskCancelled("stopped")

    with pytest.raises(TaskCancelled):
        SubprocessPool().run(f"{JOBS}:sleep_and_tell", str(note), report=stop)
    assert not psutil.pid_exists(int(note.read_text()))


def test_a_child_sees_no_key_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNO_API_KEY", "canary")
    assert "SUNO_API_KEY" not in SubprocessPool().run(f"{JOBS}:environment")


def test_a_child_works_at_low_priority() -> None:
    assert SubprocessPool().run(f"{JOBS}:priority") >= min(19, os.nice(0) + 10)


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = f"from auratune import subprocesses as s; s.SubprocessPool().run('{JOBS}:sleep_and_tell', {str(note)!r})"
    parent = subprocess.Popen([sys.executable, "-c", program])
    wait_until(lambda: note.exists() and note.read_text(), "the child works")
    child = int(note.read_text())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: ended(child), "the child has ended")


def ended(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_warm_child_serves_the_next_call_and_another_takes_its_place() -> None:
    pool = SubprocessPool()
    try:
        pool.keep_warm(f"{JOBS}:enlarge")
        assert pool.run(f"{JOBS}:enlarge", PHOTO, 2).width_px == 4
        assert pool.run(f"{JOBS}:enlarge", PHOTO, 5).width_px == 10
    finally:
        pool.close()
