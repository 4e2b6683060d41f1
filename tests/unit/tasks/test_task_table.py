"""An owner sees their own tasks, page by page, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from auratune.core.errors import InvalidOption, TaskConflict, TaskNotFound
from auratune.core.options import Options
from auratune.core.task import Status, TaskFilter
from auratune.tasks.task_table import readable_name

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver

OWNER = "alice"


def test_tasks_come_newest_first_in_pages_that_neither_repeat_nor_skip(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    sent = [driver.submit(seed=seed) for seed in range(5)]
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = driver.service.page(OWNER, limit=2, cursor=cursor)
        seen += [task.task_id for task in page.tasks]
        assert page.total_count == 5
        cursor = page.next_cursor
        driver.submit(seed=10 + len(seen), owner="bob")
    assert seen == sent[::-1]
    assert cursor == ""


def test_another_owner_finds_nothing(driver: ServiceDriver) -> None:
    task = driver.finished()
    for ask in (
        lambda: driver.service.find(task.task_id, "bob"),
        lambda: driver.service.find(task.task_id, ""),
        lambda: driver.service.details(task.task_id, "bob"),
        lambda: driver.service.cancel(task.task_id, "bob"),
        lambda: driver.service.retry(task.task_id, "bob", music="suno"),
        lambda: driver.service.remake(task.task_id, "bob", Options()),
        lambda: driver.service.delete(task.task_id, "bob"),
        lambda: driver.service.film_key(task.task_id, "bob", "film"),
        lambda: driver.service.find("no-such-task", OWNER),
    ):
        with pytest.raises(TaskNotFound):
            ask()
    assert driver.service.page("bob").tasks == ()
    assert driver.service.events_after(0, owner="bob") == ()
    assert driver.service.find(task.task_id, OWNER).status is Status.DONE


def test_tasks_can_be_searched_and_narrowed(driver: ServiceDriver) -> None:
    one = driver.finished(seed=1, options=Options(title="100% Rain_day"))
    two = driver.finished(seed=2)

    def found(**options: str) -> set[str]:
        page = driver.service.page(OWNER, TaskFilter(**options))
        assert page.total_count == len(page.tasks)
        return {task.task_id for task in page.tasks}

    assert found(query="rain_day") == {one.task_id}
    assert found(query="100%") == {one.task_id}
    assert found(query="hills") == {one.task_id, two.task_id}
    assert found(query="LOW sun") == {two.task_id}
    assert found(query="hills rain") == {one.task_id}
    assert found(query="_____") == set()
    assert found(status="done") == {one.task_id, two.task_id}
    assert found(status="error") == set()
    assert found(look="golden") == {one.task_id, two.task_id}
    assert found(look="g_lden") == found(look="noir") == set()
    assert found(maker="quick") == {one.task_id, two.task_id}
    assert found(maker="suno") == set()
    # The month may turn between two films.
    months = {f"{task.created_at:%Y-%m}" for task in (one, two)}
    assert set().union(*(found(month=month) for month in months)) == {one.task_id, two.task_id}
    assert one.task_id in found(month=f"{one.created_at:%Y-%m}")
    assert found(month="1999-12") == set()
    everything = driver.service.page(OWNER)
    assert (everything.total_bytes, everything.oldest_at) == (80, one.created_at)


@pytest.mark.parametrize("month", ["2026", "2026-13", "May", "9999-12", "-1-1"])
def test_a_month_that_does_not_exist_is_refused(driver: ServiceDriver, month: str) -> None:
    with pytest.raises(InvalidOption):
        driver.service.page(OWNER, TaskFilter(month=month))


ZERO_BYTE = "MTcwMDAwMDAwMDAwMDAwMC5hAGI"  # a time and `a\\0b`, which Postgres cannot compare


@pytest.mark.parametrize("cursor", ["x", "AAAA", "....", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwLmE", ZERO_BYTE])
def test_a_cursor_that_was_never_given_out_is_refused(driver: ServiceDriver, cursor: str) -> None:
    with pytest.raises(InvalidOption):
        driver.service.page(OWNER, cursor=cursor)


def test_a_status_that_does_not_exist_is_refused(driver: ServiceDriver) -> None:
    with pytest.raises(InvalidOption):
        driver.service.page(OWNER, TaskFilter(status="finished"))


def test_keys_are_given_for_finished_films_only(driver: ServiceDriver) -> None:
    driver.behaviour.seconds = 20
    running = driver.submit(seed=1)
    with pytest.raises(TaskConflict) as caught:
        driver.service.film_key(running, OWNER, "film")
    assert caught.value.code == "task_not_finished"
    driver.service.cancel(running, OWNER)
    driver.behaviour.seconds = 0
    task = driver.finished(seed=2)
    keys = [driver.service.film_key(task.task_id, OWNER, kind) for kind in ("film", "poster", "soundtrack")]
    assert [key.rsplit("/", 1)[1] for key in keys] == ["film.mp4", "poster.jpg", "soundtrack.mp3"]
    assert all(key.startswith(f"tasks/{task.task_id}/1/") for key in keys)
    for without_words in ("captions", "lrc", "nonsense"):
        with pytest.raises(TaskNotFound):
            driver.service.film_key(task.task_id, OWNER, without_words)


@pytest.mark.parametrize(
    ("title", "upload", "name"),
    [
        ("Low Sun", "IMG_1.jpg", "Low Sun.mp4"),
        ("", "C:\\photos\\IMG_1.jpg", "IMG_1.mp4"),
        ("", "../../etc/passwd", "passwd.mp4"),
        ('A/B: "C"\r\nX', "", "A B C X.mp4"),
        ("Свет над морем", "", "Свет над морем.mp4"),
        ("…", "", "AuraTune 2026-01-02 03-04.mp4"),
        ("x" * 300, "", "x" * 80 + ".mp4"),
    ],
)
def test_a_film_has_a_name_that_people_and_file_systems_can_read(title: str, upload: str, name: str) -> None:
    assert readable_name(title, upload, datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == name


def test_health_says_how_things_stand(driver: ServiceDriver) -> None:
    driver.finished()
    health = driver.service.health()
    assert (health["database"], health["engine"], health["queue_depth"]) == ("ok", "running", 0)
    assert health["can_work"]
    service = driver.service
    driver.close()
    assert not service.health()["can_work"]
