"""While a task runs its progress is told, its failures are tried again where that helps, and its owner can stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.log_capture import captured_log
from tests.waiting import wait_until

from auratune.core.errors import (
    InvalidSong,
    ProviderBusy,
    ProviderRefused,
    SubprocessFailed,
    TaskConflict,
    TaskNotFound,
)
from auratune.core.task import PaidState, Stage, Status
from auratune.tasks import attempts, eta, run, task_table
from auratune.tasks import service as desk_module
from auratune.tasks.ledger import DatabaseLedger

if TYPE_CHECKING:
    import sqlalchemy as sa
    from tests.unit.tasks.conftest import ServiceDriver

OWNER = "alice"


@pytest.fixture(autouse=True)
def _no_waiting_between_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "wait_before", lambda attempt, asked_seconds: 0.0)


def test_progress_and_status_only_go_forward_and_are_told_in_order(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 0.6
    task_id = driver.submit()
    driver.wait(task_id)
    events = driver.service.events_after(0, task_id=task_id)
    progress = [event.progress for event in events]
    assert progress == sorted(progress)
    assert [event.sequence for event in events] == sorted({event.sequence for event in events})
    order = ["uploaded", "generating", "converting", "merging", "done"]
    ranks = [order.index(event.status) for event in events]
    assert ranks == sorted(ranks)
    assert set(ranks) >= {0, 1, 2, 4}
    assert all(event.owner == OWNER and event.message for event in events)


def test_progress_is_written_at_most_twice_a_second(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 0.8
    task_id = driver.submit()
    driver.wait(task_id)
    events = driver.service.events_after(0, task_id=task_id)
    seconds = (events[-1].at - events[0].at).total_seconds()
    stages_and_ends = 9
    assert stages_and_ends < len(events) <= 2 * seconds + stages_and_ends


def test_a_running_task_says_how_long_it_will_take(driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eta, "_LEARNS_EVERY_SECONDS", 0.0)
    driver.behaviour.seconds = 0.1
    go_on = driver.held(Stage.ANALYZE)
    begun = driver.service.find(driver.submit(), OWNER)
    assert not begun.status.is_final
    assert begun.eta_seconds is not None
    assert begun.eta_seconds > 20
    go_on.set()
    driver.wait(begun.task_id)
    driver.held(Stage.ANALYZE)
    after_experience = driver.service.find(driver.submit(seed=5), OWNER)
    assert after_experience.eta_seconds is not None
    assert after_experience.eta_seconds < begun.eta_seconds


def test_details_show_what_every_stage_left_behind(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 0.05
    task = driver.finished()
    details = driver.service.details(task.task_id, OWNER)
    assert details.scene is not None
    assert details.treatment is not None
    assert details.beats is not None
    assert details.storyboard is not None
    assert (details.scene.seen_by, details.beats.tempo_bpm, details.storyboard.look) == ("quick", 120, "golden")
    assert set(details.stage_seconds) == {"observe", "write", "order", "compose", "listen", "plan", "render"}
    assert all(0.04 < seconds < 40 for seconds in details.stage_seconds.values())
    assert details.events[0].status is Status.UPLOADED


def test_a_stage_that_may_work_later_is_tried_again(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.RENDER] = [SubprocessFailed("A child died.")]
    task = driver.finished()
    assert driver.behaviour.count(Stage.RENDER) == 2
    assert driver.behaviour.count(Stage.COMPOSE) == 1
    assert task.error_code == ""


def test_it_is_not_tried_for_ever(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.COMPOSE] = [SubprocessFailed("A child died.")] * 9
    task = driver.wait(driver.submit())
    assert (task.status, task.error_code, task.retryable) == (Status.ERROR, "work_failed", True)
    assert driver.behaviour.count(Stage.COMPOSE) == 3
    wait_until(lambda: driver.outcomes == ["error"], "the outcome is told")


def test_an_error_that_stays_is_not_tried_again_and_says_what_to_do(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.ANALYZE] = [ProviderRefused("The key is wrong; mend it.", provider="claude")]
    task = driver.wait(driver.submit())
    assert (task.status, task.error_code, task.retryable) == (Status.ERROR, "provider_refused", False)
    assert task.error_message == task.message == "The key is wrong; mend it."
    assert driver.behaviour.count(Stage.ANALYZE) == 1


def test_a_paid_stage_is_not_repeated_while_a_call_may_have_been_paid(driver: ServiceDriver) -> None:
    service = driver.open()
    driver.behaviour.failures[Stage.ORDER] = [ProviderBusy("Busy.")] * 5

    def leave_an_intent(line: str) -> None:
        if line == Stage.ORDER and driver.behaviour.count(Stage.ORDER) == 1:
            task_id = service.page(OWNER).tasks[0].task_id
            DatabaseLedger(service._database).open(task_id, "suno", "music", "hash")

    driver.behaviour.tell = leave_an_intent
    task = driver.wait(driver.submit())
    assert driver.behaviour.count(Stage.ORDER) == 1
    assert task.error_code == "provider_busy"
    assert [call.state for call in task.receipt] == [PaidState.INTENT]


def test_a_fault_of_ours_is_told_without_its_inner_text(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.LISTEN] = [ValueError("/secret/path sk-123")]
    task = driver.wait(driver.submit())
    assert (task.status, task.error_code) == (Status.ERROR, "internal_error")
    assert "secret" not in task.message
    assert "sk-123" not in str(driver.service.details(task.task_id, OWNER))


def test_a_stage_that_takes_too_long_is_ended(driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    driver.behaviour.seconds = 30
    monkeypatch.setitem(
        run.STAGE_POLICIES, Stage.ANALYZE, replace(run.STAGE_POLICIES[Stage.ANALYZE], deadline_seconds=0.2)
    )
    task = driver.wait(driver.submit())
    assert task.error_code == "stage_took_too_long"


@pytest.mark.parametrize("stage", [Stage.ANALYZE, Stage.COMPOSE, Stage.RENDER])
def test_a_stopped_task_ends_at_its_next_report_and_leaves_its_slot(driver: ServiceDriver, stage: Stage) -> None:
    driver.open(slots=1)
    driver.held(stage)
    task_id = driver.submit(seed=1)
    driver.wait_for_stage(stage)
    stopped = driver.service.cancel(task_id, OWNER)
    assert (stopped.status, stopped.message) == (Status.CANCELLED, "You stopped this film.")
    driver.wait_for_run(task_id)
    driver.behaviour.held.clear()
    driver.finished(seed=2)
    assert driver.service.find(task_id, OWNER).status is Status.CANCELLED
    assert driver.outcomes == ["cancelled", "done"]


def test_the_last_word_on_a_task_stands_whatever_its_run_still_says(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    task_id = driver.submit()
    driver.service.cancel(task_id, OWNER)
    before = driver.service.details(task_id, OWNER)
    database = driver.service._database
    late = task_table.fence(task_id, 1, "")
    assert not database.write(lambda it: attempts.finish(it, task_id, 1, "", keep_sources=True))
    assert not database.write(lambda it: attempts.fail(it, late, task_id, SubprocessFailed("Too late.")))
    assert not database.write(lambda it: attempts.cancel(it, task_id))
    assert not database.write(lambda it: task_table.change(it, late, {"message": "late"}))
    assert driver.service.details(task_id, OWNER) == before
    assert driver.outcomes == ["cancelled"]


def test_a_waiting_task_that_was_stopped_never_starts(driver: ServiceDriver) -> None:
    driver.open(slots=1)
    go_on = driver.held(Stage.ANALYZE)
    first, second = driver.submit(seed=1), driver.submit(seed=2)
    driver.service.cancel(second, OWNER)
    go_on.set()
    driver.wait(first)
    driver.finished(seed=3)
    assert driver.behaviour.count(Stage.ANALYZE) == 2
    assert driver.service.find(second, OWNER).status is Status.CANCELLED


def test_stopping_twice_is_fine_and_stopping_a_finished_film_is_not(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    task_id = driver.submit(seed=1)
    driver.service.cancel(task_id, OWNER)
    assert driver.service.cancel(task_id, OWNER).status is Status.CANCELLED
    driver.behaviour.seconds = 0
    done = driver.finished(seed=2)
    with pytest.raises(TaskConflict):
        driver.service.cancel(done.task_id, OWNER)


def test_a_film_that_was_stopped_a_moment_before_it_was_done_can_be_tried_again(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = attempts.finish

    def too_late(connection: sa.Connection, task_id: str, *given: Any, **options: Any) -> bool:
        attempts.cancel(connection, task_id)
        return real(connection, task_id, *given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(attempts, "finish", too_late)
        task_id = driver.submit()
        assert driver.wait(task_id).status is Status.CANCELLED
        driver.wait_for_run(task_id)
    driver.service.retry(task_id, OWNER)
    assert driver.wait(task_id).status is Status.DONE


def test_at_most_so_many_run_at_once(driver: ServiceDriver) -> None:
    driver.open(slots=2)
    driver.behaviour.seconds = 0.15
    for seed in range(5):
        driver.submit(seed=seed)
    active: list[int] = []

    def all_done() -> bool:
        active.append(driver.service.counts().active)
        return driver.outcomes == ["done"] * 5

    wait_until(all_done, "all five films are done")
    assert max(active) == 2


def test_removing_a_running_task_stops_it_and_leaves_nothing(driver: ServiceDriver) -> None:
    driver.held(Stage.RENDER)
    task_id = driver.submit()
    driver.wait_for_stage(Stage.RENDER)
    workflow_id = driver.workflow_id(task_id)
    driver.service.delete(task_id, OWNER)
    with pytest.raises(TaskNotFound):
        driver.service.find(task_id, OWNER)
    driver.wait_for_run(task_id)
    assert driver.files() == set()
    driver.behaviour.held.clear()
    driver.finished(seed=2)
    assert not [name for name in driver.files() if task_id in name]
    assert driver.service.events_after(0, task_id=task_id) == ()
    # What the engine still knows of it has ended, so nobody takes it up again.
    engine = driver.service._engine
    wait_until(lambda: engine.outcomes([workflow_id]) == {workflow_id: "SUCCESS"}, "the engine is through with it")


def test_a_stage_that_hears_nothing_is_left_behind_and_may_not_run_beside_its_next_round(
    driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "_INTERRUPT_SECONDS", 0.1)
    go_on = driver.deaf(Stage.COMPOSE)
    stuck = driver.submit(seed=1)
    driver.wait_for_stage(Stage.COMPOSE)
    assert driver.service.cancel(stuck, OWNER).status is Status.CANCELLED
    with pytest.raises(TaskConflict) as caught:
        driver.service.retry(stuck, OWNER)
    assert (caught.value.code, caught.value.retryable) == ("task_still_stopping", True)
    driver.service.delete(stuck, OWNER)
    go_on.set()
    driver.wait_for_run(stuck)
    driver.finished(seed=2)
    assert not [name for name in driver.files() if stuck in name]


def test_closing_in_the_middle_keeps_the_task_for_the_next_start(driver: ServiceDriver) -> None:
    driver.held(Stage.COMPOSE)
    task_id = driver.submit()
    driver.wait_for_stage(Stage.COMPOSE)
    driver.close()
    assert driver.behaviour.count(Stage.LISTEN) == 0
    driver.behaviour.held.clear()
    driver.open()
    assert driver.wait(task_id).status is Status.DONE
    assert driver.behaviour.count(Stage.ANALYZE) == 1
    assert driver.behaviour.count(Stage.COMPOSE) == 2


def test_an_unfit_song_is_an_error_of_the_task_and_not_of_the_service(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.LISTEN] = [InvalidSong("The song cannot be used.")]
    assert driver.wait(driver.submit(seed=1)).error_code == "bad_song"
    assert driver.finished(seed=2).status is Status.DONE


def test_an_unexpected_error_in_a_stage_is_logged_whole_and_reveals_nothing_to_the_owner(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.LISTEN] = [KeyError("canary-0123456789 in /srv/films")]
    with captured_log() as log:
        task = driver.wait(driver.submit())
    assert (task.status, task.error_code) == (Status.ERROR, "internal_error")
    assert "canary" not in task.error_message
    assert "/srv" not in task.error_message
    assert "KeyError" not in task.error_message
    for part in ("KeyError: '*** in /srv/films'", "quick_providers.py", "line ", f"task_id={task.task_id}"):
        assert part in log.getvalue()
    assert "canary" not in log.getvalue()
