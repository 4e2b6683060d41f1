"""Progress and status of a task follow from which stage it is in."""

from __future__ import annotations

from itertools import pairwise

from auratune.core.task import MERGING_FROM, STAGE_SPANS, Stage, Status, progress_of, status_of


def test_stages_follow_one_another_without_a_gap() -> None:
    assert list(STAGE_SPANS) == list(Stage)
    for (_, end), (start, _) in pairwise(STAGE_SPANS.values()):
        assert end == start


def test_progress_never_falls_from_stage_to_stage_and_is_100_only_at_its_end() -> None:
    seen = [progress_of(stage, fraction / 10) for stage in Stage for fraction in range(11)]
    assert seen == sorted(seen)
    assert progress_of(Stage.RENDER, 1.0) == 99
    assert progress_of(Stage.FINISHED, 0.0) == 100


def test_a_fraction_outside_0_to_1_stays_in_its_stage() -> None:
    assert progress_of(Stage.COMPOSE, -3.0) == STAGE_SPANS[Stage.COMPOSE][0]
    assert progress_of(Stage.COMPOSE, 7.0) == STAGE_SPANS[Stage.COMPOSE][1]


def test_clients_of_the_first_version_see_the_words_they_know() -> None:
    assert status_of(Stage.QUEUED) is Status.UPLOADED
    assert status_of(Stage.COMPOSE, 0.5) is Status.GENERATING
    assert status_of(Stage.RENDER, 0.5) is Status.CONVERTING
    assert status_of(Stage.RENDER, MERGING_FROM) is Status.MERGING
    assert status_of(Stage.FINISHED) is Status.DONE


def test_only_done_error_and_cancelled_are_final() -> None:
    assert {status for status in Status if status.is_final} == {Status.DONE, Status.ERROR, Status.CANCELLED}
