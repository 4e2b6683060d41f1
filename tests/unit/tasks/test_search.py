"""Words are found by their beginnings, the same on every database, and a search never takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from auratune.core.errors import ServiceBusy
from auratune.core.options import Options
from auratune.core.task import Stage, TaskFilter
from auratune.tasks import queries
from auratune.tasks.schema.tables import search_entries
from auratune.tasks.schema.words import words_of

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver

OWNER = "alice"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Café del MAR, café!", ["cafe", "del", "mar"]),
        ("rain_day 100%", ["rain", "day", "100"]),
        ("Straße ﬁlm", ["strasse", "film"]),
        ("夕日の海 sea", ["夕", "日", "の", "海", "sea"]),
        ("바다 노래", ["바다", "노래"]),
        ("\x00'\":*() – ☀️", []),
    ],
)
def test_words_have_no_case_no_accents_and_no_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_search_finds_words_by_their_beginnings_on_every_database(driver: ServiceDriver) -> None:
    driver.behaviour.failures[Stage.ANALYZE] = [RuntimeError("no film is needed here")] * 3
    sea = driver.submit(seed=1, options=Options(title="Été au bord de la mer"))
    han = driver.submit(seed=2, options=Options(title="夕日の海"))
    driver.submit(seed=3, owner="bob", options=Options(title="Mer de glace"))

    def found(query: str) -> set[str]:
        return {task.task_id for task in driver.service.page(OWNER, TaskFilter(query=query)).tasks}

    assert found("ete mer") == found("ÉT") == found("bord m") == {sea}
    assert found("海") == found("夕日") == {han}
    assert found("glace") == found("er") == found("%") == found("'\":*") == found("mer & | ! -bord NEAR OR") == set()
    # However much is asked for, no more than some words are looked up.
    assert found("mer " * 50) == {sea}
    assert found(" ".join(chr(97 + n % 26) * (n % 7 + 1) for n in range(200))) == set()
    driver.service.delete(sea, OWNER)
    assert found("mer") == set()
    entries = driver.service._database.read(
        lambda it: it.scalar(sa.select(sa.func.count()).select_from(search_entries))
    )
    assert entries == 2


def test_words_of_the_song_are_found_once_it_is_written(driver: ServiceDriver) -> None:
    task = driver.finished()
    assert driver.service.page(OWNER, TaskFilter(query="keep the light")).total_count == 1
    assert driver.service.page(OWNER, TaskFilter(query="warm sky stay")).tasks[0].task_id == task.task_id


def test_a_search_that_takes_too_long_is_broken_off(driver: ServiceDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_LONGEST_SEARCH_SECONDS", 0.2)

    def endless(connection: sa.Connection, *_: object, **__: object) -> None:
        connection.execute(
            sa.text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
        )

    monkeypatch.setattr(queries.listing, "page", endless)
    with pytest.raises(ServiceBusy) as caught:
        driver.service.page(OWNER)
    assert (caught.value.code, caught.value.retryable) == ("search_too_slow", False)
    # The connection is as good as before.
    assert driver.service.counts().total == 0
