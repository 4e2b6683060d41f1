"""`kill -9` at any moment: the next start finishes every task, without a new upload and without paying again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.recovery.chaos import Chaos
from tests.recovery.quick_service import QuickService
from tests.recovery.song_vendor import SongVendor, SunoVendor
from tests.waiting import wait_until

from auratune.core.task import Stage, Status
from auratune.tasks.database import Database
from auratune.tasks.task_table import look_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auratune.core.task import Task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def vendor() -> Iterator[SongVendor]:
    vendor = SongVendor()
    yield vendor
    vendor.close()


def _begun(service: QuickService) -> list[str]:
    return [line.removeprefix("stage ") for line in service.heard if line.startswith("stage ")]


def _before(stages: list[Stage], stage: Stage) -> list[Stage]:
    return stages[: stages.index(stage)]


def _row(folder: Path, task_id: str) -> Task:
    database = Database(folder)
    record = database.read(lambda connection: look_up(connection, task_id))
    database.close()
    assert record is not None
    return record.task


@pytest.mark.slow
def test_a_film_whose_service_is_killed_in_every_stage_is_finished_and_no_finished_stage_runs_again(
    folder: Path, vendor: SongVendor
) -> None:
    stages = [stage for stage in Stage if stage not in {Stage.QUEUED, Stage.FINISHED}]
    task_id = ""
    for stage in stages:
        with QuickService(folder, vendor.url, seconds=0.0, kind=f"hold={stage}") as service:
            task_id = task_id or service.submit(seed=1)
            service.wait_for(f"stage {stage}")
            assert _begun(service) == [*_before(stages, stage)[-1:], stage]
        assert not _row(folder, task_id).status.is_final
    with QuickService(folder, vendor.url, seconds=0.0) as service:
        service.wait_for("ended done")
        assert _begun(service) == stages[-1:]
    task = _row(folder, task_id)
    assert (task.status, task.progress) == (Status.DONE, 100)
    assert vendor.sold[task_id] == 1
    assert not list(folder.glob("*/.draft-*"))


def test_a_service_killed_after_the_sale_and_before_the_answer_does_not_buy_again_and_keeps_its_first_cut(
    folder: Path,
) -> None:
    vendor = SongVendor(answers_after_seconds=60.0)
    with QuickService(folder, vendor.url, seconds=0.0, kind="first-cut") as service:
        task_id = service.submit(seed=1)
        wait_until(lambda: vendor.sold[task_id], "the song is sold")
        wait_until(lambda: _row(folder, task_id).first_cut, "the first cut is in sight")
    with QuickService(folder, vendor.url, seconds=0.0, kind="first-cut") as service:
        service.wait_for("ended done")
        assert "stage first-cut-order" not in service.heard
    vendor.close()
    task = _row(folder, task_id)
    assert vendor.sold[task_id] == 1
    assert (task.music_by, task.notices) == ("quick", ("Nobody knows whether the song was ordered.",))


@pytest.mark.slow
def test_killed_before_and_after_a_first_cut_is_in_sight_it_is_made_once_more_at_most_and_replaced_by_the_paid_song(
    folder: Path, vendor: SongVendor
) -> None:
    with QuickService(folder, vendor.url, seconds=0.0, kind="first-cut,hold=compose,hold=first-cut-render") as service:
        task_id = service.submit(seed=1)
        service.wait_for("stage first-cut-render")
        wait_until(lambda: _row(folder, task_id).stage is Stage.COMPOSE, "the song is waited for")
    assert not _row(folder, task_id).first_cut
    with QuickService(folder, vendor.url, seconds=0.0, kind="first-cut,hold=compose"):
        wait_until(lambda: _row(folder, task_id).first_cut, "the first cut is in sight")
    assert _row(folder, task_id).first_cut
    with QuickService(folder, vendor.url, seconds=0.0, kind="first-cut") as service:
        service.wait_for("ended done")
        assert "stage first-cut-order" not in service.heard
    task = _row(folder, task_id)
    assert (task.status, task.music_by, task.first_cut, task.notices) == (Status.DONE, "suno", False, ())
    assert vendor.sold[task_id] == 1
    assert not list(folder.rglob("*first-cut*/*"))


@pytest.mark.slow
def test_a_photo_whose_answer_went_out_is_never_lost(folder: Path, vendor: SongVendor) -> None:
    sent: list[str] = []
    for seed in range(3):
        with QuickService(folder, vendor.url, seconds=0.0) as service:
            sent.append(service.submit(seed))
    with QuickService(folder, vendor.url, seconds=0.0):
        wait_until(lambda: all(_row(folder, task_id).status.is_final for task_id in sent), "all have ended")
    assert {_row(folder, task_id).status for task_id in sent} == {Status.DONE}
    assert set(vendor.sold.values()) == {1}


@pytest.mark.slow
def test_killed_again_and_again_no_task_is_lost_and_no_song_is_paid_twice(tmp_path: Path) -> None:
    result = Chaos(tmp_path / "chaos", runs=3, seed=5).go()
    assert result.is_good, result.table()
    assert result.kills >= 3


@pytest.mark.slow
def test_the_real_composer_pays_for_no_song_twice_either(tmp_path: Path) -> None:
    result = Chaos(tmp_path / "chaos", runs=2, seed=3, vendor=SunoVendor()).go()
    assert result.is_good, result.table()
    assert result.paid > 0
