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
    from tests.unit.tasks.conftest import House

OWNER = "alice"


def test_a_photo_becomes_a_film_with_everything_about_it(real_house: House) -> None:
    task = real_house.finished(filename="IMG 7.jpg")
    assert (task.stage, task.progress, task.message) == (Stage.FINISHED, 100, "Your film is ready.")
    assert (task.title, task.caption, task.style) == ("Low Sun", "Hills under a warm sky.", "golden")
    assert task.lyrics == "The hills keep the light\n\nStay a while"
    assert (task.words_by, task.music_by, task.notices, task.receipt) == ("quick", "quick", (), ())
    assert (task.width_px, task.duration_seconds, task.size_bytes) == (320, 6.0, 40)
    assert task.filename == "Low Sun.mp4"
    assert task.eta_seconds is None
    assert real_house.outcomes == ["done"]
    assert real_house.stages == ["observe", "write", "order", "compose", "listen", "plan", "render"]


def test_only_what_belongs_to_the_film_is_left_in_the_folder(house: House) -> None:
    task = house.finished()
    names = {"photo.jpg", "song.mp3", "soundtrack.mp3", "film.mp4", "poster.jpg"}
    assert house.names(task.task_id) == names
    assert len(house.files()) == len(names)


def test_an_upload_is_answered_while_another_task_still_runs(real_house: House) -> None:
    go_on = threading.Event()
    real_house.play.tell = lambda stage: go_on.wait(DEADLINE_SECONDS)
    running = real_house.submit(seed=1)
    real_house.submit(seed=2)
    assert not real_house.service.find(running, OWNER).status.is_final
    go_on.set()


def test_the_same_photo_again_is_the_same_task(house: House) -> None:
    first = house.submit()
    again = house.service.submit(house.upload())
    assert (again.task_id, again.duplicate) == (first, True)
    assert house.service.page(OWNER).total_count == 1


def test_another_owner_or_an_express_wish_makes_a_new_task_of_the_same_photo(house: House) -> None:
    first = house.submit()
    assert house.submit(owner="bob") != first
    assert house.submit(allow_duplicate=True) != first


def test_the_same_photo_with_other_options_is_another_task(house: House) -> None:
    plain = house.submit()
    noir = house.submit(options=Options(style="noir"))
    assert noir != plain
    assert house.submit(options=Options(style="noir")) == noir
    assert house.submit() == plain
    assert house.service.page(OWNER).total_count == 2


def test_a_photo_sent_again_is_the_same_task_after_a_retry_with_other_music(house: House) -> None:
    first = house.finished().task_id
    house.service.retry(first, OWNER, music="suno")
    house.wait(first)
    assert house.submit() == first


def test_a_photo_sent_again_after_ten_minutes_is_a_new_task(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first = house.submit()
    monkeypatch.setattr(submission, "_SAME_PHOTO_WITHIN", submission._SAME_PHOTO_WITHIN * 0)
    assert house.submit() != first


def test_a_photo_sent_again_after_a_failure_is_tried_anew(house: House) -> None:
    house.play.failures[Stage.RENDER] = [ValueError("a fault of ours")]
    failed = house.wait(house.submit())
    assert failed.status is Status.ERROR
    assert house.submit() != failed.task_id


def test_eight_glasses_sending_the_same_bytes_at_once_make_one_task(real_house: House) -> None:
    real_house.open()
    uploads = [real_house.upload() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(real_house.service.submit, uploads))
    assert len({answer.task_id for answer in answers}) == 1
    assert [answer.duplicate for answer in answers].count(False) == 1
    real_house.wait(answers[0].task_id)
    assert len([name for name in real_house.files() if name.endswith("photo.jpg")]) == 1


def test_an_idempotency_key_gives_the_same_answer_and_refuses_another_body(house: House) -> None:
    first = house.submit(seed=1, idempotency_key="k")
    assert house.service.submit(house.upload(seed=1, idempotency_key="k", allow_duplicate=True)).task_id == first
    with pytest.raises(InvalidOption) as reused:
        house.submit(seed=2, idempotency_key="k")
    assert reused.value.code == "idempotency_key_reused"
    with pytest.raises(InvalidOption):
        house.submit(seed=1, idempotency_key="k", options=Options(style="noir"))
    assert house.submit(seed=2, idempotency_key="k", owner="bob")


def test_an_idempotency_key_that_is_being_answered_is_a_conflict(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    service = house.open()
    decoding, go_on = threading.Event(), threading.Event()
    real = SubprocessPool.run

    def slow(*args: object, **options: object) -> object:
        decoding.set()
        go_on.wait(10)
        return real(*args, **options)

    monkeypatch.setattr(SubprocessPool, "run", slow)
    upload = house.upload(idempotency_key="k")
    thread = threading.Thread(target=service.submit, args=(upload,))
    thread.start()
    decoding.wait(10)
    with pytest.raises(TaskConflict) as caught:
        service.submit(house.upload(idempotency_key="k"))
    go_on.set()
    thread.join()
    assert caught.value.code == "idempotency_key_in_flight"


def test_a_bad_photo_leaves_no_task_and_no_file(real_house: House) -> None:
    real_house.open()
    upload = real_house.upload()
    Path(upload.path).write_bytes(b"this is not a picture")
    with pytest.raises(InvalidPhoto):
        real_house.service.submit(upload)
    assert real_house.service.page(OWNER).total_count == 0
    assert real_house.files() == set()


def test_uploads_that_nobody_accepted_before_a_crash_are_cleared_at_the_start(house: House) -> None:
    left = Path(house.upload().path)
    house.open()
    assert not left.exists()


def test_no_more_is_taken_than_the_disk_and_the_queue_bear(house: House) -> None:
    house.open(most_waiting=0)
    with pytest.raises(QueueFull, match="wait already") as full:
        house.submit()
    assert full.value.retry_after_seconds > 0
    house.open(least_free_bytes=1 << 60)
    with pytest.raises(DiskFull, match="disk"):
        house.submit()
    assert not house.service.health()["can_work"]
    assert house.files() == set()


def test_row_and_workflow_are_written_together_or_not_at_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    service = house.open()

    def broken(*args: object) -> None:
        raise RuntimeError("the workflow could not be queued")

    monkeypatch.setattr(service._engine, "enqueue", broken)
    with pytest.raises(RuntimeError):
        house.submit()
    assert house.service.page(OWNER).total_count == 0
    assert house.files() == set()


def test_a_photo_that_is_not_read_in_time_is_the_machines_fault_and_tried_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def too_slow(pool: SubprocessPool, function: str, *arguments: object, **options: object) -> None:
        tries.append(function)
        raise SubprocessFailed("Too slow.", code="work_took_too_long")

    monkeypatch.setattr(SubprocessPool, "run", too_slow)
    with pytest.raises(ServiceBusy):
        house.submit()
    assert len(tries) == 1
