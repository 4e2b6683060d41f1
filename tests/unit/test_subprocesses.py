"""Heavy work happens in a child that reports, obeys limits, and never outlives its parent."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from tests.log_capture import captured_log
from tests.waiting import wait_until

from auratune.core.errors import AuraTuneError, InvalidPhoto, SubprocessFailed, TaskCancelled
from auratune.core.photo import Photo
from auratune.core.ports import Limits
from auratune.subprocesses import SubprocessPool
from auratune.subprocesses.folders import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS = "subprocess_jobs"
PHOTO = Photo(key="k", width_px=2, height_px=3, content_hash="aa", seed=1)


@pytest.fixture(autouse=True)
def _jobs_can_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.fixture(params=["spawned", "forked"])
def pool(request: pytest.FixtureRequest) -> Iterator[SubprocessPool]:
    """Both ways to start a child keep the same promises."""
    if request.param == "forked" and sys.platform != "linux":
        pytest.skip("only Linux forks children")
    with SubprocessPool(*([JOBS] if request.param == "forked" else [])) as pool:
        yield pool


def test_values_go_in_and_come_back_as_they_are(pool: SubprocessPool) -> None:
    assert pool.run(f"{JOBS}:enlarge", PHOTO, 3).width_px == 6


def test_progress_of_the_child_reaches_the_caller(pool: SubprocessPool) -> None:
    heard: list[tuple[float | None, str]] = []

    def note(fraction: float | None, text: str = "") -> None:
        heard.append((fraction, text))

    assert pool.run(f"{JOBS}:count", 4, report=note) == "counted"
    told = [entry for entry in heard if entry[0] is not None]
    assert told == [(0.25, "step 1"), (0.5, "step 2"), (0.75, "step 3"), (1.0, "step 4")]


def test_a_known_error_crosses_with_its_code(pool: SubprocessPool) -> None:
    with pytest.raises(InvalidPhoto) as caught:
        pool.run(f"{JOBS}:refuse")
    assert (caught.value.code, caught.value.message) == ("photo_too_dark", "Too dark to see.")


def test_an_unexpected_error_is_logged_whole_and_crosses_without_its_text(pool: SubprocessPool) -> None:
    with captured_log() as log, pytest.raises(AuraTuneError) as caught:
        pool.run(f"{JOBS}:stumble")
    assert caught.value.code == "internal_error"
    assert "canary" not in caught.value.message
    assert "/home" not in caught.value.message
    for part in (f"{JOBS}:stumble failed", "RuntimeError: *** in /home/someone", "subprocess_jobs.py", "in stumble"):
        assert part in log.getvalue()
    assert "canary" not in log.getvalue()


def test_a_child_that_dies_is_told_apart_and_may_be_tried_again(pool: SubprocessPool) -> None:
    with pytest.raises(SubprocessFailed) as caught:
        pool.run(f"{JOBS}:die")
    assert caught.value.code == "work_died"
    assert caught.value.retryable


@pytest.mark.parametrize("job", ["sleep_and_tell", "say_over_and_over"])
def test_a_child_that_takes_too_long_is_stopped_even_while_it_reports(
    pool: SubprocessPool, tmp_path: Path, job: str
) -> None:
    arguments = [str(tmp_path / "pid")] if job == "sleep_and_tell" else []
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(SubprocessFailed) as caught:
        pool.run(f"{JOBS}:{job}", *arguments, limits=Limits(wall_seconds=0.5))
    assert caught.value.code == "work_took_too_long"
    wait_until(lambda: set(psutil.Process().children(recursive=True)) <= before, "the child is gone")


def test_a_silent_child_that_does_nothing_is_stopped_and_may_be_tried_again(
    pool: SubprocessPool, tmp_path: Path
) -> None:
    with pytest.raises(SubprocessFailed) as caught:
        pool.run(f"{JOBS}:sleep_and_tell", str(tmp_path / "pid"), limits=Limits(silence_seconds=1.0))
    assert (caught.value.code, caught.value.retryable) == ("work_stalled", True)


def test_a_silent_child_that_works_is_left_alone() -> None:
    assert SubprocessPool().run(f"{JOBS}:work_in_silence", 6.0, limits=Limits(silence_seconds=4.0)) == "done"


def test_a_child_that_wants_too_much_memory_is_refused_it(pool: SubprocessPool) -> None:
    with pytest.raises(SubprocessFailed, match="memory"):
        pool.run(f"{JOBS}:eat_memory", limits=Limits(memory_mib=1024))


def test_cancelling_ends_the_child(pool: SubprocessPool, tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def stop(fraction: float | None, words: str = "") -> None:
        del fraction, words
        if note.exists() and note.read_text():
            raise TaskCancelled("stopped")

    with pytest.raises(TaskCancelled):
        pool.run(f"{JOBS}:sleep_and_tell", str(note), report=stop)
    wait_until(lambda: ended(int(note.read_text())), "the child is gone")


def test_a_child_sees_no_key_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNO_API_KEY", "canary")
    for modules in ([], [JOBS]):
        with SubprocessPool(*modules) as pool:
            assert "SUNO_API_KEY" not in pool.run(f"{JOBS}:environment")


def test_a_child_works_at_low_priority(pool: SubprocessPool) -> None:
    assert pool.run(f"{JOBS}:priority") >= min(19, os.nice(0) + 10)


@pytest.mark.parametrize("modules", ["", repr(JOBS)])
def test_a_child_dies_with_its_parent(tmp_path: Path, modules: str) -> None:
    note = tmp_path / "pid"
    job = f"'{JOBS}:sleep_and_tell', {str(note)!r}"
    program = f"from auratune.subprocesses import SubprocessPool; SubprocessPool({modules}).run({job})"
    parent = subprocess.Popen([sys.executable, "-c", program])
    wait_until(lambda: note.exists() and note.read_text(), "the child works")
    child = int(note.read_text())
    template = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    for process in (child, *(each.pid for each in template)):
        wait_until(lambda process=process: ended(process), "the child has ended")  # type: ignore[misc]


def command(process: psutil.Process) -> list[str]:
    """A process's command; empty when it has just ended, as others of this test run may."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def ended(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_a_killed_child_left_in_its_temporary_folder_is_removed(
    pool: SubprocessPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(SubprocessFailed):
        pool.run(f"{JOBS}:leave_files_and_die")
    assert list(tmp_path.iterdir()) == []


