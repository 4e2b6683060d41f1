"""A photo that was answered for is on disk, queued, and becomes a film; the same one only once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.waiting import DEADLINE_SECONDS

from auratune.core.errors import (
    DiskFull,
    InvalidOption,
    InvalidPhoto,
    QueueFull,
    ServiceBusy,
    SubprocessFailed,
    TaskConflict,
)
from auratune.core.options import Options
from auratune.core.task import Stage, Status
from auratune.subprocesses import SubprocessPool
from auratune.tasks import submission

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver

OWNER = "alice"


def test_a_photo_becomes_a_film_with_everything_about_it(real_driver: ServiceDriver) -> None:
    task = real_driver.finished(filename="IMG 7.jpg")
    assert (task.stage, task.progress, task.message) == (Stage.FINISHED, 100, "Your film is ready.")
    assert (task.title, task.caption, task.style) == ("Low Sun", "Hills under a warm sky.", "golden")
    assert task.lyrics == "The hills keep the light\n\nStay a while"
    assert (task.words_by, task.music_by, task.notices, task.receipt) == ("quick", "quick", (), ())
    assert (task.width_px, task.duration_seconds, task.size_bytes) == (320, 6.0, 40)
    assert task.filename == "Low Sun.mp4"
    assert task.eta_seconds is None
    assert real_driver.outcomes == ["done"]
    assert real_driver.stages == ["observe", "write", "order", "compose", "listen", "plan", "render"]


def test_only_what_belongs_to_the_film_is_left_in_the_folder(driver: ServiceDriver) -> None:
    task = driver.finished()
    names = {"photo.jpg", "song.mp3", "soundtrack.mp3", "film.mp4", "poster.jpg"}
    assert driver.names(task.task_id) == names
    assert len(driver.files()) == len(names)


def test_an_upload_is_answered_while_another_task_still_runs(real_driver: ServiceDriver) -> None:
    go_on = threading.Event()
    real_driver.behaviour.tell = lambda stage: go_on.wait(DEADLINE_SECONDS)
    running = real_driver.submit(seed=1)
    real_driver.submit(seed=2)
    assert not real_driver.service.find(running, OWNER).status.is_final
    go_on.set()


def test_the_same_photo_again_is_the_same_task(driver: ServiceDriver) -> None:
    first = driver.submit()
    again = driver.service.submit(driver.upload())
    assert (again.task_id, again.duplicate) == (first, True)
    assert driver.service.page(OWNER).total_count == 1


def test_another_owner_or_an_express_wish_makes_a_new_task_of_the_same_photo(driver: ServiceDriver) -> None:
    first = driver.submit()
    assert driver.submit(owner="bob") != first
    assert driver.submit(allow_duplicate=True) != first


def test_the_same_photo_with_other_options_is_another_task(driver: ServiceDriver) -> None:
    plain = driver.submit()
    noir = driver.submit(options=Options(style="noir"))
    assert noir != plain
    assert driver.submit(options=Options(style="noir")) == noir
    assert driver.submit() == plain
    assert driver.service.page(OWNER).total_count == 2


def test_a_photo_sent_again_is_the_same_task_after_a_retry_with_other_music(driver: ServiceDriver) -> None:
    first = driver.finished().task_id
    driver.service.retry(first, OWNER, music="suno")
    driver.wait(first)
    assert driver.submit() == first


def test_a_photo_sent_again_after_ten_minutes_is_a_new_task(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = driver.submit()
    monkeypatch.setattr(submission, "_SAME_PHOTO_WITHIN", submission._SAME_PHOTO_WITHIN * 0)
    assert driver.submit() != first


def test_a_photo_sent_again_after_a_failure_is_tried_anew(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.RENDER] = [ValueError("a fault of ours")]
    failed = driver.wait(driver.submit())
    assert failed.status is Status.ERROR
    assert driver.submit() != failed.task_id


def test_eight_glasses_sending_the_same_bytes_at_once_make_one_task(real_driver: ServiceDriver) -> None:
    real_driver.open()
    uploads = [real_driver.upload() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(real_driver.service.submit, uploads))
    assert len({answer.task_id for answer in answers}) == 1
    assert [answer.duplicate for answer in answers].count(False) == 1
    real_driver.wait(answers[0].task_id)
    assert len([name for name in real_driver.files() if name.endswith("photo.jpg")]) == 1


def test_an_idempotency_key_gives_the_same_answer_and_refuses_another_body(driver: ServiceDriver) -> None:
    first = driver.submit(seed=1, idempotency_key="k")
    assert driver.service.submit(driver.upload(seed=1, idempotency_key="k", allow_duplicate=True)).task_id == first
    with pytest.raises(InvalidOption) as reused:
        driver.submit(seed=2, idempotency_key="k")
    assert reused.value.code == "idempotency_key_reused"
    with pytest.raises(InvalidOption):
        driver.submit(seed=1, idempotency_key="k", options=Options(style="noir"))
    assert driver.submit(seed=2, idempotency_key="k", owner="bob")


def test_an_idempotency_key_that_is_being_answered_is_a_conflict(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = driver.open()
    decoding, go_on = threading.Event(), threading.Event()
    real = SubprocessPool.run

    def slow(*args: object, **options: object) -> object:
        decoding.set()
        go_on.wait(DEADLINE_SECONDS)
        return real(*args, **options)

    monkeypatch.setattr(SubprocessPool, "run", slow)
    upload = driver.upload(idempotency_key="k")
    thread = threading.Thread(target=service.submit, args=(upload,))
    thread.start()
    assert decoding.wait(DEADLINE_SECONDS), "the first photo is decoded"
    with pytest.raises(TaskConflict) as caught:
        service.submit(driver.upload(idempotency_key="k"))
    go_on.set()
    thread.join()
    assert caught.value.code == "idempotency_key_in_flight"


def test_a_bad_photo_leaves_no_task_and_no_file(real_driver: ServiceDriver) -> None:
    real_driver.open()
    upload = real_driver.upload()
    Path(upload.path).write_bytes(b"this is not a picture")
    with pytest.raises(InvalidPhoto):
        real_driver.service.submit(upload)
    assert real_driver.service.page(OWNER).total_count == 0
    assert real_driver.files() == set()


def test_uploads_that_nobody_accepted_before_a_crash_are_cleared_at_the_start(driver: ServiceDriver) -> None:
    left = Path(driver.upload().path)
    driver.open()
    assert not left.exists()


def test_no_more_is_taken_than_the_disk_and_the_queue_bear(driver: ServiceDriver) -> None:
    driver.open(most_waiting=0)
    with pytest.raises(QueueFull, match="wait already") as full:
        driver.submit()
    assert full.value.retry_after_seconds > 0
    driver.open(least_free_bytes=1 << 60)
    with pytest.raises(DiskFull, match="disk"):
        driver.submit()
    assert not driver.service.health()["can_work"]
    assert driver.files() == set()


def test_row_and_workflow_are_written_together_or_not_at_all(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = driver.open()

    def broken(*args: object) -> None:
        raise RuntimeError("the workflow could not be queued")

    monkeypatch.setattr(service._engine, "enqueue", broken)
    with pytest.raises(RuntimeError):
        driver.submit()
    assert driver.service.page(OWNER).total_count == 0
    assert driver.files() == set()


def test_a_photo_that_is_not_read_in_time_is_the_machines_fault_and_tried_once(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def too_slow(pool: SubprocessPool, function: str, *arguments: object, **options: object) -> None:
        tries.append(function)
        raise SubprocessFailed("Too slow.", code="work_took_too_long")

    monkeypatch.setattr(SubprocessPool, "run", too_slow)
    with pytest.raises(ServiceBusy):
        driver.submit()
    assert len(tries) == 1