def test_temporary_folders_of_a_killed_parent_are_removed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os\n"
        "from auratune.subprocesses.folders import temporary_folder\n"
        "with temporary_folder() as folder:\n"
        "    (folder / 'half.mp4').write_text('half')\n"
        "    print(folder, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (Path(killed.stdout.strip()) / "half.mp4").exists()
    with temporary_folder() as in_use, SubprocessPool():
        assert list(tmp_path.iterdir()) == [in_use]


def test_nor_do_they_stay_when_the_number_of_that_parent_is_given_to_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary_folder() as before:
        an_hour_before_us = psutil.Process().create_time() - 3600
        os.utime(before, (an_hour_before_us, an_hour_before_us))
        with SubprocessPool():
            assert not before.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks children")
def test_a_forked_child_has_what_its_template_imported_and_a_dead_template_is_replaced() -> None:
    with SubprocessPool("fractions", JOBS) as pool:
        assert "fractions" in pool.run(f"{JOBS}:loaded_modules")
        template = next(
            each for each in psutil.Process().children() if "auratune.subprocesses.template" in "".join(command(each))
        )
        template.kill()
        for _ in range(2):
            assert pool.run(f"{JOBS}:enlarge", PHOTO, 2).width_px == 4
        assert "fractions" in pool.run(f"{JOBS}:loaded_modules")


def test_file_names_that_are_not_utf_8_reach_the_child(pool: SubprocessPool) -> None:
    assert pool.run(f"{JOBS}:size_of", "\udcff.jpg") == 5
